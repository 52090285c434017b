import { describe, expect, it } from "vitest";
import type { RateLimit } from "../../../../src/domain/subscription.ts";
import { SHORT_WAIT_MS } from "../../../../src/kernel/limits.ts";
import { putSubscription } from "../../../../src/topic/engine/controls.ts";
import { nextPermitMs, permitted, refill, spend } from "../../../../src/topic/store/token-bucket.ts";
import { LogFixture, OPEN, seqsOf, settlesOf, subscriptionOf } from "../../../support/log-fixture.ts";

const subscribed = (rateLimit: RateLimit | null, { events = 20 } = {}): LogFixture => {
  const f = new LogFixture();
  f.subscribe({ rateLimit });
  f.appendKeys(Array.from({ length: events }, (_, i) => `k${i}`));
  return f;
};

const countOf = (lease: { items: { events: unknown[] }[] }): number =>
  lease.items.reduce((sum, { events }) => sum + events.length, 0);

describe("a rate limit", () => {
  it("lets a lease hold its burst, and then what has come since", () => {
    const f = subscribed({ perSecond: 2, burst: 5 });
    const first = f.lease({ nonce: "n" });
    expect(countOf(first)).toBe(5);
    f.nowMs += 1_500;
    const second = f.lease({ nonce: "n", ordinal: 2, settles: settlesOf(first) });
    expect(countOf(second)).toBe(3);
  });

  it("has the consumer wait where the next attempt is near", () => {
    const f = subscribed({ perSecond: 4, burst: 1 });
    const first = f.lease({ nonce: "n" });
    const wait = { kind: "wait", waitMs: 250 };
    expect(f.call({ nonce: "n", ordinal: 2, settles: settlesOf(first), canReturn: false })).toEqual(wait);
    f.nowMs += 250;
    expect(countOf(f.lease({ nonce: "n", ordinal: 3 }))).toBe(1);
  });

  it("sends somebody later where it is not, and where the consumer has to leave", async () => {
    for (const [rateLimit, call, delaySeconds] of [
      [{ perSecond: 0.1, burst: 1 }, {}, 10],
      [{ perSecond: 4, burst: 1 }, { wantsMore: false }, 1],
    ] as const) {
      const f = subscribed(rateLimit);
      await f.flush();
      const first = f.lease({ nonce: "n", token: f.wakes[0]?.wake.token ?? "" });
      f.wakes.length = 0;
      expect(f.call({ nonce: "n", ordinal: 2, settles: settlesOf(first), ...call })).toEqual({ kind: "done" });
      await f.flush();
      expect(f.wakes).toMatchObject([{ queue: "retry", delaySeconds }]);
    }
  });

  it("is asked for less than a second at a time", () => {
    const f = subscribed({ perSecond: 1000 / SHORT_WAIT_MS / 2, burst: 1 });
    const first = f.lease({ nonce: "n" });
    expect(f.call({ nonce: "n", ordinal: 2, settles: settlesOf(first) })).toEqual({ kind: "done" });
  });

  it("counts what is retried like everything else", () => {
    const f = subscribed({ perSecond: 0.5, burst: 1 }, { events: 1 });
    const first = f.lease({ nonce: "n" });
    f.call({ nonce: "n", ordinal: 2, settles: settlesOf(first, { failing: ["=k0"] }) });
    f.nowMs += 1_500; // the backoff is over, the rate is not
    expect(f.call({ slot: 1 })).toEqual({ kind: "done" });
    f.nowMs += 500;
    expect(seqsOf(f.lease({ slot: 1 }))).toEqual({ "=k0": [1] });
  });

  it("gives back what was leased and not tried", () => {
    const f = subscribed({ perSecond: 0.01, burst: 3 });
    const first = f.lease({ nonce: "n" });
    const untried = first.items.slice(1).map(({ key }) => key);
    const second = f.lease({ nonce: "n", ordinal: 2, settles: settlesOf(first, { untried }) });
    expect(countOf(second)).toBe(2);
  });

  it("is known after a restart of the log", () => {
    const f = subscribed({ perSecond: 0.01, burst: 3 });
    const first = f.lease({ nonce: "n" });
    f.restart();
    expect(f.call({ nonce: "n", ordinal: 2, settles: settlesOf(first) })).toEqual({ kind: "done" });
  });

  it("holds from the moment it is changed, and goes when it is taken away", () => {
    const f = subscribed(null);
    const change = (version: number, rateLimit: RateLimit | null) =>
      putSubscription(f.log, OPEN, subscriptionOf({ id: "s", version, rateLimit }), "latest");
    change(2, { perSecond: 0.01, burst: 2 });
    const first = f.lease({ nonce: "n" });
    expect(countOf(first)).toBe(2);
    change(3, null);
    expect(countOf(f.lease({ nonce: "n", ordinal: 2, settles: settlesOf(first) }))).toBeGreaterThan(2);
  });
});

describe("a token bucket", () => {
  const limit = { perSecond: 10, burst: 4 };

  it("is full at first, and never fuller", () => {
    expect(permitted(refill(null, limit, 0))).toBe(4);
    expect(permitted(refill(spend(refill(null, limit, 0), 4), limit, 3_600_000))).toBe(4);
  });

  it("permits the next attempt when it says so, whatever the fractions", () => {
    for (const perSecond of [0.01, 0.1, 1 / 3, 0.7, 3, 7, 1_000]) {
      const rate = { perSecond, burst: 1 };
      const empty = spend(refill(null, rate, 0), 1);
      const atMs = nextPermitMs(empty, rate);
      expect(permitted(refill(empty, rate, atMs))).toBe(1);
      expect(permitted(refill(empty, rate, atMs - 1))).toBe(0);
    }
  });

  it("gains nothing from a clock that goes back", () => {
    const empty = spend(refill(null, limit, 10_000), 4);
    expect(permitted(refill(empty, limit, 5_000))).toBe(0);
    expect(permitted(refill(refill(empty, limit, 5_000), limit, 5_100))).toBe(1);
  });
});
