import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { findFreePort } from "../../../src/dev/local-receiver.ts";

const ROOT = join(import.meta.dirname, "../../..");
const WRANGLER = join(dirname(createRequire(import.meta.url).resolve("wrangler/package.json")), "bin/wrangler.js");
const READY_MS_MAX = 120_000;
const END_MS_MAX = 30_000;
const POLL_MS = 200;
export const OPERATOR_TOKEN = "soak-operator-token";

/** The relay in `wrangler dev`, with a process group of its own and a state that outlives it. */
export type WranglerDev = {
  origin: string;
  /** Resolves when it can accept an event. */
  start(): Promise<void>;
  /** `kill -9` of all its processes at the same moment, or a request to end. Resolves when they have ended. */
  end(how: "SIGKILL" | "SIGTERM"): Promise<void>;
  close(): Promise<void>;
};

/** Prepares a relay with an empty registry. */
export async function prepareWranglerDev(): Promise<WranglerDev> {
  const port = await findFreePort();
  const inspectorPort = await findFreePort();
  const stateDir = mkdtempSync(join(tmpdir(), "event-relay-soak-"));
  const origin = `http://127.0.0.1:${port}`;
  const vars = { RELAY_ORIGIN: origin, ALLOW_PRIVATE_ENDPOINTS: "true", ENDPOINT_RESOLVER: "" };
  const dev = [
    ...["dev", "--env=", "--ip", "127.0.0.1", "--port", String(port), "--inspector-port", String(inspectorPort)],
    ...["--persist-to", stateDir, "--show-interactive-dev-session=false", "--log-level", "error"],
    ...Object.entries(vars).flatMap(([name, value]) => ["--var", `${name}:${value}`]),
  ];
  let child: ChildProcess | null = null;

  const end = async (how: "SIGKILL" | "SIGTERM"): Promise<void> => {
    const running = child;
    child = null;
    if (!running?.pid || running.exitCode !== null) return;
    const ended = new Promise((resolve) => running.once("exit", resolve));
    if (how === "SIGTERM") {
      running.kill("SIGTERM");
      await Promise.race([ended, sleep(END_MS_MAX)]);
    }
    // What wrangler has started, and left behind, ends with it.
    endGroup(running.pid);
    await ended;
    await until(async () => !(await isReady(origin)), END_MS_MAX, "the relay did not end");
  };
  await run(["d1", "migrations", "apply", "REGISTRY", "--env=", "--local", "--persist-to", stateDir]);
  return {
    origin,
    end,
    start: async () => {
      const started = spawnWrangler(dev, { detached: true });
      child = started;
      const hasStarted = async () => {
        if (started.exitCode !== null) throw new Error(`wrangler dev ended with code ${started.exitCode}`);
        return isReady(origin);
      };
      await until(hasStarted, READY_MS_MAX, "the relay was not ready in time");
    },
    close: async () => {
      await end("SIGKILL");
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

function spawnWrangler(args: string[], { detached }: { detached: boolean }): ChildProcess {
  const secrets = { RELAY_OPERATOR_TOKEN: OPERATOR_TOKEN, RELAY_MASTER_KEY: "soak-master-key" };
  const env = { ...process.env, ...secrets, CI: "true", WRANGLER_SEND_METRICS: "false", NO_UPDATE_NOTIFIER: "1" };
  return spawn(process.execPath, [WRANGLER, ...args], { cwd: ROOT, env, detached, stdio: "ignore" });
}

async function run(args: string[]): Promise<void> {
  const child = spawnWrangler(args, { detached: false });
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`wrangler ${args.join(" ")} ended with code ${code}`);
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

const isReady = async (origin: string): Promise<boolean> =>
  (await fetch(`${origin}/healthz`, { signal: AbortSignal.timeout(5_000) }).catch(() => null))?.ok ?? false;

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks until it is so; throws when it is not so in time. */
export async function until(isSo: () => Promise<boolean>, msMax: number, otherwise: string): Promise<void> {
  for (const endMs = Date.now() + msMax; !(await isSo()); await sleep(POLL_MS)) {
    if (Date.now() > endMs) throw new Error(otherwise);
  }
}
