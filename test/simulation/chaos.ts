import { type Scheduler, seededRandom } from "./scheduler.ts";

/**
 * What is left to chance in a run, all of it drawn from one seed, and the calm that ends the faults. Nothing here knows
 * what a fault breaks. Whoever draws in another order runs another story for the same seed.
 */
export class Chaos {
  readonly random: () => number;
  isCalm = false;
  readonly #time: Scheduler;

  constructor(seed: number, time: Scheduler) {
    this.random = seededRandom(seed * 2654435761 + 17);
    this.#time = time;
  }

  chance(probability: number): boolean {
    return this.random() < probability;
  }

  int(low: number, high: number): number {
    return low + Math.floor(this.random() * (high - low + 1));
  }

  /** As `chance`, but never once the storm is over. */
  fault(probability: number): boolean {
    return !this.isCalm && this.chance(probability);
  }

  /** Acts again and again, each time after a while between the two, until it is calm. */
  every(lowMs: number, highMs: number, act: () => void): void {
    this.#time.at(this.#time.nowMs + this.int(lowMs, highMs), () => {
      if (this.isCalm) return;
      act();
      this.every(lowMs, highMs, act);
    });
  }
}

/** A promise that never ends: what a killed machine waits for. */
export const never = <T>(): Promise<T> => new Promise<T>(() => {});
