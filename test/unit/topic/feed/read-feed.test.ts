import { describe, expect, it } from "vitest";
import type { FeedCall, FeedPage } from "../../../../src/domain/feed.ts";
import { putConsent } from "../../../../src/topic/engine/controls.ts";
import { readFeed } from "../../../../src/topic/feed/read-feed.ts";
import { sealFor } from "../../../../src/topic/shards/moved-keys.ts";
import { BY_CONSENT, LogFixture } from "../../../support/log-fixture.ts";

const read = (f: LogFixture, fields: Partial<FeedCall> = {}): FeedPage =>
  readFeed(f.log, { hub: null, subscriptions: ["s"], after: 0, ...fields });

const seqs = ({ events }: FeedPage): number[] => events.map(({ seq }) => seq);

describe("a reading of a log", () => {
  it("gives what stands behind a place, and says of each event who may have it", () => {
    const f = new LogFixture();
    f.subscribe();
    f.subscribe({ id: "t", filter: '{"properties":{"key":{"const":"b"}}}' });
    f.appendKeys(["a", "b", "a"]);
    const page = read(f, { subscriptions: ["t", "s"], after: 1 });
    expect(page.events.map(({ seq, readers }) => [seq, readers])).toEqual([
      [2, [0, 1]],
      [3, [1]],
    ]);
    expect(page).toMatchObject({ after: 1, upTo: 3, lastSeq: 3, firstSeq: 1, ended: [], successors: [] });
  });

  it("begins at the end, or before the first event", () => {
    const f = new LogFixture();
    f.subscribe();
    f.appendKeys(["a", "b"]);
    expect(read(f, { after: "latest" })).toMatchObject({ after: 2, upTo: 2, events: [] });
    expect(seqs(read(f, { after: "earliest" }))).toEqual([1, 2]);
  });

  it("passes over what nobody may have, and goes on behind it", () => {
    const f = new LogFixture();
    f.subscribe({ filter: '{"properties":{"key":{"const":"b"}}}' });
    f.appendKeys(["a", "b", "a"]);
    expect(seqs(read(f))).toEqual([2]);
    expect(read(f).upTo).toBe(3);
  });

  it("is bounded by events, and by bytes", () => {
    const f = new LogFixture();
    f.subscribe();
    f.appendKeys(Array.from({ length: 250 }, () => null));
    expect(read(f)).toMatchObject({ upTo: 200, lastSeq: 250 });
    expect(seqs(read(f, { after: 200 }))).toHaveLength(50);
    const body = new Uint8Array(600_000);
    f.append({ body });
    f.append({ body });
    expect(seqs(read(f, { after: 250 }))).toEqual([251]);
    expect(seqs(read(f, { after: 251 }))).toEqual([252]);
  });

  it("comes past events whose filters cost more than one reading may", () => {
    const f = new LogFixture();
    const costly = '{"properties":{"data":{"items":{"pattern":"^a+$"}}}}';
    for (let i = 0; i < 20; i++) f.subscribe({ id: `s${i}`, filter: costly });
    const body = new TextEncoder().encode(JSON.stringify(Array.from({ length: 500 }, () => "a".repeat(50))));
    for (let i = 0; i < 4; i++) f.append({ body });
    const subscriptions = Array.from({ length: 20 }, (_, i) => `s${i}`);
    let after = 0;
    let readings = 0;
    while (after < 4) {
      const page = read(f, { subscriptions, after });
      expect(page.upTo).toBeGreaterThan(after);
      after = page.upTo;
      readings++;
    }
    expect(readings).toBeGreaterThan(1);
  });

  it("gives nothing to a subscription that is paused, gone or unknown, and says which have ended", () => {
    const f = new LogFixture();
    f.subscribe();
    f.subscribe({ id: "paused", active: false });
    f.append();
    const page = read(f, { subscriptions: ["paused", "unknown", "s"] });
    expect(page.events.map(({ readers }) => readers)).toEqual([[2]]);
    expect(page.ended).toEqual([0]);
  });

  it("asks for consent as it is now", () => {
    const f = new LogFixture();
    const consent = { subscriptionId: "s", dataOwnerId: "o", expiresMs: null };
    f.subscribe({}, "earliest", BY_CONSENT);
    f.append({ dataOwnerId: "o" }, BY_CONSENT);
    putConsent(f.log, { ...consent, version: 1, granted: true });
    f.append({ dataOwnerId: "o" }, BY_CONSENT);
    f.append({ dataOwnerId: "p" }, BY_CONSENT);
    expect(seqs(read(f))).toEqual([2]);
    putConsent(f.log, { ...consent, version: 2, granted: false });
    expect(seqs(read(f))).toEqual([]);
  });

  it("says which shards have taken keys over, and from which place on", () => {
    const f = new LogFixture();
    f.appendKeys(["a", "b"]);
    sealFor(f.log, 1);
    expect(read(f).successors).toEqual([{ shard: 1, sealSeq: 2 }]);
  });
});

describe("a hub that reads", () => {
  const fixture = (): LogFixture => {
    const f = new LogFixture();
    f.subscribe();
    return f;
  };
  const poke = (f: LogFixture) => f.log.listeners.poke(() => f.log.events.lastSeq);

  it("is told of what comes, by a log that has begun anew too, and only while it has not read all", async () => {
    const f = fixture();
    const poked: string[] = [];
    f.poke = async (hub) => {
      poked.push(hub);
      return read(f, { hub, after: f.log.events.lastSeq }).reading;
    };
    await poke(f);
    expect(poked).toEqual([]);
    read(f, { hub: "h", after: "latest" });
    await poke(f);
    expect(poked).toEqual([]);
    f.append();
    await poke(f);
    await poke(f);
    expect(poked).toEqual(["h"]);
    f.restart();
    await poke(f);
    expect(poked).toEqual(["h", "h"]);
  });

  it("is told again where it was not reached, ever later, and the alarm stands behind it", async () => {
    const f = fixture();
    read(f, { hub: "h", after: "latest" });
    let tries = 0;
    f.poke = async () => {
      tries++;
      throw new Error("not reached");
    };
    f.append();
    await poke(f);
    await poke(f);
    expect(tries).toBe(1);
    const waits: number[] = [];
    for (let i = 0; i < 12; i++) {
      const before = f.nowMs;
      f.nowMs += f.log.listeners.nextPokeMs(f.log.events.lastSeq) - f.nowMs;
      waits.push(f.nowMs - before);
      await poke(f);
    }
    expect(tries).toBe(13);
    expect(waits[0]).toBe(500);
    expect(waits.at(-1)).toBe(60_000);
  });

  it("is forgotten when nobody listens there, unless somebody has come meanwhile", async () => {
    const f = fixture();
    read(f, { hub: "gone", after: "latest" });
    read(f, { hub: "new", after: "latest" });
    f.poke = async (hub) => {
      if (hub === "new") read(f, { hub, after: "latest" });
      return "nobody";
    };
    f.append();
    await poke(f);
    expect(f.sql("SELECT name FROM hub")).toEqual([{ name: "new" }]);
  });

  it("is told of news that is no event: a shard, a subscription that is paused or ends", async () => {
    const f = fixture();
    const poked: string[] = [];
    f.poke = async (hub) => {
      poked.push(hub);
      return read(f, { hub, after: "latest" }).reading;
    };
    read(f, { hub: "h", after: "latest" });
    sealFor(f.log, 1);
    await poke(f);
    f.subscribe({ version: 2, active: false });
    await poke(f);
    expect(poked).toEqual(["h", "h"]);
  });

  it("holds what it has read until it reads on, or says that it was sent, or time is up", async () => {
    const f = new LogFixture();
    const consent = { subscriptionId: "s", dataOwnerId: "o", expiresMs: null };
    f.subscribe({}, "earliest", BY_CONSENT);
    putConsent(f.log, { ...consent, version: 1, granted: true });
    f.append({ dataOwnerId: "o" }, BY_CONSENT);
    const holds = () => f.log.listeners.holdsOwner("s", "o");
    const after = 0;
    f.nowMs += 60_000;
    read(f, { hub: "h", after });
    expect([holds(), f.log.listeners.holdsOwner("s", "p"), f.log.listeners.holdsOwner("t", "o")]).toEqual([
      true,
      false,
      false,
    ]);
    read(f, { hub: "h", after: 1 });
    expect(holds()).toBe(false);
    read(f, { hub: "h", after });
    f.nowMs += 3_000;
    expect(holds()).toBe(false);
    f.poke = async (hub) => read(f, { hub, after }).reading;
    f.append({ dataOwnerId: "o" }, BY_CONSENT);
    await poke(f);
    expect(holds()).toBe(false);
    f.restart();
    expect(holds()).toBe(true);
    f.nowMs += 3_000;
    expect(holds()).toBe(false);
  });
});
