import { describe, expect, it } from "vitest";
import { IDEMPOTENCY_WINDOW_MS, KEY_BLOCK_EVENTS, STORAGE_BYTES_MAX } from "../../../../src/kernel/limits.ts";
import { appendEvents } from "../../../../src/topic/engine/append.ts";
import { BY_CONSENT, LogFixture, OPEN, seqsOf, settlesOf } from "../../../support/log-fixture.ts";

const count = (f: LogFixture): number => f.sql<{ n: number }>("SELECT count(*) AS n FROM event_1")[0]?.n ?? 0;

describe("append", () => {
  it("stores the body's bytes as they came", () => {
    const f = new LogFixture();
    f.subscribe();
    const body = new TextEncoder().encode('{ "a" :\t"ü\\u0000\u{1F600}" }\n');
    f.append({ body });
    expect([...(f.lease().items[0]?.events[0]?.body ?? [])]).toEqual([...body]);
  });

  it("answers a repeated RPC with the first answer and stores nothing twice, after a restart too", () => {
    const f = new LogFixture();
    const event = f.event();
    f.appendAll([event]);
    f.restart();
    const retry = { events: [event], topicVersion: OPEN.version, isRetry: true, limit: null };
    expect(appendEvents(f.log, OPEN, [retry])).toEqual([[{ kind: "accepted", eventId: event.id }]]);
    expect(count(f)).toBe(1);
  });

  it("rejects the one event that breaks a transaction, and stores the others", () => {
    const f = new LogFixture();
    f.subscribe();
    const broken = { ...f.event(), body: "no bytes" as unknown as Uint8Array };
    Object.defineProperty(broken, "id", {
      get: () => {
        throw new Error("unreadable");
      },
    });
    const events = [f.event({ id: "one" }), f.event({ id: "two" }), broken, f.event({ id: "three" })];
    expect(f.appendAll(events).map(({ kind }) => kind)).toEqual(["accepted", "accepted", "failed", "accepted"]);
    expect(f.sql("SELECT seq, id FROM event_1")).toEqual([
      { seq: 1, id: "one" },
      { seq: 2, id: "two" },
      { seq: 3, id: "three" },
    ]);
    expect(seqsOf(f.lease())).toEqual({ "#1": [1], "#2": [2], "#3": [3] });
  });

  it("still wakes for what was stored beside an event that was not", async () => {
    const f = new LogFixture();
    f.subscribe();
    await f.flush();
    const broken = f.event({ body: {} as Uint8Array });
    expect(f.appendAll([f.event(), f.event(), f.event(), broken]).map(({ kind }) => kind)).toContain("failed");
    await f.flush();
    expect(f.wakes.length).toBeGreaterThan(0);
  });

  it("leaves memory as the tables are when a transaction fails", () => {
    const f = new LogFixture();
    f.subscribe();
    f.failingStatement = /INSERT INTO event/;
    expect(f.append()).toMatchObject({ kind: "failed" });
    f.failingStatement = null;
    expect(f.append({ id: "after" })).toEqual({ kind: "accepted", eventId: "after" });
    expect(f.sql("SELECT seq FROM event_1")).toEqual([{ seq: 1 }]);
  });

  it("refuses an event without data owner where the access is by consent", () => {
    const f = new LogFixture();
    expect(f.append({}, BY_CONSENT)).toEqual({ kind: "data_owner_required" });
    expect(count(f)).toBe(0);
  });

  it("takes nothing from a caller who has not heard of a change, and learns of one from a caller who has", () => {
    const f = new LogFixture();
    expect(f.append({ dataOwnerId: "owner" }, { ...BY_CONSENT, version: 2 }).kind).toBe("accepted");
    expect(f.append({}, OPEN)).toEqual({ kind: "topic_changed" });
    f.restart();
    expect(f.append({}, OPEN)).toEqual({ kind: "topic_changed" });
    expect(count(f)).toBe(1);
  });

  it("refuses an event for a subscription that is not active here", () => {
    const f = new LogFixture();
    f.subscribe({ id: "paused", active: false });
    expect(f.append({ subscriptionId: "nobody" })).toEqual({ kind: "subscription_not_found" });
    expect(f.append({ subscriptionId: "paused" })).toEqual({ kind: "subscription_not_found" });
    expect(count(f)).toBe(0);
  });
});

describe("an event that is none of its channel's messages", () => {
  const marks = (f: LogFixture) => f.sql("SELECT id, invalid FROM event_1 ORDER BY seq");

  it("is stored with a mark, and delivered like any other", () => {
    const f = new LogFixture();
    f.subscribe();
    f.append({ id: "good" });
    f.append({ id: "bad", invalid: "marked" });
    expect(marks(f)).toEqual([
      { id: "good", invalid: 0 },
      { id: "bad", invalid: 1 },
    ]);
    const events = f.lease().items.flatMap((item) => item.events);
    expect(events.map(({ id }) => id)).toEqual(["good", "bad"]);
    expect(Object.keys(events[1] ?? {})).toEqual(Object.keys(events[0] ?? {}));
  });

  it("is not stored where it is refused, and leaves no idempotency key behind", () => {
    const f = new LogFixture();
    const idempotency = { key: "k", bodyDigest: "x" };
    expect(f.append({ invalid: "refused", idempotency })).toEqual({ kind: "message_invalid" });
    expect(count(f)).toBe(0);
    expect(f.append({ idempotency: { ...idempotency, bodyDigest: "y" } }).kind).toBe("accepted");
  });

  it("is refused for that last: whoever knows less of the API, or repeats an accepted one, hears that first", () => {
    const f = new LogFixture();
    const idempotency = { key: "k", bodyDigest: "x" };
    const first = f.append({ dataOwnerId: "owner", idempotency }, { ...BY_CONSENT, version: 2 });
    const refused = { invalid: "refused", dataOwnerId: "owner" } as const;
    expect(f.append(refused, OPEN)).toEqual({ kind: "topic_changed" });
    const topic = { ...BY_CONSENT, version: 2 };
    expect(f.append({ ...refused, idempotency }, topic)).toEqual(first);
    expect(f.append({ ...refused, dataOwnerId: null }, topic)).toEqual({ kind: "data_owner_required" });
    expect(f.append({ ...refused, subscriptionId: "nobody" }, topic)).toEqual({ kind: "subscription_not_found" });
    expect(f.append(refused, topic)).toEqual({ kind: "message_invalid" });
    expect(count(f)).toBe(1);
  });
});

describe("an idempotency key", () => {
  const keyed = (bodyDigest: string) => ({ idempotency: { key: "k", bodyDigest } });

  it("gives the first answer again, and a conflict for another body", () => {
    const f = new LogFixture();
    const first = f.append(keyed("x"));
    expect(f.append(keyed("x"))).toEqual(first);
    f.restart();
    expect(f.append(keyed("x"))).toEqual(first);
    expect(f.append(keyed("y"))).toEqual({ kind: "idempotency_conflict" });
    expect(count(f)).toBe(1);
  });

  it("counts for 24 hours, over midnight too, and no longer", () => {
    const f = new LogFixture();
    const first = f.append(keyed("x"));
    f.nowMs += IDEMPOTENCY_WINDOW_MS - 1;
    expect(f.append(keyed("x"))).toEqual(first);
    f.nowMs += 1;
    expect(f.append(keyed("y")).kind).toBe("accepted");
    f.nowMs += 3 * IDEMPOTENCY_WINDOW_MS;
    f.append({ idempotency: { key: "other", bodyDigest: "x" } });
    expect(f.sql("SELECT name FROM sqlite_master WHERE name GLOB 'idempotency_*'")).toHaveLength(1);
  });
});

describe("the events of a key", () => {
  it("are found across blocks of hashes, after a restart too", () => {
    const f = new LogFixture();
    f.subscribe();
    f.appendKeys(["rare"]);
    const first = f.lease({ nonce: "n" });
    f.call({ nonce: "n", ordinal: 2, wantsMore: false, settles: settlesOf(first, { failing: ["=rare"] }) });
    f.appendKeys(
      Array.from({ length: 2 * KEY_BLOCK_EVENTS + 10 }, (_, i) => (i === 2 * KEY_BLOCK_EVENTS ? "rare" : "x")),
    );
    f.restart();
    for (let left = true; left; ) {
      const answer = f.call({ nonce: "m" });
      left = answer.kind !== "done";
      if (answer.kind === "lease")
        f.call({ nonce: "m", ordinal: 2, wantsMore: false, settles: settlesOf(answer.lease) });
    }
    f.nowMs += 2000;
    expect(seqsOf(f.lease({ slot: f.retrySlot }))).toEqual({ "=rare": [1, 2 * KEY_BLOCK_EVENTS + 2] });
  });
});

describe("a log that is full", () => {
  it("takes nothing more, but answers what it has taken, and goes on once there is room", () => {
    const f = new LogFixture();
    const event = f.event({ idempotency: { key: "k", bodyDigest: "d" } });
    f.appendAll([event]);
    f.storageBytes = STORAGE_BYTES_MAX + 1;
    expect(f.append()).toEqual({ kind: "storage_full" });
    expect(f.appendAll([{ ...event, id: "again" }])).toEqual([{ kind: "accepted", eventId: event.id }]);
    expect(count(f)).toBe(1);
    f.storageBytes = 0;
    expect(f.append()).toMatchObject({ kind: "accepted" });
  });
});
