import type { StoredEvent } from "../../domain/event.ts";
import { RECENT_EVENT_BYTES_MAX, RECENT_EVENTS_MAX } from "../../kernel/limits.ts";

/** An event with what decides who gets it. */
export type RecentEvent = StoredEvent & { subscriptionId: string | null };

/** The newest events in memory: what is published is mostly leased within the second, by each of its subscriptions. */
export class RecentEvents {
  #events: RecentEvent[] = [];
  #bytes = 0;

  clear(): void {
    this.#events = [];
    this.#bytes = 0;
  }

  add(event: RecentEvent): void {
    this.#events.push(event);
    this.#bytes += event.body.byteLength;
    if (this.#events.length > 2 * RECENT_EVENTS_MAX || this.#bytes > 2 * RECENT_EVENT_BYTES_MAX) this.#shrink();
  }

  get(seq: number): RecentEvent | undefined {
    const first = this.#events[0];
    return first && this.#events[seq - first.seq];
  }

  /** Events after a place; null where they are not all here. */
  after(seq: number, limit: number): RecentEvent[] | null {
    const first = this.#events[0];
    if (!first || seq + 1 < first.seq) return null;
    return this.#events.slice(seq + 1 - first.seq, seq + 1 - first.seq + limit);
  }

  /** Lets the older half go at once: cheaper than one at a time. */
  #shrink(): void {
    let from = this.#events.length;
    let bytes = 0;
    while (from > 0 && this.#events.length - from < RECENT_EVENTS_MAX) {
      bytes += this.#events[from - 1]?.body.byteLength ?? 0;
      if (bytes > RECENT_EVENT_BYTES_MAX) break;
      from--;
    }
    this.#events = this.#events.slice(from);
    this.#bytes = this.#events.reduce((sum, { body }) => sum + body.byteLength, 0);
  }
}
