import { describe, expect, it } from "vitest";
import { utf8Bytes } from "../../../../src/kernel/encoding.ts";
import { putConsent } from "../../../../src/topic/engine/controls.ts";
import { measureStatus } from "../../../../src/topic/queries/status.ts";
import { countWakes, drain, OPEN_ORDERS, order, orders, textOf } from "../../../support/filters.ts";
import { BY_CONSENT, LogFixture, seqsOf, settlesOf, subscriptionOf } from "../../../support/log-fixture.ts";

describe("a subscription with a filter", () => {
  it.each([
    ["data", OPEN_ORDERS, [1]],
    ["key", textOf({ properties: { key: { type: "string", pattern: "^RO-" } } }), [2]],
    ["the absence of a key", textOf({ properties: { key: { type: "null" } } }), [1, 3]],
    ["owner", textOf({ properties: { owner: { const: "owner" } } }), [3]],
    ["the absence of an owner", textOf({ properties: { owner: { const: null } } }), [1, 2]],
    ["channel", textOf({ properties: { channel: { const: "orders/closed" } } }), [2]],
    ["all four, which are always there", textOf({ required: ["channel", "key", "owner", "data"] }), [1, 2, 3]],
    ["nothing else", textOf({ required: ["id"] }), []],
  ])("gets what passes it: by %s", (_, filter, seqs) => {
    const f = new LogFixture();
    f.subscribe({ filter });
    f.append(order("open"));
    f.append({ ...order("closed"), partitionKey: "RO-1", channel: "orders/closed" });
    f.append({ body: utf8Bytes('["ü", null]'), dataOwnerId: "owner" });
    expect(drain(f).seqs).toEqual(seqs);
  });

  it("is not held up, and has no backlog, by what does not pass", () => {
    const f = new LogFixture();
    f.subscribe({ filter: OPEN_ORDERS });
    for (const status of ["closed", "open", "closed", "open", "closed"])
      f.append({ ...order(status), partitionKey: "a" });
    expect(measureStatus(f.log, "s")).toMatchObject({ backlog: 2, backlogIsExact: true });
    const lease = f.lease({ nonce: "n" });
    expect(seqsOf(lease)).toEqual({ "=a": [2, 4] });
    f.call({ nonce: "n", ordinal: 2, settles: settlesOf(lease, { failing: ["=a"] }) });
    expect(measureStatus(f.log, "s")).toMatchObject({ backlog: 2, blockedKeys: 1 });
    f.nowMs += 1000;
    const again = f.lease({ slot: f.retrySlot, nonce: "r" });
    expect(seqsOf(again)).toEqual({ "=a": [2, 4] });
    f.call({ slot: f.retrySlot, nonce: "r", ordinal: 2, settles: settlesOf(again) });
    expect(measureStatus(f.log, "s")).toMatchObject({ backlog: 0, backlogIsExact: true, oldestUndeliveredMs: null });
  });

  it("gets no event that does not pass although it is sent to it alone", () => {
    const f = new LogFixture();
    f.subscribe({ filter: OPEN_ORDERS });
    expect(f.append({ ...order("closed"), subscriptionId: "s" }).kind).toBe("accepted");
    f.append({ ...order("open"), subscriptionId: "s" });
    expect(drain(f).seqs).toEqual([2]);
  });

  it("needs consent as well", () => {
    const f = new LogFixture();
    f.subscribe({ filter: OPEN_ORDERS }, "earliest", BY_CONSENT);
    putConsent(f.log, { subscriptionId: "s", dataOwnerId: "a", version: 1, granted: true, expiresMs: null });
    for (const dataOwnerId of ["a", "b"])
      for (const status of ["open", "closed"]) f.append({ ...order(status), dataOwnerId }, BY_CONSENT);
    expect(drain(f).seqs).toEqual([1]);
  });

  it("leaves the others as they are", () => {
    const f = new LogFixture();
    f.subscribe({ filter: OPEN_ORDERS });
    f.subscribe({ id: "all" });
    f.append({ ...order("closed"), partitionKey: "a" });
    expect(f.call().kind).toBe("done");
    expect(seqsOf(f.lease({ subscription: "all" }))).toEqual({ "=a": [1] });
  });

  it("survives a restart of the log", () => {
    const f = new LogFixture();
    f.subscribe({ filter: OPEN_ORDERS });
    f.append(order("closed"));
    f.append(order("open"));
    f.restart();
    expect(drain(f).seqs).toEqual([2]);
  });
});

describe("a change of the filter", () => {
  it("holds for everything that is accepted afterwards", () => {
    const f = new LogFixture();
    f.subscribe({ filter: OPEN_ORDERS });
    f.subscribe({ filter: orders("closed"), version: 2 });
    f.append(order("open"));
    f.append(order("closed"));
    expect(drain(f).seqs).toEqual([2]);
    f.subscribe({ filter: null, version: 3 });
    f.append(order("open"));
    expect(drain(f).seqs).toContain(3);
  });

  it("looks again at what the old one has refused, as far as nobody has passed it for good", async () => {
    const f = new LogFixture();
    f.subscribe({ filter: OPEN_ORDERS });
    f.append(order("closed"));
    expect(await countWakes(f, () => f.subscribe({ filter: orders("closed"), version: 2 }))).toBe(1);
    expect(drain(f).seqs).toEqual([1]);
  });

  it("passes over a failing head that does not pass any more, and frees its key", () => {
    const f = new LogFixture();
    f.subscribe();
    for (const status of ["closed", "closed", "open"]) {
      f.nowMs += 1;
      f.append({ ...order(status), partitionKey: "a" });
    }
    const lease = f.lease({ nonce: "n" });
    f.call({ nonce: "n", ordinal: 2, settles: settlesOf(lease, { failing: ["=a"] }), wantsMore: false });
    f.subscribe({ filter: OPEN_ORDERS, version: 2 });
    expect(measureStatus(f.log, "s")).toMatchObject({ backlog: 1, oldestUndeliveredMs: f.nowMs });
    f.nowMs += 1000;
    const next = f.lease({ slot: f.retrySlot, nonce: "r" });
    expect(seqsOf(next)).toEqual({ "=a": [3] });
    f.call({ slot: f.retrySlot, nonce: "r", ordinal: 2, settles: settlesOf(next), wantsMore: false });
    expect(f.sql("SELECT key FROM lane")).toEqual([]);
  });

  it("drops a failing head whose key has nothing else that passes", () => {
    const f = new LogFixture();
    f.subscribe();
    f.append({ ...order("closed"), partitionKey: "a" });
    const lease = f.lease({ nonce: "n" });
    f.call({ nonce: "n", ordinal: 2, settles: settlesOf(lease, { failing: ["=a"] }), wantsMore: false });
    f.subscribe({ filter: OPEN_ORDERS, version: 2 });
    f.nowMs += 1000;
    expect(f.call({ slot: f.retrySlot }).kind).toBe("done");
    expect(f.sql("SELECT key FROM lane")).toEqual([]);
    f.append({ ...order("open"), partitionKey: "a" });
    expect(drain(f).seqs).toEqual([2]);
  });

  it("decides on what has gathered during a pause", () => {
    const f = new LogFixture();
    f.subscribe({ filter: OPEN_ORDERS, active: false });
    for (const status of ["open", "closed"]) f.append(order(status));
    f.subscribe({ filter: orders("closed"), version: 2, active: false });
    f.subscribe({ filter: orders("closed"), version: 3 });
    expect(drain(f).seqs).toEqual([2]);
  });

  it("lets a lease that was given go on", () => {
    const f = new LogFixture();
    f.subscribe();
    f.append({ ...order("closed"), partitionKey: "a" });
    const lease = f.lease({ nonce: "n" });
    f.subscribe({ filter: OPEN_ORDERS, version: 2 });
    expect(f.lease({ nonce: "n" }).id).toBe(lease.id);
    expect(f.call({ nonce: "n", ordinal: 2, settles: settlesOf(lease) }).kind).toBe("done");
    expect(measureStatus(f.log, "s")).toMatchObject({ backlog: 0, hour: { attempts: 1 } });
  });

  it("is looked at by a seek: what was refused before comes if it passes now", () => {
    const f = new LogFixture();
    f.subscribe({ filter: OPEN_ORDERS });
    for (const status of ["open", "closed"]) f.append(order(status));
    expect(drain(f).seqs).toEqual([1]);
    f.subscribe({ filter: orders("closed"), version: 2 });
    expect(drain(f).seqs).toEqual([]);
    f.seek(0);
    expect(drain(f).seqs).toEqual([2]);
  });
});

describe("a log of a version without filters", () => {
  it("opens, and its subscriptions get everything", () => {
    const f = new LogFixture();
    f.subscribe();
    const { filter: _, ...before } = subscriptionOf({ id: "s" });
    f.sql("UPDATE subscription SET config = ?", textOf(before));
    f.restart();
    f.append({ partitionKey: "a" });
    expect(seqsOf(f.lease())).toEqual({ "=a": [1] });
  });
});
