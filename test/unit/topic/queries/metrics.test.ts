import { describe, expect, it } from "vitest";
import { removeSubscription } from "../../../../src/topic/engine/controls.ts";
import { retryDelivery } from "../../../../src/topic/engine/delivery-controls.ts";
import { measureLog } from "../../../../src/topic/queries/metrics.ts";
import { LogFixture, settlesOf } from "../../../support/log-fixture.ts";
import { PullFixture } from "../../../support/pull-fixture.ts";

const NONE_DELIVERED = { delivered: 0, failed: 0, dead: 0 };

/** A log with a subscription, a minute after these keys came. */
function logWith(keys: (string | null)[], settings: Parameters<LogFixture["subscribe"]>[0] = {}): LogFixture {
  const fixture = new LogFixture();
  fixture.subscribe(settings);
  fixture.appendKeys(keys);
  fixture.nowMs += 60_000;
  return fixture;
}

const gaugesOf = (fixture: LogFixture) => measureLog(fixture.log).gauges;
const countsOf = (fixture: LogFixture) => measureLog(fixture.log).counts;

/** A consumer that takes a lease and settles it; answers the call that does. */
function drain(fixture: LogFixture, exceptions: Parameters<typeof settlesOf>[1] = {}, slot = 0) {
  const nonce = crypto.randomUUID();
  const lease = fixture.lease({ nonce, slot });
  const settles = { nonce, slot, ordinal: 2, settles: settlesOf(lease, exceptions), wantsMore: false };
  fixture.call(settles);
  return settles;
}

describe("what a log counts", () => {
  it("is what its leases came to, each counted once however often its settle is repeated", () => {
    const fixture = logWith(["a", "b", "c"]);
    const settles = drain(fixture, { failing: ["=b"] });
    fixture.call(settles);
    expect(countsOf(fixture)).toMatchObject({
      ...{ leases: 1, settles: 1, lateSettles: 0, expiredLeases: 0 },
      ...{ delivered: 2, failed: 1, attemptMs: 3, dead: 0 },
    });
  });

  it("counts what is given up after its last attempt", () => {
    const retry = { initialSeconds: 1, multiplier: 2, maxDelaySeconds: 300, maxAttempts: 1 };
    const fixture = logWith(["a"], { retry });
    drain(fixture, { failing: ["=a"] });
    expect(countsOf(fixture)).toMatchObject({ failed: 1, dead: 1 });
  });

  it("counts leases whose consumers died, and what comes of them too late", () => {
    const fixture = logWith(["a"]);
    const lease = fixture.lease({ nonce: "slow" });
    fixture.nowMs += lease.remainingMs;
    fixture.fireAlarm();
    expect(countsOf(fixture)).toMatchObject({ expiredLeases: 1, settles: 0, alarmRuns: 1 });
    fixture.call({ nonce: "slow", ordinal: 2, settles: settlesOf(lease), wantsMore: false });
    expect(countsOf(fixture)).toMatchObject({ settles: 0, lateSettles: 1, delivered: 1 });
  });

  it("counts wakes when their queue has taken them", async () => {
    const fixture = logWith(["a"]);
    fixture.queueFails = true;
    await fixture.flush();
    expect(countsOf(fixture)).toMatchObject({ freshWakes: 0, retryWakes: 0, unsentWakes: 1 });
    fixture.queueFails = false;
    fixture.fireAlarm();
    await fixture.flush();
    expect(countsOf(fixture)).toMatchObject({ freshWakes: 1, unsentWakes: 1 });
  });

  it("takes back what was counted in a transaction that failed", () => {
    const fixture = logWith(["a"]);
    const lease = fixture.lease({ nonce: "n" });
    fixture.failingStatement = /INTO slot|UPDATE slot/;
    const settle = () => fixture.call({ nonce: "n", ordinal: 2, settles: settlesOf(lease), wantsMore: false });
    expect(settle).toThrow("the disk failed");
    expect(countsOf(fixture)).toMatchObject({ ...NONE_DELIVERED, settles: 0, leases: 1 });
    fixture.failingStatement = null;
    settle();
    expect(countsOf(fixture)).toMatchObject({ delivered: 1, settles: 1 });
  });

  it("keeps its attempts for ever: an object without work does not last", () => {
    const fixture = logWith(["a", "b", "c"]);
    fixture.subscribe({ id: "t" });
    drain(fixture, { failing: ["=b"] });
    fixture.restart();
    fixture.appendKeys(["d"]);
    drain(fixture);
    removeSubscription(fixture.log, "s", 2);
    fixture.restart();
    expect(countsOf(fixture)).toMatchObject({ delivered: 3, failed: 1, attemptMs: 4 });
  });

  it("keeps what consumers say that fetch their events, too", () => {
    const fixture = new PullFixture();
    fixture.subscribe();
    fixture.appendKeys(["a", "b"]);
    fixture.take();
    fixture.settle("delivered", 1);
    fixture.settle("failed", 2);
    fixture.restart();
    expect(countsOf(fixture)).toMatchObject({ delivered: 1, failed: 1 });
  });

  it("keeps them over a change of how many consumers there may be", () => {
    const fixture = new LogFixture({ parallelConsumers: 4 });
    fixture.subscribe();
    fixture.appendKeys(["a"]);
    drain(fixture, {}, 3);
    fixture.restart({ parallelConsumers: 1 });
    expect(countsOf(fixture)).toMatchObject({ delivered: 1 });
  });

  it("begins anew with its object but for them, and says when that was", () => {
    const fixture = logWith(["a"]);
    drain(fixture);
    const before = measureLog(fixture.log).startedMs;
    fixture.restart();
    expect(countsOf(fixture)).toMatchObject({ leases: 0, settles: 0 });
    expect(measureLog(fixture.log).startedMs).toBe(before + 60_000);
    expect(gaugesOf(fixture).lastSeq).toBe(1);
  });
});

describe("how a log stands", () => {
  it("is empty at first", () => {
    expect(gaugesOf(new LogFixture())).toMatchObject({
      subscriptions: 0,
      delivering: 0,
      lastSeq: 0,
      oldestWaitingMs: 0,
    });
  });

  it("has nothing waiting when all is delivered", () => {
    const fixture = logWith(["a", "b"]);
    drain(fixture);
    expect(gaugesOf(fixture)).toEqual({
      ...{ lastSeq: 2, storageBytes: 0, subscriptions: 1, delivering: 1, gated: 0, openCircuits: 0, liveLeases: 0 },
      ...{ lanes: 0, retryingLanes: 0, deadEvents: 0, cursorLag: 0, oldestWaitingMs: 0 },
    });
  });

  it("says how far the slowest is behind, and how long the oldest event waits", () => {
    const fixture = logWith(["a", "b"]);
    fixture.subscribe({ id: "quick" }, "latest");
    fixture.appendKeys(["c"]);
    expect(gaugesOf(fixture)).toMatchObject({ subscriptions: 2, cursorLag: 3, oldestWaitingMs: 60_000 });
  });

  it("counts the keys that fail, as long as they do", () => {
    const fixture = logWith(["a", "b"]);
    drain(fixture, { failing: ["=a"] });
    expect(gaugesOf(fixture)).toMatchObject({ lanes: 1, retryingLanes: 1, cursorLag: 0, oldestWaitingMs: 60_000 });
    fixture.nowMs += 10_000;
    drain(fixture, {}, fixture.retrySlot);
    expect(gaugesOf(fixture)).toMatchObject({ lanes: 0, retryingLanes: 0, oldestWaitingMs: 0 });
  });

  it("counts what was given up until it is brought back, or its subscription goes", () => {
    const retry = { initialSeconds: 1, multiplier: 2, maxDelaySeconds: 300, maxAttempts: 1 };
    const fixture = logWith(["a", "b", "c"], { retry });
    drain(fixture, { failing: ["=a", "=b", "=c"] });
    fixture.restart();
    expect(gaugesOf(fixture).deadEvents).toBe(3);
    retryDelivery(fixture.log, "s", 1);
    expect(gaugesOf(fixture).deadEvents).toBe(2);
    fixture.seek(fixture.nowMs);
    expect(gaugesOf(fixture).deadEvents).toBe(0);
  });

  it("counts leases while they live", () => {
    const fixture = logWith(["a"]);
    const { remainingMs } = fixture.lease();
    expect(gaugesOf(fixture).liveLeases).toBe(1);
    fixture.nowMs += remainingMs;
    expect(gaugesOf(fixture).liveLeases).toBe(0);
  });

  it("does not wait for who is paused, has no endpoint, or has replayed from elsewhere since", () => {
    const fixture = logWith(["a"]);
    drain(fixture, { failing: ["=a"] });
    fixture.seek(fixture.nowMs);
    expect(gaugesOf(fixture)).toMatchObject({ lanes: 0, oldestWaitingMs: 0 });
    fixture.appendKeys(["b"]);
    expect(gaugesOf(fixture)).toMatchObject({ cursorLag: 1 });
    fixture.subscribe({ version: 9, active: false, seek: fixture.log.subscriptions.get("s")?.config.seek ?? null });
    fixture.subscribe({ id: "reader", target: null });
    expect(gaugesOf(fixture)).toMatchObject({ subscriptions: 2, delivering: 0, cursorLag: 0, oldestWaitingMs: 0 });
  });

  it("costs no more than a bound, however many keys fail", () => {
    const fixture = logWith([null]);
    const row = "INSERT INTO lane (subscription_id, key, epoch, head_seq, attempt, due_ms) VALUES ('s', ?, 1, 1, 1, 0)";
    for (let i = 0; i < 10_050; i++) fixture.sql(row, `=${i}`);
    expect(gaugesOf(fixture)).toMatchObject({ lanes: 10_000, retryingLanes: 10_000 });
  });
});
