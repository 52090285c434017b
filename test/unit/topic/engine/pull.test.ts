import { describe, expect, it } from "vitest";
import { LEASE_BYTES_MAX, PULL_LEASE_SECONDS_MAX, PULL_SLOTS, SCAN_ROWS_MAX } from "../../../../src/kernel/limits.ts";
import { holdsOwner, putConsent, putSubscription, removeSubscription } from "../../../../src/topic/engine/controls.ts";
import { pullRenew } from "../../../../src/topic/engine/pull.ts";
import { measureStatus } from "../../../../src/topic/queries/status.ts";
import { BY_CONSENT, LogFixture, OPEN, subscriptionOf } from "../../../support/log-fixture.ts";
import { PullFixture, pulledSeqs } from "../../../support/pull-fixture.ts";

const NOTHING = { kind: "nothing", retryMs: null };

function subscribed(...[fields]: Parameters<PullFixture["subscribe"]>): PullFixture {
  const f = new PullFixture();
  f.subscribe(fields);
  return f;
}

describe("a pulled lease", () => {
  it("holds the events of each key in the order they were accepted, up to as many as were asked for", () => {
    const f = subscribed();
    f.appendKeys(["a", "b", "a", null, "a"]);
    expect(pulledSeqs(f.take({ max: 4 }))).toEqual({ "=a": [1, 3], "=b": [2], "#4": [4] });
    expect(f.pull()).toMatchObject({ kind: "nothing" });
  });

  it("has as much of one key as was asked for: its consumer needs no turns", () => {
    const f = subscribed();
    f.appendKeys(Array.from({ length: 60 }, () => "a"));
    expect(f.take({ max: 50 }).items[0]?.events).toHaveLength(50);
  });

  it("locks its keys for all others, who get what is not of them", () => {
    const f = subscribed();
    f.appendKeys(["a", "b", "a", "c"]);
    expect(pulledSeqs(f.take({ max: 1 }))).toEqual({ "=a": [1] });
    expect(pulledSeqs(f.take())).toEqual({ "=b": [2], "=c": [4] });
    f.settle("delivered", 1);
    expect(pulledSeqs(f.take())).toEqual({ "=a": [3] });
  });

  it("is given again to the call whose answer was lost, after a restart too", () => {
    const f = subscribed();
    f.appendKeys(["a"]);
    const lease = f.take({ nonce: "n" });
    f.restart();
    const { slot, leaseId, remainingMs } = lease;
    const again = f.take({ nonce: "n" });
    expect(again).toMatchObject({ slot, leaseId, remainingMs });
    expect(pulledSeqs(again)).toEqual(pulledSeqs(lease));
    expect(f.pull({ nonce: "other" })).toMatchObject({ kind: "nothing" });
  });

  it("is anybody's when its time is over, its attempt not counted", () => {
    const f = subscribed();
    f.appendKeys(["a", "a", "b"]);
    f.take({ leaseSeconds: 10 });
    expect(f.pull()).toEqual({ kind: "nothing", retryMs: 10_000 });
    f.nowMs += 10_000;
    const again = f.take();
    expect(pulledSeqs(again)).toEqual({ "=a": [1, 2], "=b": [3] });
    expect(again.items.map(({ attempt }) => attempt)).toEqual([1, 1]);
  });

  it("is taken back by the alarm where nobody comes", () => {
    const f = subscribed();
    f.appendKeys(["a"]);
    f.take({ leaseSeconds: 10 });
    f.fireAlarm();
    expect(f.log.subscriptions.get("s")?.slots.every(({ lease }) => lease === null)).toBe(true);
    expect(measureStatus(f.log, "s")).toMatchObject({ backlog: 1 });
  });

  it("lasts longer where its holder says that it still works, and no longer than a bound", () => {
    const f = subscribed();
    f.appendKeys(["a"]);
    const { slot, leaseId, remainingMs } = f.take({ leaseSeconds: 1e9 });
    expect(remainingMs).toBe(PULL_LEASE_SECONDS_MAX * 1000);
    f.nowMs += remainingMs - 1;
    const renew = { subscription: "s", leases: [{ slot, leaseId }], leaseSeconds: 20 };
    expect(pullRenew(f.log, renew)).toEqual({ leases: [{ slot, leaseId, remainingMs: 20_000 }] });
    f.nowMs += 19_999;
    expect(f.pull()).toEqual({ kind: "nothing", retryMs: 1 });
    f.nowMs += 1;
    f.take();
    expect(pullRenew(f.log, renew)).toEqual({ leases: [] });
  });

  it("stays within its bound of bytes, and has an event that is larger by itself", () => {
    const f = subscribed();
    const body = new Uint8Array(LEASE_BYTES_MAX / 2 + 1).fill(0x20);
    f.appendAll([f.event({ body }), f.event({ body })]);
    expect(pulledSeqs(f.take())).toEqual({ "#1": [1] });
  });

  it("is one of so many, and no more", () => {
    const f = subscribed();
    f.appendKeys(Array.from({ length: PULL_SLOTS + 1 }, () => null));
    for (let i = 0; i < PULL_SLOTS; i++) f.take({ max: 1 });
    expect(f.pull({ max: 1 })).toEqual({ kind: "nothing", retryMs: 30_000 });
    f.settle("delivered", 1);
    expect(pulledSeqs(f.take({ max: 1 }))).toEqual({ [`#${PULL_SLOTS + 1}`]: [PULL_SLOTS + 1] });
  });

  it("takes what has waited longest for its next try, and fresh events beside it", () => {
    const f = subscribed();
    f.appendKeys(["a", "b"]);
    f.take();
    f.settle("failed", 1, 2);
    f.nowMs += 10_000;
    f.appendKeys(["c", "c", "c"]);
    expect(pulledSeqs(f.take({ max: 2 }))).toEqual({ "=a": [1], "=c": [3] });
    expect(pulledSeqs(f.take({ max: 2 }))).toEqual({ "=b": [2] });
  });
});

describe("who fetches events", () => {
  it("is no wake's business", async () => {
    const f = subscribed();
    f.appendKeys(["a"]);
    f.take();
    f.settle("failed", 1);
    f.fireAlarm();
    await f.flush();
    expect(f.wakes).toEqual([]);
  });

  it("hears when there may be something: at once, after a failure, or not before another event", () => {
    const f = subscribed({ filter: '{"properties":{"key":{"const":"wanted"}}}' });
    f.appendKeys(Array.from({ length: SCAN_ROWS_MAX + 1 }, () => "other"));
    expect(f.pull()).toEqual({ kind: "nothing", retryMs: 0 });
    expect(f.pull()).toEqual(NOTHING);
    f.appendKeys(["wanted"]);
    f.take();
    f.settle("failed", SCAN_ROWS_MAX + 2);
    expect(f.pull()).toEqual({ kind: "nothing", retryMs: 1_000 });
  });

  it("gets no more than the rate that the subscription asked for", () => {
    const f = subscribed({ rateLimit: { perSecond: 2, burst: 2 } });
    f.appendKeys([null, null, null]);
    expect(pulledSeqs(f.take())).toEqual({ "#1": [1], "#2": [2] });
    expect(f.pull()).toEqual({ kind: "nothing", retryMs: 500 });
    f.settle("released", 2);
    expect(pulledSeqs(f.take())).toEqual({ "#2": [2] });
  });

  it("finds nothing where there is an endpoint, a pause, or no subscription", () => {
    const f = new PullFixture();
    f.subscribe({ target: subscriptionOf({ id: "s" }).target });
    f.appendKeys(["a"]);
    expect(f.pull()).toEqual({ kind: "not_found" });
    f.subscribe({ version: 2, active: false });
    expect(f.pull()).toEqual({ kind: "not_found" });
    f.subscribe({ version: 3 });
    expect(f.pull()).toMatchObject({ kind: "lease" });
    removeSubscription(f.log, "s", 4);
    expect(f.pull()).toEqual({ kind: "not_found" });
    expect(f.settle("delivered", 1)).toEqual({ settled: [], unknown: [f.idOf(1)] });
    expect(f.pull({ subscription: "nobody" })).toEqual({ kind: "not_found" });
  });

  it("leaves what it has to an endpoint that comes in its place, when its lease has run out", () => {
    const f = subscribed();
    f.appendKeys(["a"]);
    f.take({ leaseSeconds: 10 });
    putSubscription(f.log, OPEN, subscriptionOf({ id: "s", version: 2 }), "latest");
    expect(f.call()).toMatchObject({ kind: "done" });
    f.nowMs += 10_000;
    expect(f.lease().items).toMatchObject([{ key: "=a" }]);
  });

  it("has no seat among those that wakes name", () => {
    const f = subscribed();
    f.appendKeys(["a"]);
    const { slot } = f.take();
    expect(f.call({ slot })).toEqual({ kind: "done" });
  });

  it("begins again where a replay does, what was leased before locked until it ends", () => {
    const f = subscribed();
    f.appendKeys(["a"]);
    f.nowMs += 1;
    f.take();
    f.seek(0);
    expect(f.pull()).toMatchObject({ kind: "nothing" });
    f.settle("delivered", 1);
    expect(pulledSeqs(f.take())).toEqual({ "=a": [1] });
  });
});

describe("consent and pulling", () => {
  const consent = { subscriptionId: "s", dataOwnerId: "owner", expiresMs: null };

  function consented(): PullFixture {
    const f = new PullFixture();
    f.subscribe({}, "earliest", BY_CONSENT);
    putConsent(f.log, { ...consent, version: 1, granted: true });
    f.append({ partitionKey: "a", dataOwnerId: "owner" }, BY_CONSENT);
    return f;
  }

  it("a withdrawal waits for no consumer that has its events already", () => {
    const f = consented();
    f.take();
    putConsent(f.log, { ...consent, version: 2, granted: false });
    expect(holdsOwner(f.log, "s", "owner")).toBe(false);
  });

  it("what lost its consent is given again to nobody, whose answer was lost or who comes later", () => {
    const f = consented();
    f.take({ nonce: "n" });
    putConsent(f.log, { ...consent, version: 2, granted: false });
    expect(f.take({ nonce: "n" }).items).toEqual([]);
    f.nowMs += 30_000;
    expect(f.pull()).toEqual(NOTHING);
  });

  it("a webhook's lease is waited for as before", () => {
    const f = new LogFixture();
    f.subscribe({}, "earliest", BY_CONSENT);
    putConsent(f.log, { ...consent, version: 1, granted: true });
    f.append({ dataOwnerId: "owner" }, BY_CONSENT);
    f.lease();
    putConsent(f.log, { ...consent, version: 2, granted: false });
    expect(holdsOwner(f.log, "s", "owner")).toBe(true);
  });
});
