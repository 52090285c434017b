import type { Scheduler } from "./scheduler.ts";

/** The clock of a log's machine, which somebody may set. All that a log says of times is judged by it. */
export class LogClock {
  /** The latest time that it has ever shown: what was over by then may be taken for over. */
  latestMs = 0;
  /** When it was last set ahead, as the run's own time: leases given before may have ended early. */
  setAheadMs = Number.NEGATIVE_INFINITY;
  wasSetBack = false;
  readonly #time: Scheduler;
  readonly #slackMs: number;
  #offMs = 0;

  /** Set ahead by no more than the slack, no lease ends before its last attempt has. */
  constructor(time: Scheduler, slackMs: number) {
    this.#time = time;
    this.#slackMs = slackMs;
  }

  get nowMs(): number {
    // A run begins at 0, and no clock shows a time before.
    const nowMs = Math.max(0, this.#time.nowMs + this.#offMs);
    this.latestMs = Math.max(this.latestMs, nowMs);
    return nowMs;
  }

  /** When, in the run's own time, it will show this one if nobody sets it before. */
  whenIs(atMs: number): number {
    return atMs - this.#offMs;
  }

  /** From now on it is so far off. */
  set(offMs: number): void {
    if (offMs - this.#offMs > this.#slackMs) this.setAheadMs = this.#time.nowMs;
    if (offMs < this.#offMs) this.wasSetBack = true;
    this.#offMs = offMs;
  }
}
