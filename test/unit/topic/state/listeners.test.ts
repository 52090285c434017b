import { describe, expect, it } from "vitest";
import type { FeedCall } from "../../../../src/domain/feed.ts";
import { POKE_RETRY_MS_MIN } from "../../../../src/kernel/limits.ts";
import { readFeed } from "../../../../src/topic/feed/read-feed.ts";
import { LogFixture } from "../../../support/log-fixture.ts";

const LISTENING: FeedCall = { hub: "hub", subscriptions: ["s"], after: "latest" };

/** A log with a listener at one hub, and an event for it. */
function begin(): LogFixture {
  const f = new LogFixture();
  f.subscribe({ target: null });
  readFeed(f.log, LISTENING);
  f.append();
  return f;
}

const poke = (f: LogFixture): Promise<void> => f.log.listeners.poke(() => f.log.events.lastSeq);

describe("a poke", () => {
  it("is repeated where it fails, even if the hub has read: the page may have got lost on its way there", async () => {
    const f = begin();
    let pokes = 0;
    f.poke = async () => {
      const { reading } = readFeed(f.log, { ...LISTENING, after: 0 });
      if (++pokes === 1) throw new Error("the network failed");
      return reading;
    };
    await poke(f);
    f.nowMs += POKE_RETRY_MS_MIN;
    f.fireAlarm();
    await poke(f);
    expect(pokes).toBe(2);
    f.fireAlarm();
    expect(f.workAlarmMs).toBeNull();
  });

  it("that is answered without a reading is not repeated before there is more: whom it concerns can take nothing now", async () => {
    const f = begin();
    let pokes = 0;
    f.poke = async () => ++pokes;
    await poke(f);
    f.fireAlarm();
    await poke(f);
    expect(pokes).toBe(1);
    expect(f.workAlarmMs).toBeNull();
    f.append();
    await poke(f);
    expect(pokes).toBe(2);
  });
});
