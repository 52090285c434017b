import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare, type V4WorkerOptions } from "miniflare";
import { buildWorker, migrateRegistry, RELAY, type RelayBindings, relayWorker } from "../../src/dev/relay-worker.ts";
import type { BilledOperations } from "./billing.ts";

export const HOST = "127.0.0.1";
const BARE = "bare";

export const OPERATOR_TOKEN = "bench-operator-token";

/** Vars and secrets of a relay that is measured. */
export const BINDINGS: RelayBindings = {
  RELAY_ORIGIN: "http://relay.bench",
  ALLOW_PRIVATE_ENDPOINTS: "true",
  RELAY_OPERATOR_TOKEN: OPERATOR_TOKEN,
  RELAY_MASTER_KEY: "bench-master-key",
};

/** The least that can be done for an event: one POST in, one POST out. Everything is compared with it. */
const BARE_WORKER = "export default { fetch: (request, env) => fetch(env.RECEIVER, request) };";

/** How requests come in: at a socket of each Worker's own, or at Miniflare's address, where its entry Worker hands them on. */
export type Door = "direct" | "entry";

export type RuntimeOptions = {
  /** Where the bare Worker forwards to. */
  bareTarget: string;
  door: Door;
  /** Lets a profiler in. */
  inspectorPort?: number;
};

/** A bare forwarding Worker and the relay, in one workerd. */
export type Runtime = {
  bareOrigin: string;
  /** Headers that bring a request to the bare Worker. */
  bareHeaders: Record<string, string>;
  relayOrigin: string;
  counts(): Promise<BilledOperations>;
  stop(): Promise<void>;
};

export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const dir = mkdtempSync(join(tmpdir(), "event-relay-bench-"));
  const cleanUp = (): void => rmSync(dir, { recursive: true, force: true });
  let miniflare: Miniflare | null = null;
  try {
    miniflare = await startMiniflare(dir, options);
    await migrateRegistry(miniflare);
    const addresses = await addressesOf(miniflare, options.door);
    const counts = async (): Promise<BilledOperations> =>
      (await fetch(`${addresses.relayOrigin}/bench/counts`)).json() as Promise<BilledOperations>;
    const running = miniflare;
    return { ...addresses, counts, stop: () => running.dispose().finally(cleanUp) };
  } catch (error) {
    await miniflare?.dispose();
    cleanUp();
    throw error;
  }
}

async function addressesOf(miniflare: Miniflare, door: Door) {
  if (door === "entry") {
    const { origin } = await miniflare.ready;
    return { bareOrigin: origin, bareHeaders: { "MF-Route-Override": BARE }, relayOrigin: origin };
  }
  const relayOrigin = (await miniflare.unsafeGetDirectURL(RELAY)).origin;
  const bareOrigin = (await miniflare.unsafeGetDirectURL(BARE)).origin;
  return { bareOrigin, bareHeaders: {}, relayOrigin };
}

/** The relay is built around the entry that counts, with what wrangler.toml gives it: measured as it is deployed. */
async function startMiniflare(dir: string, { bareTarget, inspectorPort }: RuntimeOptions): Promise<Miniflare> {
  const script = await buildWorker("test/bench/counted-worker.ts", dir);
  const relay = await relayWorker(script, 0, BINDINGS);
  const bare: V4WorkerOptions = {
    ...(relay.compatibilityDate !== undefined && { compatibilityDate: relay.compatibilityDate }),
    name: BARE,
    unsafeDirectSockets: [{ host: HOST, port: 0 }],
    stripCfConnectingIp: false,
    modules: true,
    script: BARE_WORKER,
    bindings: { RECEIVER: bareTarget },
  };
  return new Miniflare(
    convertV4MiniflareOptions({
      host: HOST,
      port: 0,
      cf: false,
      log: new Log(LogLevel.NONE),
      handleStructuredLogs: sayTrouble,
      resourcePersistencePath: join(dir, "state"),
      telemetry: { enabled: false },
      ...(inspectorPort !== undefined && { inspectorPort }),
      workers: [relay, bare],
    }),
  );
}

/** The relay logs a line for each group commit and each lease; a bench shows nothing but what must not happen. */
export function sayTrouble({ level, message }: { level: string; message: string }): void {
  if (level === "error" || /"what":"(error|wake_failed|chore_failed|alarm_failed)"/.test(message))
    console.error(message);
}
