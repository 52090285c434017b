import { type LocalRelay, startLocalRelay } from "./local-relay.ts";

const port = Number(process.env.PORT ?? 8787);

try {
  const relay = await startLocalRelay({
    port,
    stateDir: process.env.RELAY_STATE_DIR ?? ".wrangler/state",
    operatorToken: process.env.RELAY_OPERATOR_TOKEN ?? "dev-operator-token",
    allowPrivateEndpoints: process.env.ALLOW_PRIVATE_ENDPOINTS !== "false",
    output: "all",
  });
  console.log(`event relay on ${relay.origin}`);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void end(relay));
} catch (error) {
  const { code } = error as { code?: string };
  console.error(code === "ERR_ADDRESS_IN_USE" ? `port ${port} is in use; PORT chooses another` : error);
  process.exitCode = 1;
}

async function end(relay: LocalRelay): Promise<void> {
  await relay.stop();
  process.exit();
}
