import { describe, expect, it } from "vitest";
import { WAKE_COVER_MS } from "../../../../src/kernel/limits.ts";
import { measureStatus } from "../../../../src/topic/queries/status.ts";
import { LogFixture, settlesOf } from "../../../support/log-fixture.ts";

describe("wakes", () => {
  it("go to the subscriptions that match, once, and to nobody else", async () => {
    const f = new LogFixture();
    f.subscribe({ id: "all" }, "latest");
    f.subscribe({ id: "paused", active: false }, "latest");
    f.subscribe({ id: "targeted" }, "latest");
    await f.flush();
    f.wakes.length = 0;
    f.append({ subscriptionId: "targeted" });
    f.append({ subscriptionId: "targeted" });
    await f.flush();
    expect(f.wakes.map(({ wake, queue }) => [wake.subscription, queue])).toEqual([["targeted", "fresh"]]);
  });

  it("may all be lost: the alarm brings every event to its end", async () => {
    const f = new LogFixture();
    f.subscribe();
    f.appendKeys(["a", "b", "a", null]);
    await f.flush();
    for (let rounds = 0; measureStatus(f.log, "s")?.backlog !== 0; rounds++) {
      if (rounds > 10) throw new Error("the log waits for a wake that is lost");
      f.wakes.length = 0;
      f.restart();
      f.fireAlarm();
      await f.flush();
      // Only a consumer that a wake has called may come.
      for (const { wake } of f.wakes.splice(0, 1)) {
        const answer = f.call({ slot: wake.slot, token: wake.token, nonce: "n" });
        if (answer.kind !== "lease") continue;
        f.call({
          slot: wake.slot,
          nonce: "n",
          ordinal: 2,
          wantsMore: false,
          canReturn: false,
          settles: settlesOf(answer.lease),
        });
      }
    }
    f.fireAlarm();
    expect(f.workAlarmMs).toBeNull();
  });

  it("are sent again when one has been under way for too long", async () => {
    const f = new LogFixture();
    f.subscribe();
    f.append();
    await f.flush();
    expect(f.wakes).toHaveLength(1);
    f.append();
    await f.flush();
    expect(f.wakes).toHaveLength(1);
    f.nowMs += WAKE_COVER_MS;
    f.append();
    await f.flush();
    expect(f.wakes).toHaveLength(2);
  });

  it("that the queue refuses are sent by the alarm, soon", async () => {
    const f = new LogFixture();
    f.subscribe();
    f.queueFails = true;
    f.append();
    await f.flush();
    expect(f.wakes).toHaveLength(0);
    f.queueFails = false;
    expect(f.alarmAtMs).toBe(f.nowMs + 1000);
    f.fireAlarm();
    await f.flush();
    expect(f.wakes).toHaveLength(1);
  });

  it("for retries are delayed and travel through their own queue", async () => {
    const f = new LogFixture();
    f.subscribe();
    f.appendKeys(["a"]);
    const lease = f.lease({ nonce: "n" });
    await f.flush();
    f.wakes.length = 0;
    f.call({ nonce: "n", ordinal: 2, settles: settlesOf(lease, { failing: ["=a"] }) });
    await f.flush();
    expect(f.wakes).toMatchObject([
      { queue: "retry", delaySeconds: 1, wake: { subscription: "s", slot: f.retrySlot } },
    ]);
  });
});

describe("the alarm", () => {
  it("is set again before anything that may fail", () => {
    const f = new LogFixture();
    f.subscribe();
    f.append();
    f.call({ nonce: "n", ordinal: 2, settles: settlesOf(f.lease({ nonce: "n" }), { failing: ["#1"] }) });
    f.restart();
    f.failingStatement = /FROM lane/;
    expect(() => f.fireAlarm()).toThrow("the disk failed");
    expect(f.alarmAtMs).toBe(f.nowMs + WAKE_COVER_MS);
  });

  it("is set again by the next change when the one that set it was rolled back", () => {
    const f = new LogFixture();
    f.subscribe();
    f.appendKeys(["a"]);
    const lease = f.lease({ nonce: "n" });
    f.call({ nonce: "n", ordinal: 2, settles: settlesOf(lease, { failing: ["=a"] }) });
    f.subscribe({ version: 2, active: false });
    f.fireAlarm();
    expect(f.workAlarmMs).toBeNull();
    f.failingStatement = /FROM lane/;
    f.successesBefore = 2;
    expect(() => f.subscribe({ version: 3, active: true })).toThrow("the disk failed");
    expect(f.workAlarmMs).toBeNull();
    f.failingStatement = null;
    f.subscribe({ version: 3, active: true });
    expect(f.workAlarmMs).not.toBeNull();
  });

  it("is only ever moved earlier by work that comes", () => {
    const f = new LogFixture();
    f.subscribe();
    f.append();
    const first = f.alarmAtMs;
    f.nowMs += 5000;
    f.append();
    expect(f.alarmAtMs).toBe(first);
  });
});
