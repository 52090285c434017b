import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  convertV4MiniflareOptions,
  Log,
  LogLevel,
  Miniflare,
  type MiniflareOptions,
  type V4WorkerOptions,
  type V4WorkerOptionsShape,
} from "miniflare";
import type { BilledOperations } from "./billing.ts";

const ROOT = join(import.meta.dirname, "../..");
const ENTRY = join(ROOT, "test/bench/counted-worker.ts");
const MIGRATIONS = join(ROOT, "src/registry/migrations");
const HOST = "127.0.0.1";

export const OPERATOR_TOKEN = "bench-operator-token";

/** The least that can be done for an event: one POST in, one POST out. Everything is compared with it. */
const BARE_WORKER = "export default { fetch: (request, env) => fetch(env.RECEIVER, request) };";

export type RuntimeOptions = {
  /** Where the bare Worker forwards to. */
  bareTarget: string;
  /** Lets a profiler in. */
  inspectorPort?: number;
};

/** A bare forwarding Worker and the relay, in one workerd, each behind a socket of its own. */
export type Runtime = {
  bareOrigin: string;
  relayOrigin: string;
  counts(): Promise<BilledOperations>;
  stop(): Promise<void>;
};

export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const dir = mkdtempSync(join(tmpdir(), "event-relay-bench-"));
  const cleanUp = (): void => rmSync(dir, { recursive: true, force: true });
  // A run that is cut off leaves nothing behind either: Miniflare ends the process in order when a signal comes.
  process.once("exit", cleanUp);
  let miniflare: Miniflare | null = null;
  try {
    await buildRelay(dir);
    miniflare = new Miniflare(await runtimeOptions(dir, options));
    const relayOrigin = (await miniflare.unsafeGetDirectURL("relay")).origin;
    const bareOrigin = (await miniflare.unsafeGetDirectURL("bare")).origin;
    await migrate(miniflare);
    const counts = async (): Promise<BilledOperations> =>
      (await fetch(`${relayOrigin}/bench/counts`)).json() as Promise<BilledOperations>;
    const running = miniflare;
    return { bareOrigin, relayOrigin, counts, stop: () => running.dispose().finally(cleanUp) };
  } catch (error) {
    await miniflare?.dispose().catch(() => {});
    cleanUp();
    throw error;
  }
}

/** Bundles the relay as a deployment would, around the entry that counts. */
async function buildRelay(dir: string): Promise<void> {
  const wrangler = join(dirname(createRequire(import.meta.url).resolve("wrangler/package.json")), "bin/wrangler.js");
  const env = { ...process.env, CI: "true", WRANGLER_SEND_METRICS: "false", NO_UPDATE_NOTIFIER: "1" };
  const args = [wrangler, "deploy", ENTRY, "--dry-run", "--outdir", dir];
  const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`the relay was not built:\n${output}`);
}

/** The relay logs a line for each publish and each lease; a bench shows nothing but what must not happen. */
function sayTrouble({ level, message }: { level: string; message: string }): void {
  if (level === "error" || message.includes('"what":"error"')) console.error(message);
}

/** wrangler.toml says what the relay needs, so that it is measured as it is deployed. */
async function runtimeOptions(dir: string, { bareTarget, inspectorPort }: RuntimeOptions): Promise<MiniflareOptions> {
  process.env.WRANGLER_LOG = "none";
  const { unstable_getMiniflareWorkerOptions } = await import("wrangler");
  const { workerOptions } = unstable_getMiniflareWorkerOptions(join(ROOT, "wrangler.toml"));
  const direct = { unsafeDirectSockets: [{ host: HOST, port: 0 }], stripCfConnectingIp: false };
  // What is not set there is undefined in them, which Miniflare's own type does not take.
  const settings = workerOptions as V4WorkerOptionsShape;
  const relay: V4WorkerOptions = {
    ...direct,
    ...settings,
    name: "relay",
    rootPath: dir,
    modules: [{ type: "ESModule", path: join(dir, "counted-worker.js") }],
    bindings: {
      RELAY_ORIGIN: "http://relay.bench",
      ALLOW_PRIVATE_ENDPOINTS: "true",
      RELAY_OPERATOR_TOKEN: OPERATOR_TOKEN,
      RELAY_MASTER_KEY: "bench-master-key",
    },
  };
  const bare: V4WorkerOptions = {
    ...direct,
    ...(settings.compatibilityDate !== undefined && { compatibilityDate: settings.compatibilityDate }),
    name: "bare",
    modules: true,
    script: BARE_WORKER,
    bindings: { RECEIVER: bareTarget },
  };
  return convertV4MiniflareOptions({
    host: HOST,
    port: 0,
    cf: false,
    log: new Log(LogLevel.NONE),
    handleStructuredLogs: sayTrouble,
    resourcePersistencePath: join(dir, "state"),
    telemetry: { enabled: false },
    ...(inspectorPort !== undefined && { inspectorPort }),
    workers: [relay, bare],
  });
}

async function migrate(miniflare: Miniflare): Promise<void> {
  const { unstable_splitSqlQuery } = await import("wrangler");
  const database = await miniflare.getD1Database("REGISTRY", "relay");
  for (const file of readdirSync(MIGRATIONS).sort()) {
    for (const statement of unstable_splitSqlQuery(readFileSync(join(MIGRATIONS, file), "utf8"))) {
      await database.prepare(statement).run();
    }
  }
}
