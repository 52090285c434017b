import { ATTEMPT_CONNECTIONS_MAX, CONNECTION_PATIENCE_MS } from "../kernel/limits.ts";

type Waiter = { visitor: Visitor; sinceMs: number; give: (hasConnection: boolean) => void };

const SWEEP_MS = CONNECTION_PATIENCE_MS / 4;

/** What the pool needs of time. */
export type PoolClock = { now(): number; sleep(ms: number): Promise<void> };

/** One wake's share of the invocation's connections. */
export type Visitor = { inUse: number };

/**
 * The connections of one Worker invocation, shared fairly between the wakes it serves: nobody holds more than its
 * share while others work, so that an endpoint that hangs can't keep all of them.
 */
export class ConnectionPool {
  readonly #visitors = new Set<Visitor>();
  readonly #clock: PoolClock;
  readonly #waiters: Waiter[] = [];
  #inUse = 0;
  #isSweeping = false;

  constructor(clock: PoolClock) {
    this.#clock = clock;
  }

  enter(): Visitor {
    const visitor = { inUse: 0 };
    this.#visitors.add(visitor);
    return visitor;
  }

  leave(visitor: Visitor): void {
    this.#visitors.delete(visitor);
    this.#serve();
  }

  /**
   * Waits for a connection, which `release` gives back. False where the visitor had none at all for `CONNECTION_PATIENCE_MS`:
   * others hold them.
   */
  acquire(visitor: Visitor): Promise<boolean> {
    if (this.#canServe(visitor)) {
      this.#take(visitor);
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      this.#waiters.push({ visitor, sinceMs: this.#clock.now(), give: resolve });
      this.#sweep();
    });
  }

  release(visitor: Visitor): void {
    visitor.inUse--;
    this.#inUse--;
    this.#serve();
  }

  /** One timer for all who wait: an invocation may have 10,000, and thousands wait in a second. */
  async #sweep(): Promise<void> {
    if (this.#isSweeping) return;
    this.#isSweeping = true;
    while (this.#waiters.length > 0) {
      await this.#clock.sleep(SWEEP_MS);
      const lostPatienceMs = this.#clock.now() - CONNECTION_PATIENCE_MS;
      for (const waiter of [...this.#waiters]) {
        if (waiter.sinceMs > lostPatienceMs || waiter.visitor.inUse > 0) continue;
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        waiter.give(false);
      }
    }
    this.#isSweeping = false;
  }

  #serve(): void {
    for (;;) {
      const place = this.#waiters.findIndex((waiter) => this.#canServe(waiter.visitor));
      const [waiter] = place < 0 ? [] : this.#waiters.splice(place, 1);
      if (!waiter) return;
      this.#take(waiter.visitor);
      waiter.give(true);
    }
  }

  #canServe(visitor: Visitor): boolean {
    const share = Math.max(1, Math.floor(ATTEMPT_CONNECTIONS_MAX / Math.max(1, this.#visitors.size)));
    return this.#inUse < ATTEMPT_CONNECTIONS_MAX && visitor.inUse < share;
  }

  #take(visitor: Visitor): void {
    visitor.inUse++;
    this.#inUse++;
  }
}
