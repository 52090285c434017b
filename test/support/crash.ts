import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findFreePort } from "../../src/dev/local-receiver.ts";
import { RelayClient } from "../../src/dev/relay-client.ts";

const DEV = join(fileURLToPath(import.meta.url), "../../../src/dev/dev.ts");
const OPERATOR_TOKEN = "test-operator-token";
const READY_MS_MAX = 90_000;
const READY_POLL_MS = 100;

/** A relay as `npm run dev` starts it, in a process group of its own, that can be killed without notice and started again on the same state. */
export type CrashingRelay = {
  origin: string;
  operator: RelayClient;
  /** Resolves when it can accept an event. */
  start(): Promise<void>;
  /** `kill -9` of all its processes at the same moment. */
  kill(): Promise<void>;
  close(): Promise<void>;
};

export async function prepareCrashingRelay(): Promise<CrashingRelay> {
  const port = await findFreePort();
  const stateDir = mkdtempSync(join(tmpdir(), "event-relay-crash-"));
  const origin = `http://127.0.0.1:${port}`;
  let child: ChildProcess | null = null;

  const kill = async (): Promise<void> => {
    const running = child;
    child = null;
    if (!running?.pid || running.exitCode !== null) return;
    const ended = new Promise((resolve) => running.once("exit", resolve));
    process.kill(-running.pid, "SIGKILL");
    await ended;
    await untilSilent(origin);
  };
  return {
    origin,
    operator: new RelayClient(origin, OPERATOR_TOKEN),
    start: async () => {
      const env = { PORT: String(port), RELAY_STATE_DIR: stateDir, RELAY_OPERATOR_TOKEN: OPERATOR_TOKEN };
      child = spawn(process.execPath, [DEV], { detached: true, stdio: "ignore", env: { ...process.env, ...env } });
      await untilReady(origin, child);
    },
    kill,
    close: async () => {
      await kill();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

const isReady = async (origin: string): Promise<boolean> =>
  (await fetch(`${origin}/healthz`).catch(() => null))?.ok ?? false;

async function untilReady(origin: string, child: ChildProcess): Promise<void> {
  for (const endMs = Date.now() + READY_MS_MAX; Date.now() < endMs; await poll()) {
    if (child.exitCode !== null) throw new Error(`the relay ended with code ${child.exitCode}`);
    if (await isReady(origin)) return;
  }
  throw new Error("the relay was not ready in time");
}

/** A killed process may hold its port for a moment. */
async function untilSilent(origin: string): Promise<void> {
  while (await isReady(origin)) await poll();
}

const poll = () => new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
