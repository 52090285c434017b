import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { buildWorker, migrateRegistry, RELAY, relayWorker } from "../../../src/dev/relay-worker.ts";
import { BINDINGS, HOST, sayTrouble } from "../runtime.ts";
import type { LiveCounts } from "./live-counts.ts";

/** Builds the relay with what it does for listeners counted, once for all cases. */
export const buildLiveWorker = (dir: string): Promise<string> => buildWorker("test/bench/live/live-worker.ts", dir);

/** A relay in a workerd of its own, so that its memory is that of one case. */
export class LiveRuntime {
  readonly origin: string;
  readonly #miniflare: Miniflare;
  readonly #stateDir: string;

  private constructor(miniflare: Miniflare, origin: string, stateDir: string) {
    this.#miniflare = miniflare;
    this.origin = origin;
    this.#stateDir = stateDir;
  }

  static async start(script: string): Promise<LiveRuntime> {
    const stateDir = mkdtempSync(join(tmpdir(), "event-relay-bench-"));
    const miniflare = new Miniflare(
      convertV4MiniflareOptions({
        host: HOST,
        port: 0,
        cf: false,
        log: new Log(LogLevel.NONE),
        handleStructuredLogs: sayTrouble,
        resourcePersistencePath: stateDir,
        telemetry: { enabled: false },
        workers: [await relayWorker(script, 0, BINDINGS)],
      }),
    );
    await migrateRegistry(miniflare);
    return new LiveRuntime(miniflare, (await miniflare.unsafeGetDirectURL(RELAY)).origin, stateDir);
  }

  /** From now on a hub takes so many listeners. */
  async limitHubs(listenersMax: number): Promise<void> {
    await fetch(`${this.origin}/bench/live?hubListenersMax=${listenersMax}`);
  }

  /** What was done since it was asked last. */
  async takeCounts(): Promise<LiveCounts> {
    return (await (await fetch(`${this.origin}/bench/live`)).json()) as LiveCounts;
  }

  async stop(): Promise<void> {
    await this.#miniflare.dispose();
    rmSync(this.#stateDir, { recursive: true, force: true });
  }
}
