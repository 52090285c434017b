import { describe, expect, it } from "vitest";
import type { TopicConfig } from "../../../../src/domain/topic.ts";
import {
  BACKLOG_NOTICE_MS,
  DAY_MS,
  NOTICE_GAP_MS,
  NOTICES_WAITING_MAX,
  STORAGE_BYTES_MAX,
  STORAGE_NEARLY_FULL_BYTES,
} from "../../../../src/kernel/limits.ts";
import { putSubscription, removeSubscription } from "../../../../src/topic/engine/controls.ts";
import { runAlarm } from "../../../../src/topic/engine/upkeep.ts";
import { dropNotices, takeNotices } from "../../../../src/topic/reports/notice-outbox.ts";
import { BY_CONSENT, LogFixture, OPEN, settlesOf, subscriptionOf } from "../../../support/log-fixture.ts";

/** What the log tells, and is told to have told. */
function tellAll(f: LogFixture): object[] {
  const taken = takeNotices(f.log);
  dropNotices(f.log, taken.at(-1)?.n ?? 0);
  return taken.map(({ n, atMs, ...news }) => news);
}

/** Attempts everything that is due now: all of it fails, or all is delivered. */
function attemptAll(f: LogFixture, delivered: boolean): void {
  for (const slot of [0, f.retrySlot]) {
    let answer = f.call({ slot, nonce: `${f.nowMs}/${slot}`, ordinal: 1 });
    for (let ordinal = 2; answer.kind === "lease"; ordinal++) {
      const failing = delivered ? [] : answer.lease.items.map(({ key }) => key);
      answer = f.call({
        slot,
        nonce: `${f.nowMs}/${slot}`,
        ordinal,
        settles: settlesOf(answer.lease, { failing, failure: { error: "timeout", status: 0 } }),
      });
    }
  }
}

const ONE_ATTEMPT = { initialSeconds: 1, multiplier: 2, maxDelaySeconds: 300, maxAttempts: 1 };
const HOURLY = { initialSeconds: 3600, multiplier: 1, maxDelaySeconds: 3600, maxAttempts: null };

/** Lets an endpoint fail from now on, with an attempt an hour, for so many hours. */
function failFor(f: LogFixture, hours: number): void {
  for (let hour = 0; hour <= hours; hour++) {
    attemptAll(f, false);
    f.nowMs += 3600_000 * 1.25;
  }
}

const typesOf = (notices: object[]): string[] => notices.map((notice) => (notice as { type: string }).type);

describe("events that are given up", () => {
  it("are one notice for each subscription, with how many and which", () => {
    const f = new LogFixture();
    f.subscribe({ id: "s", retry: ONE_ATTEMPT });
    f.appendAll(["a", "b", "c"].map((partitionKey) => f.event({ partitionKey, id: `of-${partitionKey}` })));
    attemptAll(f, false);
    const dead = { type: "delivery.dead", subscriptionId: "s", count: 3, firstEventId: "of-a", lastEventId: "of-c" };
    expect(tellAll(f)).toEqual([dead]);
    expect(tellAll(f)).toEqual([]);
  });

  it("are added up over transactions and restarts until the notice is taken, and then begin a new one", () => {
    const f = new LogFixture();
    f.subscribe({ retry: ONE_ATTEMPT });
    f.append({ id: "first" });
    attemptAll(f, false);
    f.restart();
    f.append({ id: "second" });
    attemptAll(f, false);
    const taken = takeNotices(f.log);
    expect(taken).toMatchObject([{ count: 2, firstEventId: "first", lastEventId: "second" }]);
    f.append({ id: "third" });
    attemptAll(f, false);
    expect(takeNotices(f.log)).toEqual(taken);
    dropNotices(f.log, taken[0]?.n ?? 0);
    expect(takeNotices(f.log)).toMatchObject([{ count: 1, firstEventId: "third", lastEventId: "third" }]);
  });

  it("are told where the API's maxUndeliveredDays gave them up, too", () => {
    const f = new LogFixture();
    const topic = { ...OPEN, version: 2, maxUndeliveredDays: 1 };
    f.subscribe({}, "earliest", topic);
    f.append({ id: "old" }, topic);
    f.nowMs += 2 * DAY_MS;
    runAlarm(f.log);
    expect(tellAll(f)).toContainEqual(expect.objectContaining({ type: "delivery.dead", lastEventId: "old" }));
  });

  it("are not told where the transaction that gave them up failed", () => {
    const f = new LogFixture();
    f.subscribe({ retry: ONE_ATTEMPT });
    f.append();
    const lease = f.lease({ nonce: "n" });
    const settles = settlesOf(lease, { failing: lease.items.map(({ key }) => key) });
    f.failingStatement = /INTO notice/;
    expect(() => f.call({ nonce: "n", ordinal: 2, settles })).toThrow("the disk failed");
    f.failingStatement = null;
    expect(tellAll(f)).toEqual([]);
    f.call({ nonce: "n", ordinal: 2, settles });
    expect(tellAll(f)).toMatchObject([{ type: "delivery.dead", count: 1 }]);
  });
});

describe("an endpoint that does nothing but fail", () => {
  it("is told after a day and again each day, over restarts, with since when and why", () => {
    const f = new LogFixture();
    f.subscribe({ retry: HOURLY });
    f.append({ partitionKey: "a" });
    const failingSinceMs = f.nowMs;
    failFor(f, 18);
    expect(typesOf(tellAll(f))).not.toContain("subscription.failing");
    f.restart();
    failFor(f, 1);
    const failing = { type: "subscription.failing", subscriptionId: "s", failingSinceMs, error: "timeout", status: 0 };
    expect(tellAll(f)).toContainEqual(failing);
    failFor(f, 15);
    expect(tellAll(f)).toEqual([]);
    f.restart();
    failFor(f, 3);
    expect(tellAll(f)).toEqual([failing]);
  });

  it("is told to have recovered when it delivers, if it had been told to fail", () => {
    const f = new LogFixture();
    f.subscribe({ retry: HOURLY });
    f.append({ partitionKey: "a" });
    const failingSinceMs = f.nowMs;
    failFor(f, 20);
    tellAll(f);
    f.restart();
    attemptAll(f, true);
    expect(tellAll(f)).toEqual([{ type: "subscription.recovered", subscriptionId: "s", failingSinceMs }]);
    f.append({ partitionKey: "a" });
    failFor(f, 2);
    attemptAll(f, true);
    expect(typesOf(tellAll(f))).not.toContain("subscription.recovered");
  });

  it("begins anew when its subscription is resumed", () => {
    const f = new LogFixture();
    f.subscribe({ retry: HOURLY });
    f.append({ partitionKey: "a" });
    failFor(f, 20);
    tellAll(f);
    for (const [version, active] of [
      [2, false],
      [3, true],
    ] as const)
      putSubscription(f.log, OPEN, subscriptionOf({ id: "s", retry: HOURLY, version, active }), "latest");
    failFor(f, 18);
    expect(typesOf(tellAll(f))).not.toContain("subscription.failing");
  });
});

describe("a backlog", () => {
  it("is told once when its oldest event has waited for an hour, and again only after it was gone", () => {
    const f = new LogFixture();
    f.subscribe();
    f.append();
    f.append();
    const oldestUndeliveredMs = f.nowMs;
    while (f.nowMs < oldestUndeliveredMs + BACKLOG_NOTICE_MS - NOTICE_GAP_MS) f.fireAlarm();
    expect(tellAll(f)).toEqual([]);
    while (f.nowMs < oldestUndeliveredMs + BACKLOG_NOTICE_MS) f.fireAlarm();
    expect(tellAll(f)).toEqual([
      { type: "backlog.growing", subscriptionId: "s", backlog: 2, backlogIsExact: true, oldestUndeliveredMs },
    ]);
    f.restart();
    f.nowMs += BACKLOG_NOTICE_MS;
    runAlarm(f.log);
    expect(tellAll(f)).toEqual([]);
    attemptAll(f, true);
    f.append();
    const secondMs = f.nowMs;
    while (f.nowMs < secondMs + BACKLOG_NOTICE_MS) f.fireAlarm();
    expect(tellAll(f)).toMatchObject([{ type: "backlog.growing", backlog: 1, oldestUndeliveredMs: secondMs }]);
  });

  it("is looked at when the hour is over, however long the retries wait", () => {
    const f = new LogFixture();
    f.subscribe({ retry: { ...HOURLY, initialSeconds: 12 * 3600, maxDelaySeconds: 12 * 3600 } });
    f.append();
    const acceptedMs = f.nowMs;
    attemptAll(f, false);
    runAlarm(f.log);
    expect(f.alarmAtMs).toBe(acceptedMs + BACKLOG_NOTICE_MS);
  });

  it("is not what a subscription asks for again, or has not had a chance to get: that counts from then on", () => {
    const f = new LogFixture();
    f.append();
    f.nowMs += 2 * BACKLOG_NOTICE_MS;
    f.subscribe({}, "earliest");
    runAlarm(f.log);
    expect(tellAll(f)).toEqual([]);
    attemptAll(f, true);
    f.seek(0);
    runAlarm(f.log);
    expect(tellAll(f)).toEqual([]);
    f.nowMs += BACKLOG_NOTICE_MS;
    runAlarm(f.log);
    expect(typesOf(tellAll(f))).toEqual(["backlog.growing"]);
  });

  it("is not looked for among all lanes at each alarm", () => {
    const f = new LogFixture();
    f.subscribe({ retry: HOURLY });
    f.append();
    attemptAll(f, false);
    runAlarm(f.log);
    f.failingStatement = /min\(head_seq\)/;
    f.nowMs += NOTICE_GAP_MS;
    expect(() => runAlarm(f.log)).not.toThrow();
    f.nowMs += BACKLOG_NOTICE_MS;
    expect(() => runAlarm(f.log)).toThrow("the disk failed");
  });

  it("is not told of events that the subscription's filter passes over, or while it is paused", () => {
    const f = new LogFixture();
    f.subscribe({ id: "filtered", filter: '{"properties":{"channel":{"const":"other"}}}' });
    f.subscribe({ id: "paused", active: false });
    f.append();
    f.restart();
    f.nowMs += 2 * BACKLOG_NOTICE_MS;
    runAlarm(f.log);
    expect(tellAll(f)).toEqual([]);
  });
});

describe("a log that fills", () => {
  it("tells its publisher once that it is nearly full, and once that it is full, until it has room again", () => {
    const f = new LogFixture();
    f.append();
    expect(tellAll(f)).toEqual([]);
    f.storageBytes = STORAGE_NEARLY_FULL_BYTES + 1;
    f.append();
    f.append();
    expect(tellAll(f)).toEqual([{ type: "storage.nearly_full", storedBytes: f.storageBytes }]);
    f.storageBytes = STORAGE_BYTES_MAX + 1;
    expect(f.append()).toEqual({ kind: "storage_full" });
    f.restart();
    expect(f.append()).toEqual({ kind: "storage_full" });
    expect(tellAll(f)).toEqual([{ type: "storage.full", storedBytes: f.storageBytes }]);
    f.storageBytes = 0;
    f.append();
    f.storageBytes = STORAGE_NEARLY_FULL_BYTES + 1;
    f.append();
    expect(typesOf(tellAll(f))).toEqual(["storage.nearly_full"]);
  });
});

describe("the outbox of a log", () => {
  it("calls at once, and then ever more rarely until somebody comes", () => {
    const f = new LogFixture();
    f.subscribe({ retry: ONE_ATTEMPT });
    f.append();
    attemptAll(f, false);
    expect(f.log.notices.takeCall(f.nowMs)).toBe(true);
    expect(f.log.notices.takeCall(f.nowMs)).toBe(false);
    const sinceMs = f.nowMs;
    while (f.noticeCalls < 3) f.fireAlarm();
    expect(f.nowMs - sinceMs).toBe((1 + 2 + 4) * NOTICE_GAP_MS);
    f.restart();
    expect(f.log.notices.takeCall(f.nowMs)).toBe(true);
    tellAll(f);
    f.nowMs += NOTICE_GAP_MS;
    expect(f.log.notices.takeCall(f.nowMs)).toBe(false);
    expect(f.log.notices.nextCallMs(f.nowMs)).toBe(Number.POSITIVE_INFINITY);
  });

  it("forgets the oldest where nobody comes for too long, and gives no number twice", () => {
    const f = new LogFixture();
    f.storageBytes = STORAGE_NEARLY_FULL_BYTES + 1;
    f.append();
    const [first] = takeNotices(f.log);
    dropNotices(f.log, first?.n ?? 0);
    f.sql("UPDATE sqlite_sequence SET seq = ? WHERE name = 'notice'", NOTICES_WAITING_MAX);
    f.sql("INSERT INTO notice (n, at_ms, news, taken) VALUES (1, 0, '{}', 0), (2, 0, '{}', 0)");
    f.storageBytes = STORAGE_BYTES_MAX + 1;
    f.append();
    expect(f.sql("SELECT n FROM notice ORDER BY n")).toEqual([{ n: 2 }, { n: NOTICES_WAITING_MAX + 1 }]);
  });

  it("does not keep what a removed subscription was told", () => {
    const f = new LogFixture();
    f.subscribe({ retry: HOURLY });
    f.append({ partitionKey: "a" });
    failFor(f, 20);
    runAlarm(f.log);
    const before = f.sql<{ what: string }>("SELECT what FROM told ORDER BY what").map(({ what }) => what);
    expect(before).toEqual(["backlog", "begun", "failing"]);
    removeSubscription(f.log, "s", 2);
    expect(f.sql("SELECT what FROM told")).toEqual([]);
  });
});

const NOTICES: TopicConfig = { ...BY_CONSENT, isAddressed: true };

describe("a log of addressed events, as the notices' own is", () => {
  it("gives each organization its own, without anybody's consent", () => {
    const f = new LogFixture();
    for (const id of ["one", "other"]) f.subscribe({ id, organizationId: id }, "earliest", NOTICES);
    f.subscribe({ id: "unsaid" }, "earliest", NOTICES);
    f.append({ id: "for-one", dataOwnerId: "one" }, NOTICES);
    f.append({ id: "for-other", dataOwnerId: "other" }, NOTICES);
    const eventsOf = (subscription: string): string[] =>
      f.lease({ subscription }).items.flatMap(({ events }) => events.map(({ id }) => id));
    expect(eventsOf("one")).toEqual(["for-one"]);
    expect(eventsOf("other")).toEqual(["for-other"]);
    expect(f.call({ subscription: "unsaid" }).kind).toBe("done");
    expect(f.append({}, NOTICES)).toEqual({ kind: "data_owner_required" });
  });

  it("tells nothing of itself", () => {
    const f = new LogFixture();
    f.subscribe({ organizationId: "one", retry: ONE_ATTEMPT }, "earliest", NOTICES);
    f.append({ dataOwnerId: "one" }, NOTICES);
    attemptAll(f, false);
    f.storageBytes = STORAGE_NEARLY_FULL_BYTES + 1;
    f.append({ dataOwnerId: "one" }, NOTICES);
    f.nowMs += 2 * BACKLOG_NOTICE_MS;
    runAlarm(f.log);
    expect(tellAll(f)).toEqual([]);
  });
});
