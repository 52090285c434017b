import { describe, expect, it } from "vitest";
import type { TopicConfig } from "../../../../src/domain/topic.ts";
import { putTopic } from "../../../../src/topic/engine/controls.ts";
import { retryDead } from "../../../../src/topic/engine/delivery-controls.ts";
import { measureStatus } from "../../../../src/topic/queries/status.ts";
import { LogFixture, OPEN, seqsOf, settlesOf } from "../../../support/log-fixture.ts";

const HOUR_MS = 3600_000;
const DAY_MS = 24 * HOUR_MS;
const KEPT: TopicConfig = { ...OPEN, retentionDays: 2 };

const idsLeft = (f: LogFixture): string[] =>
  f.log.events.rowsAfter(0, 1000).map(({ seq }) => f.log.events.read(seq)?.id ?? "");
const appendOn = (f: LogFixture, id: string): void => void f.append({ id }, KEPT);

/** Fires alarms until this time has come, as the platform would. */
function sleepUntil(f: LogFixture, untilMs: number): void {
  for (let fired = 0; f.alarmAtMs !== null && f.alarmAtMs <= untilMs; fired++) {
    if (fired > 50_000) throw new Error("the alarm finds no rest");
    f.fireAlarm();
  }
  f.nowMs = Math.max(f.nowMs, untilMs);
}

/** Delivers all there is. */
function deliver(f: LogFixture): string[] {
  const ids: string[] = [];
  let answer = f.call({ nonce: "n", ordinal: 1 });
  for (let ordinal = 2; answer.kind === "lease"; ordinal++) {
    ids.push(...answer.lease.items.flatMap(({ events }) => events.map(({ id }) => id)));
    answer = f.call({ nonce: "n", ordinal, settles: settlesOf(answer.lease) });
  }
  return ids;
}

describe("a log that nobody subscribes to", () => {
  it("keeps events as long as its API says, and then forgets them without anybody's help", () => {
    const f = new LogFixture();
    const startMs = f.nowMs;
    for (const day of [0, 1]) {
      sleepUntil(f, startMs + day * DAY_MS);
      appendOn(f, `day ${day}`);
    }
    sleepUntil(f, startMs + 2 * DAY_MS - 1);
    expect(idsLeft(f)).toEqual(["day 0", "day 1"]);
    sleepUntil(f, startMs + 2 * DAY_MS);
    expect(idsLeft(f)).toEqual(["day 1"]);
    sleepUntil(f, startMs + 10 * DAY_MS);
    expect(idsLeft(f)).toEqual([]);
    expect(f.alarmAtMs).toBeNull();
  });

  it("never gives a sequence number twice, not even when all is forgotten", () => {
    const f = new LogFixture();
    appendOn(f, "a");
    appendOn(f, "b");
    sleepUntil(f, f.nowMs + 3 * DAY_MS);
    expect(idsLeft(f)).toEqual([]);
    f.restart();
    appendOn(f, "c");
    expect(f.log.events.lastSeq).toBe(3);
    expect(idsLeft(f)).toEqual(["c"]);
  });

  it("forgets at once what a shorter time does not keep any more", () => {
    const f = new LogFixture();
    f.append({ id: "old" });
    f.nowMs += 5 * DAY_MS;
    putTopic(f.log, { ...KEPT, version: 2 });
    sleepUntil(f, f.nowMs + 1);
    expect(idsLeft(f)).toEqual([]);
  });

  it("forgets by dropping tables: no event's row is deleted", () => {
    const f = new LogFixture();
    for (let i = 0; i < 50; i++) appendOn(f, `${i}`);
    f.failingStatement = /DELETE FROM event/;
    sleepUntil(f, f.nowMs + 3 * DAY_MS);
    expect(f.sql("SELECT name FROM sqlite_master WHERE name GLOB 'event_*'")).toEqual([{ name: "event_51" }]);
  });
});

describe("an event that somebody is still owed", () => {
  it.each<[string, (f: LogFixture) => void]>([
    ["waits behind a pause", (f) => f.subscribe({ version: 2, active: false }, "latest", KEPT)],
    [
      "fails",
      (f) => {
        const lease = f.lease({ nonce: "n" });
        const failing = lease.items.map(({ key }) => key);
        f.call({ nonce: "n", ordinal: 2, settles: settlesOf(lease, { failing }), wantsMore: false });
      },
    ],
  ])("stays while it %s, and goes when it has been delivered", (_, hold) => {
    const f = new LogFixture();
    f.subscribe({}, "latest", KEPT);
    f.append({ id: "owed", partitionKey: "k" }, KEPT);
    hold(f);
    sleepUntil(f, f.nowMs + 3 * DAY_MS);
    expect(idsLeft(f)).toEqual(["owed"]);
    f.subscribe({ version: 3 }, "latest", KEPT);
    expect([...deliver(f), ...retry(f)]).toEqual(["owed"]);
    sleepUntil(f, f.nowMs + 2 * HOUR_MS);
    expect(idsLeft(f)).toEqual([]);
  });

  it("stays while a lease of before a replay keeps it from being attempted again", () => {
    const f = new LogFixture({ parallelConsumers: 2 });
    const startMs = f.nowMs;
    f.subscribe({}, "latest", KEPT);
    f.append({ id: "old", partitionKey: "k" }, KEPT);
    f.append({ id: "other", partitionKey: "other" }, KEPT);
    deliver(f);
    sleepUntil(f, startMs + 2 * DAY_MS - 10_000);
    f.append({ id: "new", partitionKey: "k" }, KEPT);
    f.lease({ nonce: "slow" });
    f.seek(startMs);
    const again = f.lease({ nonce: "quick", slot: 1 });
    expect(again.items.map(({ key }) => key)).toEqual(["=other"]);
    f.call({ nonce: "quick", slot: 1, ordinal: 2, settles: settlesOf(again), wantsMore: false });
    sleepUntil(f, startMs + 2 * DAY_MS);
    expect(idsLeft(f)).toEqual(["old", "other", "new"]);
    sleepUntil(f, f.nowMs + 60_000);
    expect(deliver(f)).toEqual(["old", "new"]);
  });

  it("is not waited for where it is of no concern: filtered out, or of a subscription that has gone or has no endpoint", () => {
    const f = new LogFixture();
    f.subscribe({ id: "live", target: null }, "latest", KEPT);
    f.subscribe({ filter: JSON.stringify({ properties: { channel: { const: "another" } } }) }, "latest", KEPT);
    appendOn(f, "unwanted");
    deliver(f);
    sleepUntil(f, f.nowMs + 3 * DAY_MS);
    expect(idsLeft(f)).toEqual([]);
  });
});

function retry(f: LogFixture): string[] {
  const answer = f.call({ slot: f.retrySlot, nonce: "r", ordinal: 1 });
  if (answer.kind !== "lease") return [];
  f.call({ slot: f.retrySlot, nonce: "r", ordinal: 2, settles: settlesOf(answer.lease), wantsMore: false });
  return answer.lease.items.flatMap(({ events }) => events.map(({ id }) => id));
}

describe("what is left of a log", () => {
  it("is read, searched and sought over several segments", () => {
    const f = new LogFixture();
    for (let day = 0; day < 5; day++) {
      for (const key of ["a", "b"]) f.append({ id: `${key}${day}`, partitionKey: key }, { ...KEPT, retentionDays: 30 });
      f.nowMs += DAY_MS;
    }
    f.restart();
    expect(idsLeft(f)).toHaveLength(10);
    f.subscribe({}, { atMs: f.nowMs - 3 * DAY_MS }, { ...KEPT, retentionDays: 30 });
    expect(seqsOf(f.lease({ nonce: "n" }))).toEqual({ "=a": [5, 7, 9], "=b": [6, 8, 10] });
  });

  it("is where a subscription begins that wants more than there is", () => {
    const f = new LogFixture();
    appendOn(f, "forgotten");
    f.nowMs += 3 * DAY_MS;
    appendOn(f, "kept");
    sleepUntil(f, f.nowMs);
    f.subscribe({}, "earliest", KEPT);
    expect(deliver(f)).toEqual(["kept"]);
    f.seek(0);
    expect(deliver(f)).toEqual(["kept"]);
    expect(measureStatus(f.log, "s")).toMatchObject({ backlog: 0 });
  });
});

describe("what has not been delivered for too long", () => {
  const LIMITED: TopicConfig = { ...OPEN, retentionDays: 30, maxUndeliveredDays: 1 };

  it("is dead, whether it waits, fails or stands behind one that does; what is younger goes on", () => {
    const f = new LogFixture();
    f.subscribe({}, "latest", LIMITED);
    f.append({ id: "failing", partitionKey: "k" }, LIMITED);
    const lease = f.lease({ nonce: "n" });
    f.call({ nonce: "n", ordinal: 2, settles: settlesOf(lease, { failing: ["=k"] }), wantsMore: false });
    f.append({ id: "blocked", partitionKey: "k" }, LIMITED);
    f.append({ id: "waiting" }, LIMITED);
    f.subscribe({ version: 2, active: false }, "latest", LIMITED);
    sleepUntil(f, f.nowMs + DAY_MS - HOUR_MS);
    f.append({ id: "young", partitionKey: "k" }, LIMITED);
    expect(measureStatus(f.log, "s")).toMatchObject({ backlog: 4, dead: 0 });
    sleepUntil(f, f.nowMs + 3 * HOUR_MS);
    expect(measureStatus(f.log, "s")).toMatchObject({ backlog: 1, dead: 3 });
    f.subscribe({ version: 3 }, "latest", LIMITED);
    expect([...deliver(f), ...retry(f)]).toEqual(["young"]);
  });

  it("is given up on time also where somebody's cursor stands before all that is left", () => {
    const f = new LogFixture();
    const startMs = f.nowMs;
    f.append({}, { ...OPEN, retentionDays: 1 });
    sleepUntil(f, startMs + 2 * DAY_MS);
    const topic: TopicConfig = { ...OPEN, version: 2, maxUndeliveredDays: 3 };
    f.subscribe({ active: false }, "earliest", topic);
    f.append({}, topic);
    f.alarmAtMs = f.nowMs;
    sleepUntil(f, startMs + 6 * DAY_MS);
    expect(f.sql("SELECT seq, kind FROM closed")).toEqual([{ seq: 2, kind: "dead" }]);
  });

  it("is given up as soon as the API says so, of a paused subscription too", () => {
    const f = new LogFixture();
    f.subscribe({ active: false });
    f.append();
    sleepUntil(f, f.nowMs + 5 * DAY_MS);
    putTopic(f.log, { ...OPEN, version: 2, maxUndeliveredDays: 2 });
    sleepUntil(f, f.nowMs + HOUR_MS);
    expect(f.sql("SELECT seq, kind FROM closed")).toEqual([{ seq: 1, kind: "dead" }]);
  });

  it("has that long from when it is asked for: by who starts with old events, seeks them or has dead ones retried", () => {
    const f = new LogFixture();
    f.append({ id: "old" }, LIMITED);
    sleepUntil(f, f.nowMs + 5 * DAY_MS);
    const isDeadAfter = (hours: number): boolean => {
      sleepUntil(f, f.nowMs + hours * HOUR_MS);
      return measureStatus(f.log, "s")?.dead === 1;
    };
    f.subscribe({}, "earliest", LIMITED);
    expect([isDeadAfter(23), isDeadAfter(2)]).toEqual([false, true]);
    f.seek(0);
    expect([isDeadAfter(23), isDeadAfter(2)]).toEqual([false, true]);
    expect(retryDead(f.log, "s", { fromMs: null, toMs: null, channel: null })).toEqual({ retried: 1, remaining: 0 });
    expect([isDeadAfter(23), isDeadAfter(2)]).toEqual([false, true]);
  });

  it("is given up in bounded steps", () => {
    const f = new LogFixture();
    f.subscribe({ active: false }, "latest", LIMITED);
    f.appendAll(
      Array.from({ length: 2_500 }, () => f.event()),
      LIMITED,
    );
    const before = f.nowMs + DAY_MS + 1;
    sleepUntil(f, before + 2 * HOUR_MS);
    expect(measureStatus(f.log, "s")).toMatchObject({ backlog: 0, dead: 2_500 });
  });

  it("is left alone while it is being attempted", () => {
    const f = new LogFixture();
    f.subscribe({}, "latest", LIMITED);
    f.append({ id: "held", partitionKey: "k" }, LIMITED);
    const first = f.lease({ nonce: "n" });
    f.call({ nonce: "n", ordinal: 2, settles: settlesOf(first, { failing: ["=k"] }), wantsMore: false });
    f.nowMs += DAY_MS + HOUR_MS;
    const lease = f.lease({ slot: f.retrySlot, nonce: "r" });
    f.alarmAtMs = f.nowMs;
    f.fireAlarm();
    expect(measureStatus(f.log, "s")).toMatchObject({ backlog: 1, dead: 0 });
    f.call({ slot: f.retrySlot, nonce: "r", ordinal: 2, settles: settlesOf(lease), wantsMore: false });
    expect(measureStatus(f.log, "s")).toMatchObject({ backlog: 0, dead: 0 });
  });
});
