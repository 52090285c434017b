const TICK_MS = 200;

/** One deadline; move it by setting `atMs`. */
export type Deadline = { atMs: number; readonly over: Promise<"over">; isOver: boolean };

/**
 * The deadlines of attempts under way, behind one timer: a timer for each costs as much as signing a request. They fire
 * up to `TICK_MS` late.
 */
export class Deadlines {
  readonly #now: () => number;
  readonly #pending = new Map<Deadline, () => void>();
  #isTicking = false;

  constructor(now: () => number) {
    this.#now = now;
  }

  start(atMs: number): Deadline {
    const { promise: over, resolve } = Promise.withResolvers<"over">();
    const deadline: Deadline = { atMs, over, isOver: false };
    this.#pending.set(deadline, () => {
      deadline.isOver = true;
      resolve("over");
    });
    this.#tick();
    return deadline;
  }

  stop(deadline: Deadline): void {
    this.#pending.delete(deadline);
  }

  #tick(): void {
    if (this.#isTicking) return;
    this.#isTicking = true;
    setTimeout(() => {
      this.#isTicking = false;
      for (const [deadline, fire] of this.#pending) {
        if (deadline.atMs > this.#now()) continue;
        this.#pending.delete(deadline);
        fire();
      }
      if (this.#pending.size > 0) this.#tick();
    }, TICK_MS);
  }
}
