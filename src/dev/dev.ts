import { type LocalRelay, startLocalRelay } from "./local-relay.ts";

const PARENT_POLL_MS = 1_000;

const port = Number(process.env.PORT || 8787);

try {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error(`PORT is no port: ${process.env.PORT}`);
  const relay = await startLocalRelay({
    port,
    stateDir: process.env.RELAY_STATE_DIR ?? ".wrangler/state",
    operatorToken: process.env.RELAY_OPERATOR_TOKEN ?? "dev-operator-token",
    allowPrivateEndpoints: process.env.ALLOW_PRIVATE_ENDPOINTS !== "false",
    onLine: (line, isError) => (isError ? console.error(line) : console.log(line)),
  });
  console.log(`event relay on ${relay.origin}`);
  // The relay's own API is in the directory from the first run on.
  void relay.runCron();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void relay.stop());
  endWithParent(relay);
} catch (error) {
  const { code } = error as { code?: string };
  console.error(code === "ERR_ADDRESS_IN_USE" ? `port ${port} is in use; PORT chooses another` : String(error));
  process.exitCode = 1;
}

/** npm hands a signal to its shell, which ends without telling anybody: whose parent is gone ends too. */
function endWithParent(relay: LocalRelay): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    void relay.stop();
  }, PARENT_POLL_MS);
  timer.unref();
}
