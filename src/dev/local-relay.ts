import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const READY_MS_MAX = 60_000;
const READY_POLL_MS = 100;
const CRON_MS = 60_000;

export type LocalRelayOptions = {
  port: number;
  /** Where D1, the logs and the queues' state live; made where it is missing, kept where it is there. */
  stateDir: string;
  operatorToken: string;
  allowPrivateEndpoints: boolean;
  /** What wrangler and the relay print: all of it, or nothing but trouble. */
  output: "all" | "errors";
};

export type LocalRelay = {
  origin: string;
  /** Ends it and waits until it has ended. */
  stop(signal?: NodeJS.Signals): Promise<void>;
};

/** Key that seals secrets in local state. A deployed relay has its own, as a Worker secret. */
const LOCAL_MASTER_KEY = "local-master-key-for-development-only";

/** Starts the relay in workerd on loopback, with the registry's migrations applied. Resolves when it can accept an event. */
export async function startLocalRelay(options: LocalRelayOptions): Promise<LocalRelay> {
  mkdirSync(options.stateDir, { recursive: true });
  await runWrangler(["d1", "migrations", "apply", "REGISTRY", "--local", "--persist-to", options.stateDir]);
  const origin = `http://127.0.0.1:${options.port}`;
  const child = spawnWrangler(
    [
      ...["dev", "--ip", "127.0.0.1", "--port", String(options.port), "--persist-to", options.stateDir],
      ...["--test-scheduled", "--show-interactive-dev-session", "false"],
      ...["--log-level", options.output === "all" ? "log" : "error", "--inspector-port", "0"],
      ...["--var", `RELAY_ORIGIN:${origin}`],
      ...["--var", `ALLOW_PRIVATE_ENDPOINTS:${options.allowPrivateEndpoints}`],
      ...["--var", `RELAY_OPERATOR_TOKEN:${options.operatorToken}`],
      ...["--var", `RELAY_MASTER_KEY:${LOCAL_MASTER_KEY}`],
    ],
    options.output === "all" ? "inherit" : ["ignore", "ignore", "inherit"],
  );
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async (signal: NodeJS.Signals = "SIGTERM"): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await ended;
  };
  await untilReady(origin, child, stop);
  runCron(origin, ended);
  return { origin, stop };
}

/** wrangler stays in the caller's process group: whoever ends that ends all of the relay. */
function spawnWrangler(args: string[], stdio: "inherit" | ("ignore" | "inherit" | "pipe")[]): ChildProcess {
  const wrangler = join(dirname(createRequire(import.meta.url).resolve("wrangler/package.json")), "bin/wrangler.js");
  const env = { ...process.env, CI: "true", WRANGLER_SEND_METRICS: "false", NO_UPDATE_NOTIFIER: "1" };
  return spawn(process.execPath, [wrangler, ...args], { stdio, env });
}

async function runWrangler(args: string[]): Promise<void> {
  const child = spawnWrangler(args, ["ignore", "pipe", "pipe"]);
  let output = "";
  child.stdout?.on("data", (chunk) => (output += chunk));
  child.stderr?.on("data", (chunk) => (output += chunk));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`wrangler ${args.slice(0, 3).join(" ")} failed:\n${output}`);
}

async function untilReady(origin: string, child: ChildProcess, stop: () => Promise<void>): Promise<void> {
  const endMs = Date.now() + READY_MS_MAX;
  while (Date.now() < endMs) {
    if (child.exitCode !== null) throw new Error(`the relay ended with code ${child.exitCode} before it was ready`);
    const answer = await fetch(`${origin}/healthz`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
  }
  await stop();
  throw new Error(`the relay was not ready within ${READY_MS_MAX / 1000} s`);
}

/** A deployed relay has cron triggers; locally somebody has to pull them. */
function runCron(origin: string, ended: Promise<void>): void {
  const timer = setInterval(() => void fetch(`${origin}/__scheduled`).catch(() => {}), CRON_MS);
  timer.unref();
  ended.then(() => clearInterval(timer));
}
