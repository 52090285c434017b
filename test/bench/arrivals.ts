import { Histogram } from "./histogram.ts";
import { type Expectation, nowMs, SharedProgress } from "./receiver-protocol.ts";

/** What of a case has arrived, and the last event of each (receiver, key). */
export class Arrivals {
  readonly #expectation: Expectation;
  readonly #progress: SharedProgress;
  readonly #seen: Uint8Array;
  readonly #lastOfKey: Int32Array;
  latencies = new Histogram();
  repeats = 0;
  outOfOrder = 0;

  constructor(expectation: Expectation, shared: SharedArrayBuffer) {
    const { subscriptions, events, keys } = expectation;
    this.#expectation = expectation;
    this.#progress = new SharedProgress(events, shared);
    this.#seen = new Uint8Array(subscriptions * events);
    this.#lastOfKey = new Int32Array(subscriptions * keys).fill(-1);
  }

  /** `key` is -1 for an event without key, of which no order is promised. Answers when it came; null: it is a repeat. */
  note(subscription: number, n: number, key: number): number | null {
    const atMs = nowMs();
    const { events, keys } = this.#expectation;
    const place = subscription * events + n;
    if (this.#seen[place]) {
      this.repeats++;
      return null;
    }
    this.#seen[place] = 1;
    if (key >= 0) {
      const lane = subscription * keys + key;
      if (n < (this.#lastOfKey[lane] ?? -1)) this.outOfOrder++;
      this.#lastOfKey[lane] = n;
    }
    this.latencies.add(atMs - (this.#progress.sentMs[n] ?? atMs));
    this.#progress.noteArrival(atMs);
    return atMs;
  }
}
