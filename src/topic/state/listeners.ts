import { FEED_PAGE_VALID_MS, POKE_RETRY_MS_MAX, POKE_RETRY_MS_MIN, WAKE_COVER_MS } from "../../kernel/limits.ts";
import type { HubStore } from "../store/hub-store.ts";
import type { LogPlatform } from "../store/platform.ts";
import type { AlarmClock } from "./alarm-clock.ts";
import type { Counters } from "./counters.ts";

/** Whose event is out with a page, and for whom. */
export type Held = { owner: string; readers: string[] };

/** What is known of a hub; in memory only. */
type Hub = {
  /** How far it has read; -1: not known, or there is news beside events. */
  readUpTo: number;
  /** Counts its readings, to tell an answer from before one. */
  readings: number;
  isPoked: boolean;
  /** Pokes in a row that brought no answer, and when the next one is due. */
  failures: number;
  retryMs: number;
  /** The page that it has read last, until it reads the next one. */
  page: { untilMs: number; held: Held[] } | null;
};

/**
 * Tells hubs that there is something to read. A poke holds nothing: a hub that is poked reads. It is poked again until it has read
 * all; so a poke may be lost or doubled, as a wake may.
 */
export class Listeners {
  readonly #platform: LogPlatform;
  readonly #alarm: AlarmClock;
  readonly #counters: Counters;
  readonly #store: HubStore;
  readonly #startedMs: number;
  readonly #hubs = new Map<string, Hub>();
  /** Pages of readers that are no hubs, the oldest first. In memory only, as a page is on its way for moments. */
  #passing: { untilMs: number; held: Held[] }[] = [];

  constructor(platform: LogPlatform, alarm: AlarmClock, counters: Counters, store: HubStore) {
    this.#platform = platform;
    this.#alarm = alarm;
    this.#counters = counters;
    this.#store = store;
    this.#startedMs = platform.clock.now();
  }

  /** A hub reads: what it had read before is sent by now, or never will be. Answers how often it has read. */
  read(name: string, upTo: number, held: Held[]): number {
    this.#store.add(name);
    const hub = this.#hub(name);
    hub.readUpTo = upTo;
    hub.readings++;
    hub.page = held.length > 0 ? { untilMs: this.#platform.clock.now() + FEED_PAGE_VALID_MS, held } : null;
    return hub.readings;
  }

  /** Somebody reads who listens to nothing afterwards. */
  pass(held: Held[]): void {
    if (held.length === 0) return;
    const now = this.#platform.clock.now();
    this.#passing = this.#passing.filter(({ untilMs }) => untilMs > now);
    this.#passing.push({ untilMs: now + FEED_PAGE_VALID_MS, held });
  }

  /** Whether somebody may be about to send an event of this owner to this subscription. */
  holdsOwner(subscription: string, owner: string): boolean {
    const now = this.#platform.clock.now();
    // What went out before this object began is not known.
    if (this.#store.names.size > 0 && now < this.#startedMs + FEED_PAGE_VALID_MS) return true;
    const pages = [...this.#passing, ...[...this.#hubs.values()].flatMap(({ page }) => page ?? [])];
    return pages.some(
      ({ untilMs, held }) =>
        untilMs > now && held.some((one) => one.owner === owner && one.readers.includes(subscription)),
    );
  }

  /** Something changed beside the events: every hub has to read, even where it has read all. */
  expectNews(): void {
    for (const name of this.#store.names) this.#hub(name).readUpTo = -1;
  }

  /** Inside the transaction that appends: the alarm stands behind the pokes. */
  cover(): void {
    if (this.#store.names.size > 0) this.#alarm.by(this.#platform.clock.now() + WAKE_COVER_MS);
  }

  /** When the alarm has to look after hubs that have not read all; Infinity: there are none. */
  nextPokeMs(lastSeq: number): number {
    const now = this.#platform.clock.now();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const name of this.#store.names) {
      const hub = this.#hub(name);
      if (hub.readUpTo >= lastSeq) continue;
      nextMs = Math.min(nextMs, hub.isPoked ? now + WAKE_COVER_MS : Math.max(now + POKE_RETRY_MS_MIN, hub.retryMs));
    }
    return nextMs;
  }

  /** Pokes each hub that has not read up to the end and is not being poked. */
  async poke(lastSeq: () => number): Promise<void> {
    const waiting = [...this.#store.names].filter((name) => this.#isBehind(name, lastSeq()));
    await Promise.all(waiting.map((name) => this.#pokeOne(name, lastSeq)));
  }

  #isBehind(name: string, lastSeq: number): boolean {
    const { readUpTo, isPoked, retryMs } = this.#hub(name);
    return readUpTo < lastSeq && !isPoked && retryMs <= this.#platform.clock.now();
  }

  async #pokeOne(name: string, lastSeq: () => number): Promise<void> {
    const hub = this.#hub(name);
    hub.isPoked = true;
    try {
      do {
        const before = hub.readings;
        const sent = await this.#platform.poke(name);
        this.#counters.add("pokes");
        hub.failures = 0;
        if (sent === hub.readings) hub.page = null;
        // A reading after the answer was made shows a new listener.
        if (sent === "nobody" && hub.readings === before) return this.#forget(name);
        // Nobody there can take anything now: the hub reads by itself once somebody can.
        if (hub.readings === before) hub.readUpTo = lastSeq();
      } while (hub.readUpTo < lastSeq());
    } catch {
      // What it has read may not have arrived there.
      hub.readUpTo = -1;
      hub.failures++;
      const delayMs = Math.min(POKE_RETRY_MS_MAX, POKE_RETRY_MS_MIN * 2 ** Math.min(hub.failures - 1, 10));
      hub.retryMs = this.#platform.clock.now() + delayMs;
      this.#alarm.by(hub.retryMs);
    } finally {
      hub.isPoked = false;
    }
  }

  #forget(name: string): void {
    this.#hubs.delete(name);
    this.#store.remove(name);
  }

  #hub(name: string): Hub {
    const known = this.#hubs.get(name);
    if (known) return known;
    const hub: Hub = { readUpTo: -1, readings: 0, isPoked: false, failures: 0, retryMs: 0, page: null };
    this.#hubs.set(name, hub);
    return hub;
  }
}
