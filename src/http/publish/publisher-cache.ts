import { keepNewest } from "../../kernel/bounded-map.ts";
import type { Clock } from "../../kernel/clock.ts";
import {
  PUBLISHER_CACHE_ENTRIES_MAX,
  PUBLISHER_CACHE_FRESH_MS,
  PUBLISHER_CACHE_STALE_MS,
  PUBLISHER_QUICK_READS_MAX,
} from "../../kernel/limits.ts";
import { logLine } from "../../kernel/log.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import type { Publisher } from "../../registry/publishers.ts";

const QUICK_MS = 1_000;

type Entry = {
  publisher: Publisher | null;
  loadedMs: number;
  isReloading: boolean;
  /** How often in a row it was read within `QUICK_MS` of the time before. */
  quickReads: number;
};

/** The registry does not answer, and nothing that is known will do. */
export type RegistryUnavailable = { reason: "registry_unavailable" };

/** What a look-up needs of its request: `background` is work that its answer does not wait for. */
export type LookupDeps = {
  clock: Clock;
  load(): Promise<Publisher | null>;
  background(work: Promise<unknown>): void;
};

/** `isNew`: the registry says so now. */
export type Found = Result<{ publisher: Publisher | null; isNew: boolean }, RegistryUnavailable>;

/**
 * What this isolate knows of publishers. A fresh entry is believed; a stale one is believed once more while it is read
 * again in the background; so a warm publish waits for no database. While the registry is away what is known goes on
 * serving: the log refuses whoever knows less than it does. Promises are never shared between requests: a request that
 * is cut off would take the others with it.
 */
export class PublisherCache {
  readonly #entries = new Map<string, Entry>();

  async get(clientId: string, deps: LookupDeps): Promise<Found> {
    const entry = this.#entries.get(clientId);
    if (!entry) return this.reload(clientId, deps);
    const ageMs = deps.clock.now() - entry.loadedMs;
    if (ageMs >= PUBLISHER_CACHE_STALE_MS) {
      const reloaded = await this.reload(clientId, deps);
      return reloaded.ok ? reloaded : ok({ publisher: entry.publisher, isNew: false });
    }
    if (ageMs >= PUBLISHER_CACHE_FRESH_MS && !entry.isReloading) {
      entry.isReloading = true;
      deps.background(this.reload(clientId, deps));
    }
    return ok({ publisher: entry.publisher, isNew: false });
  }

  /** As `get` for a caller that misses something in what it got: reads again, unless that was done too often of late. */
  async look(clientId: string, deps: LookupDeps): Promise<Found> {
    const entry = this.#entries.get(clientId);
    const isTooOften = isQuick(entry, deps.clock.now()) && entry.quickReads >= PUBLISHER_QUICK_READS_MAX;
    return isTooOften ? ok({ publisher: entry.publisher, isNew: false }) : this.reload(clientId, deps);
  }

  async reload(clientId: string, { clock, load }: LookupDeps): Promise<Found> {
    const loadedMs = clock.now();
    try {
      const publisher = await load();
      const before = this.#entries.get(clientId);
      const quickReads = isQuick(before, loadedMs) ? before.quickReads + 1 : 0;
      const entry = { publisher, loadedMs, isReloading: false, quickReads };
      keepNewest(this.#entries, clientId, entry, PUBLISHER_CACHE_ENTRIES_MAX);
      return ok({ publisher, isNew: true });
    } catch (error) {
      logLine("publisher_not_loaded", { clientId, error: String(error) });
      const entry = this.#entries.get(clientId);
      // Not asked again with the very next publish: a registry in trouble is left alone for a while.
      if (entry) Object.assign(entry, { loadedMs: loadedMs - PUBLISHER_CACHE_FRESH_MS, isReloading: false });
      return err({ reason: "registry_unavailable" });
    }
  }
}

const isQuick = (entry: Entry | undefined, nowMs: number): entry is Entry =>
  entry !== undefined && nowMs - entry.loadedMs < QUICK_MS;
