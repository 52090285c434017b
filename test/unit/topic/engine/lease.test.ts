import { describe, expect, it } from "vitest";
import {
  LEASE_BYTES_MAX,
  LEASE_EVENTS_INITIAL,
  LEASE_EVENTS_MAX,
  LEASE_EVENTS_PER_KEY_MAX,
  SCAN_ROWS_MAX,
} from "../../../../src/kernel/limits.ts";
import { putConsent, removeSubscription } from "../../../../src/topic/engine/controls.ts";
import { measureStatus } from "../../../../src/topic/queries/status.ts";
import { BY_CONSENT, LogFixture, seqsOf, settlesOf, subscriptionOf } from "../../../support/log-fixture.ts";

describe("a lease", () => {
  it("holds the events of a key in the order they were accepted", () => {
    const f = new LogFixture();
    f.subscribe();
    f.appendKeys(["a", "b", "a", null, "a"]);
    expect(seqsOf(f.lease())).toEqual({ "=a": [1, 3, 5], "=b": [2], "#4": [4] });
  });

  it("is given again to the caller whose answer was lost, and to nobody else", () => {
    const f = new LogFixture();
    f.subscribe();
    f.appendKeys(["a"]);
    const lease = f.lease({ nonce: "n", ordinal: 1 });
    expect(f.lease({ nonce: "n", ordinal: 1 }).id).toBe(lease.id);
    expect(f.call({ nonce: "n", ordinal: 2 })).toEqual({ kind: "done" });
    expect(f.call({ nonce: "other", ordinal: 1 })).toEqual({ kind: "done" });
  });

  it("survives a restart of the log", () => {
    const f = new LogFixture();
    f.subscribe();
    f.appendKeys(["a"]);
    const lease = f.lease({ nonce: "n" });
    f.restart();
    expect(f.call({ nonce: "other" })).toEqual({ kind: "done" });
    expect(f.lease({ nonce: "n" }).id).toBe(lease.id);
    expect(f.call({ nonce: "n", ordinal: 2, settles: settlesOf(lease) })).toEqual({ kind: "done" });
    expect(measureStatus(f.log, "s")?.backlog).toBe(0);
  });

  it("is taken back when its time is over, and its keys begin again at their first event", () => {
    const f = new LogFixture();
    f.subscribe();
    f.appendKeys(["a", "a", "b"]);
    const lost = f.lease();
    f.nowMs += lost.remainingMs + 1;
    expect(seqsOf(f.lease())).toEqual({ "=a": [1] });
  });

  it("locks its keys for other consumers of the subscription", () => {
    const f = new LogFixture({ parallelConsumers: 2 });
    f.subscribe();
    f.appendKeys(["a"]);
    f.lease({ slot: 0 });
    f.appendKeys(["a", "b"]);
    expect(seqsOf(f.lease({ slot: 1 }))).toEqual({ "=b": [3] });
  });

  it("finds what was passed over while its key was locked", () => {
    const f = new LogFixture({ parallelConsumers: 2 });
    f.subscribe();
    f.appendKeys(["a"]);
    const first = f.lease({ slot: 0, nonce: "n" });
    f.appendKeys(["a", "b"]);
    f.lease({ slot: 1 });
    expect(seqsOf(f.lease({ slot: 0, nonce: "n", ordinal: 2, settles: settlesOf(first) }))).toEqual({ "=a": [2] });
  });

  it("stays within its bounds of events, of events a key, and of bytes", () => {
    const f = new LogFixture();
    f.subscribe();
    f.appendKeys(Array.from({ length: 5 * LEASE_EVENTS_MAX }, (_, i) => `k${i}`));
    let lease = f.lease({ nonce: "n" });
    expect(lease.items).toHaveLength(LEASE_EVENTS_INITIAL);
    for (let ordinal = 2; ordinal < 6; ordinal++) lease = f.lease({ nonce: "n", ordinal, settles: settlesOf(lease) });
    expect(lease.items).toHaveLength(LEASE_EVENTS_MAX);

    f.subscribe({ id: "one-key" }, "latest");
    f.appendKeys(Array.from({ length: LEASE_EVENTS_PER_KEY_MAX + 5 }, () => "a"));
    let ofKey = f.lease({ subscription: "one-key", nonce: "n" });
    ofKey = f.lease({ subscription: "one-key", nonce: "n", ordinal: 2, settles: settlesOf(ofKey) });
    expect(ofKey.items.map(({ events }) => events.length)).toEqual([LEASE_EVENTS_PER_KEY_MAX - 11]);

    f.subscribe({ id: "large" }, "latest");
    for (const key of ["a", "b", "c"]) f.append({ partitionKey: key, body: new Uint8Array(LEASE_BYTES_MAX / 2) });
    expect(f.lease({ subscription: "large" }).items).toHaveLength(2);
  });

  it("looks at a bounded number of rows, however many do not match", () => {
    const f = new LogFixture();
    f.subscribe();
    f.subscribe({ id: "other" });
    f.appendAll(Array.from({ length: 2 * SCAN_ROWS_MAX }, () => f.event({ subscriptionId: "other" })));
    f.append({ partitionKey: "mine" });
    f.restart();
    const before = f.rowsRead;
    expect(f.call()).toEqual({ kind: "return", delaySeconds: 0 });
    expect(f.rowsRead - before).toBeLessThan(SCAN_ROWS_MAX + 100);
    f.call();
    expect(seqsOf(f.lease())).toEqual({ "=mine": [2 * SCAN_ROWS_MAX + 1] });
  });
});

describe("a subscription that gets little of what is published", () => {
  it("is not charged for what others get", () => {
    const f = new LogFixture();
    f.subscribe();
    f.subscribe({ id: "other" });
    f.appendAll(Array.from({ length: 3 * SCAN_ROWS_MAX }, () => f.event({ subscriptionId: "other" })));
    f.append({ partitionKey: "mine" });
    const before = f.rowsRead;
    const lease = f.lease({ nonce: "n" });
    expect(seqsOf(lease)).toEqual({ "=mine": [3 * SCAN_ROWS_MAX + 1] });
    expect(f.call({ nonce: "n", ordinal: 2, settles: settlesOf(lease) })).toEqual({ kind: "done" });
    expect(f.rowsRead - before).toBeLessThan(20);
  });
});

describe("a failing key", () => {
  it("holds its later events while other keys go on", () => {
    const f = new LogFixture();
    f.subscribe();
    f.appendKeys(["a", "b", "a"]);
    const lease = f.lease({ nonce: "n" });
    expect(f.call({ nonce: "n", ordinal: 2, settles: settlesOf(lease, { failing: ["=a"] }) })).toEqual({
      kind: "done",
    });
    f.appendKeys(["a", "b"]);
    expect(seqsOf(f.lease())).toEqual({ "=b": [5] });
    expect(measureStatus(f.log, "s")).toMatchObject({ backlog: 4, blockedKeys: 1, hour: { failures: 1 } });
  });

  it("is tried again by the retry slot when its delay is over, with what has gathered behind it", async () => {
    const f = new LogFixture();
    f.subscribe();
    f.appendKeys(["a"]);
    const lease = f.lease({ nonce: "n" });
    await f.flush();
    f.wakes.length = 0;
    f.call({ nonce: "n", ordinal: 2, settles: settlesOf(lease, { failing: ["=a"] }) });
    f.appendKeys(["a"]);
    await f.flush();
    f.call();
    const [sleeper] = f.wakes.filter(({ queue }) => queue === "retry");
    const token = sleeper?.wake.token ?? "";
    expect(f.call({ slot: f.retrySlot, token: "a doubled wake" })).toEqual({ kind: "done" });
    expect(f.call({ slot: f.retrySlot, token })).toEqual({ kind: "return", delaySeconds: 1 });
    f.nowMs += 1000;
    expect(seqsOf(f.lease({ slot: f.retrySlot, token }))).toEqual({ "=a": [1, 2] });
  });

  it("waits twice as long after each failure", async () => {
    const f = new LogFixture();
    f.subscribe();
    f.appendKeys(["a"]);
    let lease = f.lease({ nonce: "n" });
    f.call({ nonce: "n", ordinal: 2, settles: settlesOf(lease, { failing: ["=a"] }) });
    const delays: number[] = [];
    for (let i = 0; i < 4; i++) {
      const [lane] = f.sql<{ due_ms: number }>("SELECT due_ms FROM lane");
      delays.push(((lane?.due_ms ?? 0) - f.nowMs) / 1000);
      f.nowMs = lane?.due_ms ?? 0;
      lease = f.lease({ slot: 1, nonce: `r${i}` });
      f.call({ slot: 1, nonce: `r${i}`, ordinal: 2, settles: settlesOf(lease, { failing: ["=a"] }) });
    }
    expect(delays).toEqual([1, 2, 4, 8]);
  });

  it("lets go of an event that is dead, and goes on behind it", () => {
    const f = new LogFixture();
    f.subscribe({ retry: { ...subscriptionOf({ id: "s" }).retry, maxAttempts: 1 } });
    f.appendKeys(["a", "a"]);
    const lease = f.lease({ nonce: "n" });
    const next = f.lease({ nonce: "n", ordinal: 2, settles: settlesOf(lease, { failing: ["=a"] }) });
    expect(seqsOf(next)).toEqual({ "=a": [2] });
    f.call({ nonce: "n", ordinal: 3, settles: settlesOf(next) });
    expect(measureStatus(f.log, "s")).toMatchObject({ backlog: 0, dead: 1, blockedKeys: 0 });
    f.restart();
    expect(measureStatus(f.log, "s")).toMatchObject({ backlog: 0, dead: 1 });
  });

  it("costs a dead endpoint one probe: the window shrinks to one and doubles when all goes well again", () => {
    const f = new LogFixture();
    f.subscribe();
    f.appendKeys(Array.from({ length: 100 }, (_, i) => `k${i}`));
    const all = (i: number) => `=k${i}`;
    let lease = f.lease({ nonce: "n" });
    const failing = Array.from({ length: 100 }, (_, i) => all(i));
    lease = f.lease({ nonce: "n", ordinal: 2, settles: settlesOf(lease, { failing }) });
    expect(lease.items).toHaveLength(1);
    lease = f.lease({ nonce: "n", ordinal: 3, settles: settlesOf(lease) });
    expect(lease.items).toHaveLength(2);
    lease = f.lease({ nonce: "n", ordinal: 4, settles: settlesOf(lease) });
    expect(lease.items).toHaveLength(4);
  });
});

describe("a settle", () => {
  it("keeps what was not tried", () => {
    const f = new LogFixture();
    f.subscribe();
    f.appendKeys(["a", "b"]);
    const lease = f.lease({ nonce: "n" });
    f.call({ nonce: "n", ordinal: 2, wantsMore: false, settles: settlesOf(lease, { untried: ["=b"] }) });
    expect(seqsOf(f.lease())).toEqual({ "=b": [2] });
  });

  it("that comes late believes deliveries and no failures", () => {
    const f = new LogFixture();
    f.subscribe();
    f.appendKeys(["a", "b"]);
    const lease = f.lease({ nonce: "n" });
    f.nowMs += lease.remainingMs + 1;
    f.fireAlarm();
    f.call({ nonce: "n", ordinal: 2, wantsMore: false, settles: settlesOf(lease, { failing: ["=b"] }) });
    expect(f.sql("SELECT key, attempt FROM lane")).toEqual([{ key: "=b", attempt: 0 }]);
  });

  it("of an old lease never ends a later one, after a restart too", () => {
    const f = new LogFixture();
    f.subscribe();
    f.appendKeys(["a"]);
    const old = f.lease({ nonce: "n" });
    f.nowMs += old.remainingMs + 1;
    f.fireAlarm();
    f.restart();
    const later = f.lease({ nonce: "m" });
    f.call({ nonce: "n", ordinal: 2, wantsMore: false, settles: settlesOf(old, { failing: ["=a"] }) });
    expect(f.lease({ nonce: "m" }).id).toBe(later.id);
  });

  it("that comes late moves nothing that somebody else attempts now", () => {
    const f = new LogFixture();
    f.subscribe();
    f.appendKeys(["a", "a"]);
    const lost = f.lease({ nonce: "n" });
    f.nowMs += lost.remainingMs + 1;
    const second = f.lease({ nonce: "m" });
    f.call({ nonce: "n", ordinal: 2, wantsMore: false, settles: settlesOf(lost) });
    expect(f.lease({ nonce: "m" }).id).toBe(second.id);
    expect(f.sql("SELECT head_seq FROM lane")).toEqual([{ head_seq: 1 }]);
  });
});

describe("a subscription", () => {
  it("starts at the latest event, at the earliest, or at a time", () => {
    const f = new LogFixture();
    f.subscribe({ id: "first" });
    f.append();
    f.nowMs += 60_000;
    const later = f.nowMs;
    f.append();
    f.subscribe({ id: "latest" }, "latest");
    f.subscribe({ id: "earliest" }, "earliest");
    f.subscribe({ id: "timed" }, { atMs: later });
    f.append();
    const got = (subscription: string) => f.lease({ subscription }).items.map(({ events }) => events[0]?.seq);
    expect(got("latest")).toEqual([3]);
    expect(got("earliest")).toEqual([1, 2, 3]);
    expect(got("timed")).toEqual([2, 3]);
  });

  it("gets nothing while it is paused, and its backlog afterwards", () => {
    const f = new LogFixture();
    f.subscribe();
    f.subscribe({ version: 2, active: false });
    f.appendKeys(["a"]);
    expect(f.call()).toEqual({ kind: "done" });
    expect(measureStatus(f.log, "s")?.backlog).toBe(1);
    f.subscribe({ version: 3, active: true });
    expect(seqsOf(f.lease())).toEqual({ "=a": [1] });
  });

  it("ignores a change that is older than what it knows", () => {
    const f = new LogFixture();
    f.subscribe({ version: 5 });
    f.subscribe({ version: 4, active: false });
    f.appendKeys(["a"]);
    expect(f.call().kind).toBe("lease");
  });

  it("that was removed does not come back with a late push", () => {
    const f = new LogFixture();
    f.subscribe();
    removeSubscription(f.log, "s", 2);
    f.subscribe({ version: 2 });
    removeSubscription(f.log, "never heard of", 7);
    f.subscribe({ id: "never heard of", version: 6 });
    f.appendKeys(["a"]);
    for (const subscription of ["s", "never heard of"]) {
      expect(f.call({ subscription })).toEqual({ kind: "done" });
      expect(measureStatus(f.log, subscription)).toBeNull();
    }
    f.restart();
    expect(f.call()).toEqual({ kind: "done" });
  });

  it("that was removed comes back with a later change, from the latest event on", () => {
    const f = new LogFixture();
    f.subscribe();
    f.appendKeys(["a"]);
    f.lease();
    removeSubscription(f.log, "s", 2);
    f.appendKeys(["b"]);
    f.subscribe({ version: 3 });
    f.restart();
    f.nowMs += 60_000;
    f.appendKeys(["c"]);
    expect(seqsOf(f.lease())).toEqual({ "=c": [3] });
  });

  it("is silent as a whole for as long as its receiver asks", () => {
    const f = new LogFixture();
    f.subscribe();
    f.appendKeys(["a", "b"]);
    const lease = f.lease({ nonce: "n" });
    const failure = { status: 429, retryAfterSeconds: 60 };
    f.call({ nonce: "n", ordinal: 2, settles: settlesOf(lease, { failing: ["=a"], failure }) });
    f.appendKeys(["c"]);
    expect(f.call()).toEqual({ kind: "done" });
    f.restart();
    expect(f.call({ slot: f.retrySlot })).toEqual({ kind: "return", delaySeconds: 60 });
    f.nowMs += 60_000;
    expect(seqsOf(f.lease({ slot: f.retrySlot }))).toEqual({ "=a": [1] });
    expect(seqsOf(f.lease())).toEqual({ "=c": [3] });
  });

  it("is silent for the longest time that was asked for, and wakes up for what came meanwhile", async () => {
    const f = new LogFixture();
    const retry = { ...subscriptionOf({ id: "s" }).retry, maxAttempts: 1 };
    f.subscribe({ retry });
    f.appendKeys(["a", "b"]);
    const lease = f.lease({ nonce: "n" });
    const settles = settlesOf(lease, { failing: ["=a", "=b"] });
    const [a, b] = settles.reports;
    if (a?.attempts[0]) a.attempts[0].retryAfterSeconds = 60;
    if (b?.attempts[0]) b.attempts[0].retryAfterSeconds = 2;
    f.call({ nonce: "n", ordinal: 2, settles });
    await f.flush();
    f.wakes.length = 0;
    f.nowMs += 10_000;
    f.appendKeys(["c"]);
    await f.flush();
    expect(f.wakes).toMatchObject([{ queue: "retry", delaySeconds: 50 }]);
  });

  it("keeps its window when it was time or connections that ran out", () => {
    const f = new LogFixture();
    f.subscribe();
    f.appendKeys(Array.from({ length: 40 }, (_, i) => `k${i}`));
    const lease = f.lease({ nonce: "n" });
    const untried = lease.items.map(({ key }) => key);
    expect(f.lease({ nonce: "n", ordinal: 2, settles: settlesOf(lease, { untried }) }).items).toHaveLength(
      LEASE_EVENTS_INITIAL,
    );
  });

  it("replays from a place after a seek, and what was leased before stays locked until it ends", () => {
    const f = new LogFixture();
    f.subscribe();
    f.appendKeys(["a", "b"]);
    const first = f.lease({ nonce: "n" });
    f.call({ nonce: "n", ordinal: 2, settles: settlesOf(first) });
    f.appendKeys(["a"]);
    const old = f.lease({ nonce: "o" });
    f.seek(0);
    expect(f.call()).toEqual({ kind: "done" });
    expect(seqsOf(f.lease({ nonce: "o", ordinal: 2, settles: settlesOf(old) }))).toEqual({ "=a": [1, 3], "=b": [2] });
  });
});

describe("consent", () => {
  const grant = (f: LogFixture, version: number, granted = true, expiresMs: number | null = null) =>
    putConsent(f.log, { subscriptionId: "s", dataOwnerId: "owner", version, granted, expiresMs });

  it("lets out only events that were accepted after it was given", () => {
    const f = new LogFixture();
    f.subscribe({}, "earliest", BY_CONSENT);
    f.append({ dataOwnerId: "owner" }, BY_CONSENT);
    grant(f, 1);
    f.append({ dataOwnerId: "owner" }, BY_CONSENT);
    f.append({ dataOwnerId: "stranger" }, BY_CONSENT);
    expect(f.lease().items.map(({ key }) => key)).toEqual(["#2"]);
  });

  it("that is withdrawn stops queued and retrying events at once", () => {
    const f = new LogFixture();
    f.subscribe({}, "earliest", BY_CONSENT);
    grant(f, 1);
    f.append({ dataOwnerId: "owner", partitionKey: "a" }, BY_CONSENT);
    const lease = f.lease({ nonce: "n" });
    f.call({ nonce: "n", ordinal: 2, settles: settlesOf(lease, { failing: ["=a"] }) });
    f.append({ dataOwnerId: "owner", partitionKey: "b" }, BY_CONSENT);
    grant(f, 2, false);
    f.nowMs += 2000;
    expect(f.call()).toEqual({ kind: "done" });
    expect(f.call({ slot: f.retrySlot })).toEqual({ kind: "done" });
    grant(f, 3);
    expect(f.call()).toEqual({ kind: "done" });
    expect(measureStatus(f.log, "s")?.backlog).toBe(0);
  });

  it("ends at its time, and an older push changes nothing", () => {
    const f = new LogFixture();
    f.subscribe({}, "earliest", BY_CONSENT);
    grant(f, 2, true, f.nowMs + 1000);
    grant(f, 1, false);
    f.append({ dataOwnerId: "owner" }, BY_CONSENT);
    expect(measureStatus(f.log, "s")?.backlog).toBe(1);
    f.nowMs += 1000;
    expect(measureStatus(f.log, "s")?.backlog).toBe(0);
    expect(f.call()).toEqual({ kind: "done" });
  });
});
