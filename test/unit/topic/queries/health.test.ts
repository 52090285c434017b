import { describe, expect, it } from "vitest";
import type { AttemptReport } from "../../../../src/domain/delivery.ts";
import type { HealthBucket, HealthQuery } from "../../../../src/domain/subscription-health.ts";
import {
  BACKLOG_SAMPLE_LANES_MAX,
  BACKLOG_SAMPLE_MS,
  BACKLOG_SAMPLE_ROWS_MAX,
  HEALTH_LATENCIES_MAX,
  HEALTH_ROWS_PER_BUCKET_MAX,
} from "../../../../src/kernel/limits.ts";
import { removeSubscription } from "../../../../src/topic/engine/controls.ts";
import { measureHealth } from "../../../../src/topic/queries/health.ts";
import { LogFixture, settlesOf } from "../../../support/log-fixture.ts";

const MINUTE_MS = 60_000;

/** The hour up to now, by the minute. */
function hourOf(f: LogFixture): HealthQuery {
  const fromMs = (Math.floor(f.nowMs / MINUTE_MS) - 59) * MINUTE_MS;
  return { subscriptionId: "s", fromMs, bucketMs: MINUTE_MS, buckets: 60 };
}

function measure(f: LogFixture, query: Partial<HealthQuery> = {}) {
  const health = measureHealth(f.log, { ...hourOf(f), ...query });
  if (!health) throw new Error("the log does not know the subscription");
  return health;
}

/** The buckets of the last minutes, the newest last. */
const lastOf = (f: LogFixture, count: number): HealthBucket[] => measure(f).buckets.slice(-count);

/** Leases what there is, and settles it in a call of its own. */
function settle(f: LogFixture, failing: string[] = [], failure: Partial<AttemptReport> = {}): void {
  const answer = f.call();
  if (answer.kind !== "lease") throw new Error("nothing to lease");
  f.call({ settles: settlesOf(answer.lease, { failing, failure }), wantsMore: false });
}

const ROWS = 2 * HEALTH_ROWS_PER_BUCKET_MAX;
const FIRST_HOUR_MS = Date.parse("2026-11-21T12:00:00Z");

/** One event after the other, each leased and settled by itself, two milliseconds apart. */
function settleMany(f: LogFixture, count: number, fails: (i: number) => boolean = () => false): void {
  for (let i = 0; i < count; i++) {
    const partitionKey = `${f.nowMs}`;
    f.append({ partitionKey });
    settle(f, fails(i) ? [`=${partitionKey}`] : []);
    f.nowMs += 2;
  }
}

describe("a subscription's health", () => {
  it("counts attempts and failures by the minute in which they were settled, and leaves no minute out", () => {
    const f = new LogFixture();
    f.subscribe();
    f.appendKeys(["a", "b", "c"]);
    settle(f, ["=b"]);
    f.nowMs += 2 * MINUTE_MS;
    f.appendKeys(["d"]);
    settle(f);
    const { buckets, isComplete } = measure(f);
    expect([buckets.length, isComplete]).toEqual([60, true]);
    expect(buckets.slice(-3).map(({ attempts, failures }) => [attempts, failures])).toEqual([
      [3, 1],
      [0, 0],
      [1, 0],
    ]);
    expect(buckets.slice(0, -3).every(({ attempts, latenciesMs }) => attempts + latenciesMs.length === 0)).toBe(true);
  });

  it("reaches over midnight, and no further than was asked for", () => {
    const f = new LogFixture({ nowMs: Date.parse("2026-11-21T23:59:59Z") });
    f.subscribe();
    f.append();
    settle(f);
    f.nowMs += 1_000;
    f.append();
    settle(f);
    expect(lastOf(f, 2).map(({ attempts }) => attempts)).toEqual([1, 1]);
    f.nowMs += 59 * MINUTE_MS;
    expect(measure(f).buckets.map(({ attempts }) => attempts)).toEqual([1, ...Array(59).fill(0)]);
  });

  it("tells how long what was delivered took, and nothing of what failed", () => {
    const f = new LogFixture();
    f.subscribe();
    f.appendKeys(["a", "b"]);
    settle(f, ["=a"], { ms: 900 });
    expect(lastOf(f, 1)[0]?.latenciesMs).toEqual([1]);
  });

  it("is of this subscription alone", () => {
    const f = new LogFixture();
    f.subscribe();
    f.subscribe({ id: "t" });
    f.append();
    const { lease } = f.call({ subscription: "t" }) as { lease: Parameters<typeof settlesOf>[0] };
    f.call({ subscription: "t", settles: settlesOf(lease), wantsMore: false });
    expect(lastOf(f, 1)[0]).toMatchObject({ attempts: 0, latenciesMs: [], backlog: 1 });
  });

  it("is not known of who does not subscribe, or not any more", () => {
    const f = new LogFixture();
    f.subscribe();
    expect(measureHealth(f.log, { ...hourOf(f), subscriptionId: "stranger" })).toBeNull();
    removeSubscription(f.log, "s", 2);
    expect(measureHealth(f.log, hourOf(f))).toBeNull();
  });

  it("counts every attempt, however many there are, and whenever in their step they were made", () => {
    const f = new LogFixture({ nowMs: Date.parse("2026-11-21T11:59:58Z") });
    f.subscribe();
    // More rows than any look would bear, all at the end of a quarter of an hour.
    settleMany(f, ROWS, (i) => i % 4 === 0);
    f.nowMs += 10 * MINUTE_MS;
    const quarters = { fromMs: Date.parse("2026-11-21T11:30:00Z"), bucketMs: 15 * MINUTE_MS, buckets: 3 };
    const { buckets, isComplete } = measure(f, quarters);
    expect(buckets.map(({ attempts, failures }) => [attempts, failures])).toEqual([
      [0, 0],
      [ROWS, ROWS / 4],
      [0, 0],
    ]);
    // Noted with the first of them, and five minutes have not gone by.
    expect([buckets[1]?.latenciesMs.length, buckets[1]?.backlog, isComplete]).toEqual([5, 1, true]);
  });

  it("reads no more rows, the more attempts a step has", () => {
    const f = new LogFixture();
    f.subscribe();
    const rowsOf = (): number => {
      const before = f.rowsRead;
      measureHealth(f.log, { ...hourOf(f), bucketMs: 60 * MINUTE_MS, buckets: 1, fromMs: FIRST_HOUR_MS });
      return f.rowsRead - before;
    };
    settleMany(f, 10);
    f.nowMs += BACKLOG_SAMPLE_MS;
    const few = rowsOf();
    settleMany(f, ROWS);
    expect(rowsOf()).toBe(few);
  });

  it("goes on from what it had summed up, over a restart and what is settled late", () => {
    const f = new LogFixture();
    f.subscribe();
    f.append();
    settle(f);
    f.append();
    const late = f.lease();
    f.nowMs += late.remainingMs;
    f.call({ slot: f.retrySlot, wantsMore: false });
    f.call({ settles: settlesOf(late), wantsMore: false });
    f.restart();
    f.append();
    settle(f);
    expect(measure(f).buckets.reduce((sum, { attempts }) => sum + attempts, 0)).toBe(3);
    expect(f.log.subscriptions.get("s")?.made).toEqual({ delivered: 3, failed: 0, ms: 3 });
  });

  it("looks at a bounded number of rows, however many there are", () => {
    const f = new LogFixture();
    f.subscribe();
    f.appendKeys(Array.from({ length: 100 }, (_, i) => `${i}`));
    for (let i = 0; i < 3; i++) settle(f);
    const before = f.rowsRead;
    expect(lastOf(f, 1)[0]?.latenciesMs.length).toBe(HEALTH_LATENCIES_MAX);
    expect(f.rowsRead - before).toBeLessThan(100);
  });
});

describe("the backlog of a subscription", () => {
  const backlogs = (f: LogFixture): (number | null)[] => lastOf(f, 10).map(({ backlog }) => backlog);

  it("is noted with a settle, as it stands behind it, once in five minutes", () => {
    const f = new LogFixture();
    f.subscribe();
    for (let minute = 0; minute < 10; minute++) {
      f.appendKeys(Array.from({ length: 120 }, (_, i) => `${minute}-${i}`));
      settle(f);
      f.nowMs += MINUTE_MS;
    }
    f.nowMs -= MINUTE_MS;
    const noted = backlogs(f);
    expect(noted.slice(0, 9)).toEqual([...Array(5).fill(104), ...Array(4).fill(noted[5])]);
    expect(noted[5]).toBeGreaterThan(104);
  });

  it("counts what is leased again by the same call as outstanding, and what was just delivered as done", () => {
    const f = new LogFixture();
    f.subscribe();
    f.appendKeys(["a", "b", "a"]);
    f.call({ settles: settlesOf(f.lease()), ordinal: 2 });
    expect(lastOf(f, 1)[0]?.backlog).toBe(0);
    f.nowMs += BACKLOG_SAMPLE_MS;
    f.appendKeys(["a", "b", "c"]);
    f.call({ settles: settlesOf(f.lease(), { failing: ["=a"] }), wantsMore: false });
    f.nowMs += MINUTE_MS;
    expect(lastOf(f, 2).map(({ backlog }) => backlog)).toEqual([1, 1]);
  });

  it("is none as soon as all is delivered, though it was noted in the middle of it", () => {
    const f = new LogFixture();
    f.subscribe();
    f.appendKeys(Array.from({ length: 40 }, (_, i) => `${i}`));
    settle(f);
    f.nowMs += MINUTE_MS;
    settle(f);
    f.nowMs += MINUTE_MS;
    expect(backlogs(f).slice(-3)).toEqual([24, 0, 0]);
  });

  it("goes on to be noted after a restart", () => {
    const f = new LogFixture();
    f.subscribe();
    f.appendKeys(["a"]);
    settle(f);
    f.restart();
    f.nowMs += MINUTE_MS;
    f.appendKeys(["a"]);
    settle(f);
    f.nowMs += MINUTE_MS;
    expect(backlogs(f).slice(-3)).toEqual([0, 0, 0]);
  });

  it("costs no more where the log's object ends after each settle: no row, and no look", () => {
    const f = new LogFixture();
    f.subscribe();
    const rowsOf = (): number => {
      f.restart();
      f.append({ partitionKey: "k" });
      const { lease } = f.call() as { lease: Parameters<typeof settlesOf>[0] };
      const before = f.rowsRead;
      f.call({ settles: settlesOf(lease), wantsMore: false });
      return f.rowsRead - before;
    };
    rowsOf();
    f.failingStatement = /^UPDATE attempts/;
    for (let minute = 0; minute < 12; minute++) {
      f.nowMs += MINUTE_MS;
      // The newest row of before tells where to go on.
      expect(rowsOf()).toBeLessThanOrEqual(1);
    }
    expect(backlogs(f)).toEqual(Array(10).fill(0));
  });

  it("is looked at anew after a restart as soon as it is time", () => {
    const f = new LogFixture();
    f.subscribe();
    f.appendKeys(["a", "b"]);
    settle(f, ["=a", "=b"]);
    for (let minute = 0; minute < 6; minute++) {
      f.restart();
      f.nowMs += MINUTE_MS;
      f.appendKeys(["a", `${minute}`]);
      settle(f);
    }
    expect(backlogs(f).slice(-7)).toEqual([2, 2, 2, 2, 2, 7, 8]);
  });

  it("is estimated from those that come first where there are many", () => {
    const f = new LogFixture();
    f.subscribe({ filter: JSON.stringify({ properties: { key: { const: "mine" } } }) });
    const events = Array.from({ length: 2_000 }, (_, i) => f.event({ partitionKey: i % 4 === 0 ? "mine" : "other" }));
    f.appendTogether(events);
    const backlog = lastOf(f, 1)[0]?.backlog ?? 0;
    expect(Math.abs(backlog - 500)).toBeLessThan(25);
    const before = f.rowsRead;
    measure(f);
    expect(f.rowsRead - before).toBeLessThanOrEqual(BACKLOG_SAMPLE_ROWS_MAX + 60);
  });

  describe("behind keys that fail", () => {
    /** A log whose keys have failed, each with its first event. */
    function failing(keys: number): LogFixture {
      const f = new LogFixture();
      f.subscribe();
      // One after the other, with time to breathe: an endpoint that does nothing but fail is let alone.
      for (let i = 0; i < keys; i++) {
        f.append({ partitionKey: `${i}` });
        f.nowMs += 10 * MINUTE_MS;
        settle(f, [`=${i}`]);
      }
      return f;
    }

    /** Passed over, as their keys wait: others are delivered behind them. */
    function passOver(f: LogFixture, keys: string[]): void {
      for (let i = 0; i < keys.length; i += 1_000) {
        f.appendTogether([...keys.slice(i, i + 1_000), "other"].map((partitionKey) => f.event({ partitionKey })));
        f.nowMs += 10 * MINUTE_MS;
        settle(f);
      }
    }

    const estimate = (f: LogFixture): number => lastOf(f, 1)[0]?.backlog ?? -1;
    const rowsOf = (f: LogFixture): number => {
      const before = f.rowsRead;
      measure(f, { buckets: 1 });
      return f.rowsRead - before;
    };

    it("counts all of them, however many there are", () => {
      const f = failing(3 * BACKLOG_SAMPLE_LANES_MAX);
      expect(estimate(f)).toBe(3 * BACKLOG_SAMPLE_LANES_MAX);
      expect(rowsOf(f)).toBeLessThan(BACKLOG_SAMPLE_ROWS_MAX);
    });

    it("is about what there is behind one that has much", () => {
      const f = failing(1);
      passOver(f, Array(10_000).fill("0"));
      expect(Math.abs(estimate(f) - 10_001)).toBeLessThan(250);
      expect(rowsOf(f)).toBeLessThan(5 * BACKLOG_SAMPLE_ROWS_MAX);
    });

    it("is not taken for all of them where one has much", () => {
      const f = failing(50);
      passOver(f, Array(5_000).fill("0"));
      const backlog = estimate(f);
      expect(backlog).toBeGreaterThan(2_500);
      expect(backlog).toBeLessThanOrEqual(5_100);
    });

    it("is not taken to go on as it begins: what comes of a key comes together", () => {
      const f = failing(2 * BACKLOG_SAMPLE_LANES_MAX);
      const keys = Array.from({ length: 2 * BACKLOG_SAMPLE_LANES_MAX }, (_, i) => Array(5).fill(`${i}`)).flat();
      passOver(f, [...keys, ...Array(4_000).fill("another")]);
      for (let answer = f.call(); answer.kind === "lease"; answer = f.call())
        f.call({ settles: settlesOf(answer.lease), wantsMore: false });
      expect(Math.abs(estimate(f) - 6 * 2 * BACKLOG_SAMPLE_LANES_MAX)).toBeLessThan(250);
    });

    it("is exact where it is little, however far the log has gone on", () => {
      const f = failing(3);
      passOver(f, [...Array(3_000).fill("another"), "1", "1", "2"]);
      for (let answer = f.call(); answer.kind === "lease"; answer = f.call())
        f.call({ settles: settlesOf(answer.lease), wantsMore: false });
      expect(estimate(f)).toBe(6);
    });
  });

  it("costs a settle nothing but its row in between: no more is read than without it", () => {
    const f = new LogFixture();
    f.subscribe();
    f.appendKeys(Array.from({ length: 600 }, (_, i) => `${i}`));
    const rowsOf = (): number => {
      const { lease } = f.call() as { lease: Parameters<typeof settlesOf>[0] };
      const before = f.rowsRead;
      f.call({ settles: settlesOf(lease), wantsMore: false });
      return f.rowsRead - before;
    };
    rowsOf();
    expect([rowsOf(), rowsOf()]).toEqual([0, 0]);
  });
});
