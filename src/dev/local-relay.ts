import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare, type V4WorkerOptions } from "miniflare";
import { buildWorker, migrateRegistry, RELAY, type RelayVars, relayWorker } from "./relay-worker.ts";

const CRON_MS = 60_000;

export type LocalRelayOptions = {
  port: number;
  /** Where D1 and the logs live; made where it is missing, kept where it is there. */
  stateDir: string;
  operatorToken: string;
  allowPrivateEndpoints: boolean;
  /** What it has otherwise than wrangler.toml says. */
  vars?: Partial<RelayVars>;
  /** The relay's bundle, where one is there already. */
  script?: string;
  /** Hears each line that the relay writes to its console. */
  onLine(line: string, isError: boolean): void;
};

export type LocalRelay = {
  origin: string;
  /** Runs what a deployed relay does each minute, without waiting for the minute. */
  runCron(): Promise<void>;
  /** Ends it and waits until it has ended. */
  stop(): Promise<void>;
};

/** Key that seals secrets in local state. A deployed relay has its own, as a Worker secret. */
const LOCAL_MASTER_KEY = "local-master-key-for-development-only";

/** Starts the relay in workerd on loopback, with the registry's migrations applied. Resolves when it can accept an event. */
export async function startLocalRelay(options: LocalRelayOptions): Promise<LocalRelay> {
  const stateDir = resolve(options.stateDir);
  const origin = `http://127.0.0.1:${options.port}`;
  mkdirSync(stateDir, { recursive: true });
  const script = options.script ?? (await buildWorker("src/worker.ts", join(stateDir, "bundle")));
  const worker = await relayWorker(script, options.port, {
    RELAY_ORIGIN: origin,
    ALLOW_PRIVATE_ENDPOINTS: String(options.allowPrivateEndpoints),
    RELAY_OPERATOR_TOKEN: options.operatorToken,
    RELAY_MASTER_KEY: LOCAL_MASTER_KEY,
    ...options.vars,
  });
  await migrateFirst(worker, stateDir, options);
  const miniflare = openRuntime(worker, stateDir, options);
  try {
    await miniflare.ready;
  } catch (error) {
    await miniflare.dispose();
    throw error;
  }
  const runCron = (): Promise<void> => pullCron(miniflare);
  const cron = setInterval(() => void runCron(), CRON_MS);
  const stop = (): Promise<void> => {
    clearInterval(cron);
    return miniflare.dispose();
  };
  return { origin, runCron, stop };
}

/** Nobody can reach the relay before its registry is there: the first runtime has no socket of its own. */
async function migrateFirst(worker: V4WorkerOptions, stateDir: string, options: LocalRelayOptions): Promise<void> {
  const { unsafeDirectSockets: _, ...unreachable } = worker;
  const miniflare = openRuntime(unreachable, stateDir, options);
  try {
    await migrateRegistry(miniflare);
  } finally {
    await miniflare.dispose();
  }
}

function openRuntime(worker: V4WorkerOptions, stateDir: string, { onLine }: LocalRelayOptions): Miniflare {
  return new Miniflare(
    convertV4MiniflareOptions({
      host: "127.0.0.1",
      port: 0,
      cf: false,
      log: new Log(LogLevel.ERROR),
      handleStructuredLogs: ({ level, message }) => onLine(message, level === "error"),
      resourcePersistencePath: stateDir,
      telemetry: { enabled: false },
      workers: [worker],
    }),
  );
}

/** A deployed relay has cron triggers; locally somebody has to pull them. */
async function pullCron(miniflare: Miniflare): Promise<void> {
  try {
    const worker = await miniflare.getWorker(RELAY);
    await worker.scheduled({ cron: "* * * * *" });
  } catch (error) {
    console.error(`the scheduled run failed: ${error}`);
  }
}
