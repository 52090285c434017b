import { CONNECTION_PATIENCE_MS, CONNECTIONS_MAX } from "../kernel/limits.ts";

type Waiter = { visitor: Visitor; give: (hasConnection: boolean) => void };

/** One wake's share of the invocation's connections. */
export type Visitor = { inUse: number };

/**
 * The connections of one Worker invocation, shared fairly between the wakes it serves: nobody holds more than its
 * share while others work, so that an endpoint that hangs can't keep all of them.
 */
export class ConnectionPool {
  readonly #visitors = new Set<Visitor>();
  readonly #sleep: (ms: number) => Promise<void>;
  #waiters: Waiter[] = [];
  #inUse = 0;

  constructor(sleep: (ms: number) => Promise<void>) {
    this.#sleep = sleep;
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
      const waiter: Waiter = { visitor, give: resolve };
      this.#waiters.push(waiter);
      this.#watch(waiter);
    });
  }

  release(visitor: Visitor): void {
    visitor.inUse--;
    this.#inUse--;
    this.#serve();
  }

  async #watch(waiter: Waiter): Promise<void> {
    do await this.#sleep(CONNECTION_PATIENCE_MS);
    while (this.#waiters.includes(waiter) && waiter.visitor.inUse > 0);
    const place = this.#waiters.indexOf(waiter);
    if (place < 0) return;
    this.#waiters.splice(place, 1);
    waiter.give(false);
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
    const share = Math.max(1, Math.floor(CONNECTIONS_MAX / Math.max(1, this.#visitors.size)));
    return this.#inUse < CONNECTIONS_MAX && visitor.inUse < share;
  }

  #take(visitor: Visitor): void {
    visitor.inUse++;
    this.#inUse++;
  }
}
