import { describe, expect, it } from "vitest";
import type { TopicConfig } from "../../../../src/domain/topic.ts";
import { isTakenOver } from "../../../../src/domain/topic.ts";
import { measureLog } from "../../../../src/topic/queries/metrics.ts";
import { measureStatus } from "../../../../src/topic/queries/status.ts";
import { dropNotices, takeNotices } from "../../../../src/topic/reports/notice-outbox.ts";
import { askPredecessor } from "../../../../src/topic/shards/ask-predecessor.ts";
import { inherit } from "../../../../src/topic/shards/inherit.ts";
import { OPEN } from "../../../support/log-fixture.ts";
import { PullFixture, pulledSeqs } from "../../../support/pull-fixture.ts";

const HOUR_MS = 3600_000;
const DAY_MS = 24 * HOUR_MS;
const KEPT: TopicConfig = { ...OPEN, retentionDays: 2 };
const LIMITED: TopicConfig = { ...KEPT, maxUndeliveredDays: 1 };

/** Fires alarms until this time has come, as the platform would. */
function sleepUntil(f: PullFixture, untilMs: number): void {
  for (let fired = 0; f.alarmAtMs !== null && f.alarmAtMs <= untilMs; fired++) {
    if (fired > 50_000) throw new Error("the alarm finds no rest");
    f.fireAlarm();
  }
  f.nowMs = Math.max(f.nowMs, untilMs);
}

const countEvents = (f: PullFixture): number => f.log.events.rowsAfter(0, 1000).length;

describe("what a subscription without an endpoint is owed", () => {
  it("is nothing as long as nobody has come to fetch it", () => {
    const f = new PullFixture();
    f.subscribe({}, "earliest", KEPT);
    f.append({}, KEPT);
    sleepUntil(f, f.nowMs + 4 * DAY_MS);
    expect(countEvents(f)).toBe(0);
    expect(f.alarmAtMs).toBeNull();
  });

  it("is all of it from the first call on, although that found nothing, and after a restart", () => {
    const f = new PullFixture();
    f.subscribe({}, "earliest", KEPT);
    f.pull();
    f.restart();
    f.append({}, KEPT);
    sleepUntil(f, f.nowMs + 30 * DAY_MS);
    expect(countEvents(f)).toBe(1);
    f.take();
    f.settle("delivered", 1);
    sleepUntil(f, f.nowMs + DAY_MS);
    expect(countEvents(f)).toBe(0);
  });

  it("is given up where the API says so", () => {
    const f = new PullFixture();
    f.subscribe({}, "earliest", LIMITED);
    f.pull();
    for (let i = 0; i < 3; i++) f.append({ partitionKey: "a" }, LIMITED);
    f.take({ max: 1 });
    f.settle("failed", 1);
    sleepUntil(f, f.nowMs + 1.5 * DAY_MS);
    expect(measureStatus(f.log, "s")).toMatchObject({ dead: 3, backlog: 0 });
    expect(f.pull()).toEqual({ kind: "nothing", retryMs: null });
  });

  it("is told of when it has waited for long, and again only when it did not in between", () => {
    const f = new PullFixture();
    f.subscribe();
    f.pull();
    const told = (): string[] => {
      const notices = takeNotices(f.log);
      dropNotices(f.log, notices.at(-1)?.n ?? 0);
      return notices.map(({ type }) => type);
    };
    f.appendKeys(["a"]);
    sleepUntil(f, f.nowMs + HOUR_MS - 1);
    expect(told()).toEqual([]);
    sleepUntil(f, f.nowMs + HOUR_MS);
    expect(told()).toEqual(["backlog.growing"]);
    f.take();
    f.settle("delivered", 1);
    sleepUntil(f, f.nowMs + HOUR_MS);
    f.appendKeys(["a"]);
    sleepUntil(f, f.nowMs + 2 * HOUR_MS);
    expect(told()).toEqual(["backlog.growing"]);
  });

  it("is nothing that a log which has been drained looks after", () => {
    const f = new PullFixture();
    f.subscribe();
    f.appendKeys(["a"]);
    f.take();
    f.settle("delivered", 1);
    sleepUntil(f, f.nowMs + HOUR_MS);
    expect(f.workAlarmMs).toBeNull();
  });

  it("is counted among what is delivered", () => {
    const f = new PullFixture();
    f.subscribe();
    f.appendKeys(["a", "b"]);
    expect(measureLog(f.log).gauges).toMatchObject({ delivering: 0, cursorLag: 0 });
    f.take({ max: 1 });
    expect(measureLog(f.log).gauges).toMatchObject({ delivering: 1, cursorLag: 1, liveLeases: 1 });
  });
});

describe("pulling from shards", () => {
  const KEYS = Array.from({ length: 100 }, (_, i) => `key ${i}`).filter((key) => isTakenOver(key, 1));
  const [MOVES = "", MOVES_TOO = ""] = KEYS;

  it("waits in the later one until the earlier one has leased all that came before, and for the keys that it still has", async () => {
    const first = new PullFixture();
    const second = new PullFixture({ shard: 1 });
    first.subscribe();
    first.appendKeys([MOVES, MOVES_TOO]);
    await inherit(second.log, first.asPredecessor);
    second.appendKeys([MOVES, MOVES_TOO]);
    expect(second.pull()).toMatchObject({ kind: "nothing", retryMs: expect.any(Number) });
    const ask = async (): Promise<void> => {
      second.nowMs = first.nowMs = second.nowMs + 10_000;
      await askPredecessor(second.log, first.asPredecessor);
    };
    await ask();
    expect(second.pull(), "nothing was leased in the first").toMatchObject({ kind: "nothing" });
    first.take();
    first.settle("delivered", 1);
    await ask();
    expect(pulledSeqs(second.take())).toEqual({ [`=${MOVES}`]: [1] });
    first.settle("delivered", 2);
    await ask();
    expect(pulledSeqs(second.take())).toEqual({ [`=${MOVES_TOO}`]: [2] });
  });
});
