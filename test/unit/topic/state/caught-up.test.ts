import { beforeEach, describe, expect, it } from "vitest";
import { CAUGHT_UP_ROWS_MAX, WAKE_COVER_MS } from "../../../../src/kernel/limits.ts";
import { putConsent } from "../../../../src/topic/engine/controls.ts";
import { OPEN_ORDERS, order, orders } from "../../../support/filters.ts";
import { BY_CONSENT, LogFixture, OPEN, seqsOf, settlesOf, subscriptionOf } from "../../../support/log-fixture.ts";

/** Delivers all that a subscription has, and lets the alarm find nothing to do. */
function comeToRest(f: LogFixture, subscription: string): void {
  const lease = f.lease({ subscription, nonce: "n" });
  f.call({ subscription, nonce: "n", ordinal: 2, settles: settlesOf(lease) });
  f.fireAlarm();
  f.wakes.length = 0;
}

/** A new instance looks after everything; answers whom it wakes. */
async function wokenAfterRestart(f: LogFixture): Promise<string[]> {
  f.restart();
  if (f.alarmAtMs === null) f.append({ subscriptionId: "busy" });
  f.fireAlarm();
  await f.flush();
  return f.wakes.map(({ wake }) => wake.subscription).sort();
}

describe("a new instance of a log", () => {
  let f: LogFixture;

  beforeEach(() => {
    f = new LogFixture();
    f.subscribe({ id: "busy" });
    f.subscribe({ id: "idle" });
    f.append({ subscriptionId: "busy" });
    comeToRest(f, "busy");
  });

  it("wakes nobody for what is somebody else's, before it and since", async () => {
    f.append({ subscriptionId: "busy" });
    expect(await wokenAfterRestart(f)).toEqual(["busy"]);
  });

  it("wakes whom an event is for that came since somebody last looked", async () => {
    f.append({ subscriptionId: "idle" });
    expect(await wokenAfterRestart(f)).toEqual(["idle"]);
    expect(seqsOf(f.lease({ subscription: "idle" }))).toEqual({ "#2": [2] });
  });

  it("wakes who was behind when somebody last looked, and begins where its first event is", async () => {
    f.subscribe({ id: "at rest" }, "latest");
    f.appendAll(Array.from({ length: 200 }, () => f.event({ subscriptionId: "busy" })));
    f.append({ subscriptionId: "idle" });
    f.fireAlarm();
    f.wakes.length = 0;
    expect(await wokenAfterRestart(f)).toEqual(["busy", "idle"]);
    const before = f.rowsRead;
    expect(seqsOf(f.lease({ subscription: "idle" }))).toEqual({ "#202": [202] });
    expect(f.rowsRead - before).toBeLessThan(10);
  });

  it("wakes everybody where too much has come since, and all begin there", async () => {
    f.appendAll(Array.from({ length: CAUGHT_UP_ROWS_MAX + 1 }, () => f.event({ subscriptionId: "busy" })));
    expect(await wokenAfterRestart(f)).toEqual(["busy", "idle"]);
    const before = f.rowsRead;
    expect(f.call({ subscription: "idle" }).kind).toBe("done");
    expect(f.rowsRead - before).toBe(CAUGHT_UP_ROWS_MAX + 1);
  });

  it("wakes who may want more since it asked to start again", async () => {
    const { version } = f.log.subscriptions.get("idle")?.config ?? { version: 0 };
    const again = { n: 1, toMs: 0, toEventId: null };
    f.subscribe({ id: "idle", version: version + 1, seek: again });
    f.wakes.length = 0;
    expect(await wokenAfterRestart(f)).toContain("idle");
  });

  it("knows nothing of what a transaction wrote that was rolled back", async () => {
    f.append({ subscriptionId: "idle" });
    f.failingStatement = /caught_up/;
    expect(() => f.fireAlarm()).toThrow("the disk failed");
    f.failingStatement = null;
    expect(await wokenAfterRestart(f)).toEqual(["idle"]);
  });
});

describe("who has caught up", () => {
  const noted = (f: LogFixture): unknown[] => f.sql("SELECT seq, behind FROM caught_up");

  it("is not written down where every cursor is at the end of the log: it would be a row for nothing", () => {
    const f = new LogFixture();
    f.subscribe();
    f.append();
    comeToRest(f, "s");
    expect(noted(f)).toEqual([]);
  });

  it("is written once for the same place", () => {
    const f = new LogFixture();
    f.subscribe({ id: "busy" });
    f.subscribe({ id: "idle" });
    f.append({ subscriptionId: "busy" });
    comeToRest(f, "busy");
    expect(noted(f)).toEqual([{ seq: 1, behind: "[]" }]);
    f.failingStatement = /INTO caught_up/;
    f.log.alarm.by(f.nowMs);
    expect(() => f.fireAlarm()).not.toThrow();
  });

  it("is forgotten when a filter is changed: what it refused may be wanted now", async () => {
    const f = new LogFixture();
    f.subscribe({ id: "busy" });
    f.subscribe({ id: "idle", filter: OPEN_ORDERS });
    f.append(order("closed"));
    comeToRest(f, "busy");
    f.subscribe({ id: "idle", version: 2, filter: orders("closed") });
    f.wakes.length = 0;
    expect(await wokenAfterRestart(f)).toContain("idle");
    expect(seqsOf(f.lease({ subscription: "idle" }))).toEqual({ "#1": [1] });
  });

  describe("of an API that asks for consent", () => {
    let f: LogFixture;

    beforeEach(() => {
      f = new LogFixture();
      for (const id of ["busy", "idle"]) f.subscribe({ id }, "earliest", BY_CONSENT);
      putConsent(f.log, { subscriptionId: "busy", dataOwnerId: "o", version: 1, granted: true, expiresMs: null });
      f.append({ dataOwnerId: "o" }, BY_CONSENT);
      comeToRest(f, "busy");
    });

    it("is forgotten when the API is opened, and not when another of its settings changes", () => {
      f.append({ dataOwnerId: "x" }, { ...BY_CONSENT, version: 2, retentionDays: 3 });
      expect(noted(f)).toHaveLength(1);
      f.append({ dataOwnerId: "x" }, { ...OPEN, version: 3 });
      expect(noted(f)).toEqual([]);
    });

    it("is written down anew before too much has come, even where nobody wants any of it", () => {
      const unwanted = (count: number) => Array.from({ length: count }, () => f.event({ dataOwnerId: "x" }));
      f.appendAll(unwanted(CAUGHT_UP_ROWS_MAX / 2), BY_CONSENT);
      expect(f.alarmAtMs).toBeGreaterThan(f.nowMs + WAKE_COVER_MS);
      f.appendAll(unwanted(1), BY_CONSENT);
      expect(f.alarmAtMs).toBe(f.nowMs + WAKE_COVER_MS);
      f.fireAlarm();
      expect(noted(f)).toEqual([{ seq: CAUGHT_UP_ROWS_MAX / 2 + 2, behind: "[]" }]);
    });
  });
});

describe("an alarm", () => {
  it("asks the disk nothing for subscriptions that have nothing to do", () => {
    const f = new LogFixture();
    for (let i = 0; i < 100; i++) f.subscribe(subscriptionOf({ id: `idle-${i}` }), "latest");
    f.subscribe({ id: "busy" });
    f.append({ subscriptionId: "busy" });
    comeToRest(f, "busy");
    f.restart();
    f.failingStatement = /FROM (lane|closed|subscription|slot)/;
    f.log.alarm.by(f.nowMs);
    expect(() => f.fireAlarm()).not.toThrow();
  });
});
