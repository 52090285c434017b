import { startLocalRelay } from "./local-relay.ts";

const relay = await startLocalRelay({
  port: Number(process.env.PORT ?? 8787),
  stateDir: process.env.RELAY_STATE_DIR ?? ".wrangler/state",
  operatorToken: process.env.RELAY_OPERATOR_TOKEN ?? "dev-operator-token",
  allowPrivateEndpoints: process.env.ALLOW_PRIVATE_ENDPOINTS !== "false",
  output: "all",
});
console.log(`event relay on ${relay.origin}`);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void relay.stop(signal));
