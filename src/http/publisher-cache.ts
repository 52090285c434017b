import type { Clock } from "../kernel/clock.ts";
import { PUBLISHER_CACHE_ENTRIES_MAX, PUBLISHER_CACHE_FRESH_MS, PUBLISHER_CACHE_STALE_MS } from "../kernel/limits.ts";
import type { Publisher } from "../registry/publishers.ts";

const RELOAD_PAUSE_MS = 1_000; // an unknown channel may be a new one, but it can't make us read the registry at will

type Entry = { publisher: Publisher | null; loadedMs: number; isReloading: boolean };

/**
 * What this isolate knows of publishers. A fresh entry is believed; a stale one is believed once more while it is read
 * again in the background; so a warm publish waits for no database. Promises are never shared between requests: a
 * request that is cut off would take the others with it.
 */
export class PublisherCache {
  readonly #entries = new Map<string, Entry>();

  /** `refresh` runs in the background of the caller's request. */
  async get(
    clientId: string,
    clock: Clock,
    load: () => Promise<Publisher | null>,
    background: (work: Promise<unknown>) => void,
  ): Promise<Publisher | null> {
    const entry = this.#entries.get(clientId);
    const ageMs = entry ? clock.now() - entry.loadedMs : Number.POSITIVE_INFINITY;
    if (!entry || ageMs >= PUBLISHER_CACHE_STALE_MS) return this.reload(clientId, clock, load);
    if (ageMs >= PUBLISHER_CACHE_FRESH_MS && !entry.isReloading) {
      entry.isReloading = true;
      background(this.reload(clientId, clock, load).catch(() => {}));
    }
    return entry.publisher;
  }

  /** As `get` for a caller that misses something in what it got: reads again unless that was a moment ago. */
  async look(clientId: string, clock: Clock, load: () => Promise<Publisher | null>): Promise<Publisher | null> {
    const entry = this.#entries.get(clientId);
    if (entry && clock.now() - entry.loadedMs < RELOAD_PAUSE_MS) return entry.publisher;
    return this.reload(clientId, clock, load);
  }

  async reload(clientId: string, clock: Clock, load: () => Promise<Publisher | null>): Promise<Publisher | null> {
    const loadedMs = clock.now();
    const publisher = await load();
    this.#entries.delete(clientId);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size >= PUBLISHER_CACHE_ENTRIES_MAX && oldest !== undefined) this.#entries.delete(oldest);
    this.#entries.set(clientId, { publisher, loadedMs, isReloading: false });
    return publisher;
  }
}
