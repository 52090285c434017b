import { convertV4MiniflareOptions, Log, LogLevel, Miniflare, type V4WorkerOptions } from "miniflare";
import { RELAY, relayWorker } from "../../../src/dev/relay-worker.ts";
import type { Version } from "./versions.ts";

const LOGS = "logs";
export const OPERATOR_TOKEN = "upgrade-operator-token";

/** A deployment under way: isolates of one version, objects of another, over one registry and the same queues. */
export async function startMixedRelay(
  { isolates, objects }: { isolates: Version; objects: Version },
  { port, stateDir }: { port: number; stateDir: string },
): Promise<Miniflare> {
  const bindings = {
    RELAY_ORIGIN: `http://127.0.0.1:${port}`,
    ALLOW_PRIVATE_ENDPOINTS: "true",
    ENDPOINT_RESOLVER: "",
    RELAY_OPERATOR_TOKEN: OPERATOR_TOKEN,
    RELAY_MASTER_KEY: "upgrade-master-key",
  };
  const isolate = await relayWorker(isolates.script, port, bindings);
  const { unsafeDirectSockets: _, queueConsumers: __, ...object } = await relayWorker(objects.script, 0, bindings);
  const workers: V4WorkerOptions[] = [
    { ...isolate, durableObjects: { TOPIC_LOG: { className: "TopicLog", scriptName: LOGS, useSQLite: true } } },
    { ...object, name: LOGS },
  ];
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: "127.0.0.1",
      port: 0,
      cf: false,
      log: new Log(LogLevel.ERROR),
      handleStructuredLogs: ({ level, message }) => {
        if (level === "error") console.error(message);
      },
      resourcePersistencePath: stateDir,
      telemetry: { enabled: false },
      workers,
    }),
  );
  await miniflare.ready;
  await miniflare.getWorker(RELAY);
  return miniflare;
}
