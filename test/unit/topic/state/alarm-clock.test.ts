import { describe, expect, it } from "vitest";
import { ALARM_LOST_MS } from "../../../../src/kernel/limits.ts";
import { AlarmClock } from "../../../../src/topic/state/alarm-clock.ts";

const NOW_MS = 1_000_000;

/** A clock at a time, over a platform that tells what it was told. */
function clockAt(nowMs: number, alarmAtMs: number | null = null) {
  const told: (number | null)[] = [];
  const platform = {
    clock: { now: () => platform.nowMs },
    nowMs,
    alarmAtMs,
    setAlarm: (atMs: number) => void told.push(atMs),
    deleteAlarm: () => void told.push(null),
  };
  return { platform, told, alarm: new AlarmClock(platform) };
}

describe("an alarm", () => {
  it("is moved earlier by whoever needs it, never later", () => {
    const { alarm, told } = clockAt(NOW_MS);
    for (const inMs of [500, 300, 400, Number.POSITIVE_INFINITY, 200]) alarm.by(NOW_MS + inMs);
    expect(told).toEqual([NOW_MS + 500, NOW_MS + 300, NOW_MS + 200]);
  });

  it("is set to the exact time, or deleted, by who has looked at everything", () => {
    const { alarm, told } = clockAt(NOW_MS, NOW_MS + 10);
    alarm.replace(NOW_MS + 500);
    alarm.replace(NOW_MS + 500);
    alarm.replace(Number.POSITIVE_INFINITY);
    alarm.replace(Number.POSITIVE_INFINITY);
    expect(told).toEqual([NOW_MS + 500, null]);
  });

  it.each([
    ["for the time that it has just gone off at", NOW_MS],
    ["for a time that is over", NOW_MS - 5_000],
    ["for a part of the millisecond that it has just gone off at", NOW_MS + 0.625],
  ])("that is asked %s comes a millisecond later: the platform would lose it", (_, atMs) => {
    const { alarm, told } = clockAt(NOW_MS, NOW_MS);
    alarm.rearm(NOW_MS + 30_000);
    alarm.replace(atMs);
    alarm.by(atMs);
    alarm.replace(atMs);
    expect(told).toEqual([NOW_MS + 30_000, NOW_MS + 1]);
  });

  it("that should have gone off long ago is set again by the next who needs one", () => {
    const { alarm, told, platform } = clockAt(NOW_MS, NOW_MS);
    platform.nowMs += ALARM_LOST_MS;
    alarm.by(platform.nowMs + 500);
    expect(told).toEqual([]);
    platform.nowMs += 1;
    alarm.by(platform.nowMs + 500);
    alarm.by(platform.nowMs + 500);
    expect(told).toEqual([platform.nowMs + 1]);
  });

  it("that was set in a transaction that was rolled back is not counted on", () => {
    const { alarm, told } = clockAt(NOW_MS);
    alarm.begin();
    alarm.by(NOW_MS + 100);
    alarm.rollBack();
    alarm.by(NOW_MS + 200);
    expect(told).toEqual([NOW_MS + 100, NOW_MS + 200]);
  });
});
