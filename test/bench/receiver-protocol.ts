/** What one case sends: event n (0, 1, …) goes to every subscription; of each key the events arrive in the order of n. */
export type Expectation = { subscriptions: number; events: number; keys: number };

export type ReceiverRequest =
  | { kind: "expect"; name: string; expectation: Expectation; shared: SharedArrayBuffer }
  /** From here on latencies count; what came before was there to warm up. */
  | { kind: "measure" }
  | { kind: "report" };

export type ReceiverReport = { latencies: Float64Array; repeats: number; outOfOrder: number; busy: number };

export type ReceiverAnswer =
  | { kind: "listening"; port: number }
  | { kind: "expecting" }
  | { kind: "measuring" }
  | { kind: "report"; report: ReceiverReport };

/**
 * What publishers and receiver share while a case runs: when each event was sent, how many deliveries have arrived for the first
 * time, and when the last of them did. Times are of one clock, in milliseconds.
 */
export class SharedProgress {
  readonly buffer: SharedArrayBuffer;
  readonly #arrived: Int32Array;
  readonly #lastMs: Float64Array;
  readonly sentMs: Float64Array;

  constructor(events: number, buffer = new SharedArrayBuffer(16 + events * 8)) {
    this.buffer = buffer;
    this.#arrived = new Int32Array(buffer, 0, 1);
    this.#lastMs = new Float64Array(buffer, 8, 1);
    this.sentMs = new Float64Array(buffer, 16, events);
  }

  get arrived(): number {
    return Atomics.load(this.#arrived, 0);
  }

  get lastMs(): number {
    return this.#lastMs[0] ?? 0;
  }

  noteArrival(atMs: number): void {
    this.#lastMs[0] = atMs;
    Atomics.add(this.#arrived, 0, 1);
  }
}

/** One clock for all threads of a process: `performance.now()` begins anew in each. */
export const nowMs = (): number => performance.timeOrigin + performance.now();
