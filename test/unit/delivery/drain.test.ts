import { describe, expect, it } from "vitest";
import { ConnectionPool } from "../../../src/delivery/connection-pool.ts";
import { type DrainDeps, drainWake } from "../../../src/delivery/drain.ts";
import type { AttemptResult, LeaseAnswer, LeaseCall, Wake } from "../../../src/domain/delivery.ts";
import { ATTEMPT_CONNECTIONS_MAX, BACKGROUND_MS, SEND_MARGIN_MS } from "../../../src/kernel/limits.ts";
import { err, ok } from "../../../src/kernel/result.ts";
import { Scheduler } from "../../simulation/scheduler.ts";
import { LogFixture } from "../../support/log-fixture.ts";

const WAKE: Wake = { v: 1, log: "topic/0", subscription: "s", slot: 0, token: "t" };
const DELIVERED: AttemptResult = {
  delivered: true,
  status: 200,
  ms: 1,
  error: null,
  excerpt: "",
  retryAfterSeconds: null,
  gone: false,
};

/** A consumer over a real log, with a receiver and a clock that the test has in hand. */
class Consumer {
  readonly time = new Scheduler();
  readonly f = new LogFixture();
  readonly calls: LeaseCall[] = [];
  readonly attempted: number[] = [];
  readonly story: string[] = [];
  canReturn = true;
  /** Connections that other wakes hold all the time. */
  held = 0;
  prepared = 0;
  isReady = true;
  answer: (seq: number) => AttemptResult | Promise<AttemptResult> = () => DELIVERED;

  async drain() {
    const pool = new ConnectionPool(this.deps);
    for (let i = 0; i < this.held; i++) await pool.acquire(pool.enter());
    const visit = {
      pool,
      visitor: pool.enter(),
      canReturn: () => this.canReturn,
    };
    const verdict = drainWake(this.deps, WAKE, visit);
    await this.time.run(10 * 60_000, 10_000);
    return verdict;
  }

  readonly deps: DrainDeps = {
    settleAndLease: async (_log, call) => {
      this.calls.push(call);
      this.story.push(call.settles ? "settle" : "ask");
      return ok(this.#ask(call));
    },
    prepareLease: async () => {
      this.prepared++;
      if (!this.isReady) return err({ reason: "not_ready" });
      return ok(async (event) => {
        this.attempted.push(event.seq);
        return this.answer(event.seq);
      });
    },
    disableSubscription: async () => {
      this.story.push("disable");
    },
    now: () => this.time.nowMs,
    sleep: (ms) => this.time.sleep(ms),
    newNonce: () => "nonce",
    report: () => {},
  };

  #ask(call: LeaseCall): LeaseAnswer {
    const before = this.f.nowMs;
    this.f.nowMs = before + this.time.nowMs;
    const answer = this.f.call(call);
    this.f.nowMs = before;
    return answer;
  }
}

describe("a drain", () => {
  it("stops at once when the receiver asks for silence, and leaves the rest untried", async () => {
    const c = new Consumer();
    c.f.subscribe();
    c.f.appendKeys(Array.from({ length: 12 }, (_, i) => `k${i}`));
    c.answer = () => ({ ...DELIVERED, delivered: false, status: 429, error: "status", retryAfterSeconds: 60 });
    await c.drain();
    expect(c.attempted.length).toBeLessThanOrEqual(5);
    expect(c.calls.at(-1)?.wantsMore).toBe(false);
  });

  it("disables a subscription that is gone after what was delivered is settled", async () => {
    const c = new Consumer();
    c.f.subscribe();
    c.f.appendKeys(["a", "b"]);
    c.answer = (seq) =>
      seq === 1 ? DELIVERED : { ...DELIVERED, delivered: false, status: 410, error: "status", gone: true };
    await c.drain();
    expect(c.story).toEqual(["ask", "settle", "disable"]);
  });

  it("starts no attempt that the lock on its key, or the background it may run in, would not outlast", async () => {
    const c = new Consumer();
    c.f.subscribe();
    c.f.appendKeys(Array.from({ length: 16 }, () => "a"));
    const startedMs: number[] = [];
    c.answer = async () => {
      startedMs.push(c.time.nowMs);
      await c.time.sleep(6_000);
      return DELIVERED;
    };
    await c.drain();
    const timeoutMs = 15_000;
    expect(startedMs.length).toBeGreaterThan(1);
    for (const atMs of startedMs) {
      expect(atMs + timeoutMs).toBeLessThanOrEqual(BACKGROUND_MS);
      expect(atMs + timeoutMs + SEND_MARGIN_MS).toBeLessThanOrEqual(35_000);
    }
  });

  it("begins long attempts only where the background outlasts them", async () => {
    const c = new Consumer();
    c.f.subscribe();
    const config = c.f.log.subscriptions.get("s")?.config;
    if (config?.target) config.target.timeoutSeconds = 30;
    c.f.appendKeys(["a", "a"]);
    const startedMs: number[] = [];
    c.answer = async () => {
      startedMs.push(c.time.nowMs);
      await c.time.sleep(10_000);
      return DELIVERED;
    };
    await c.drain();
    expect(startedMs).toEqual([0]);
  });

  it("comes back later when the trouble is the relay's own, and does not run in circles where nobody can", async () => {
    const c = new Consumer();
    c.isReady = false;
    c.f.subscribe();
    c.f.appendKeys(["a"]);
    expect(await c.drain()).toEqual({ kind: "return", delaySeconds: 5 });
    const stuck = new Consumer();
    stuck.isReady = false;
    stuck.canReturn = false;
    stuck.f.subscribe();
    stuck.f.appendKeys(["a"]);
    expect(await stuck.drain()).toEqual({ kind: "done" });
    expect(stuck.time.nowMs).toBeGreaterThanOrEqual(5_000);
  });

  it("prepares a lease on a connection of its own, because a name may have to be looked up", async () => {
    const c = new Consumer();
    c.held = ATTEMPT_CONNECTIONS_MAX;
    c.f.subscribe();
    c.f.appendKeys(["a"]);
    expect(await c.drain()).toMatchObject({ kind: "return" });
    expect([c.prepared, c.attempted]).toEqual([0, []]);
    c.held = 0;
    await c.drain();
    expect([c.prepared, c.attempted]).toEqual([1, [1]]);
  });
});
