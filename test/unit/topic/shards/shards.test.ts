import { describe, expect, it } from "vitest";
import { isTakenOver, predecessorOf, shardOf } from "../../../../src/domain/topic.ts";
import { putConsent, putSubscription, putTopic, removeSubscription } from "../../../../src/topic/engine/controls.ts";
import { retryDelivery, skipDelivery } from "../../../../src/topic/engine/delivery-controls.ts";
import { pullLease } from "../../../../src/topic/engine/pull.ts";
import { isOwedAnything } from "../../../../src/topic/queries/owed.ts";
import { measureStatus } from "../../../../src/topic/queries/status.ts";
import { askPredecessor } from "../../../../src/topic/shards/ask-predecessor.ts";
import { inherit, inheritAnswers } from "../../../../src/topic/shards/inherit.ts";
import type { Subscription } from "../../../../src/topic/store/subscription.ts";
import { BY_CONSENT, LogFixture, OPEN, settlesOf, subscriptionOf } from "../../../support/log-fixture.ts";

const DAY_MS = 24 * 3600_000;
const KEYS = Array.from({ length: 4_000 }, (_, i) => `key ${i}`);
const [STAYS = ""] = KEYS.filter((key) => !isTakenOver(key, 1));
const MOVED = KEYS.filter((key) => isTakenOver(key, 1));
const [MOVES = "", MOVES_TOO = ""] = MOVED;

/** A log, and the one that has taken half of its keys over, as soon as `grow` is called. */
class Pair {
  readonly first = new LogFixture();
  readonly second = new LogFixture({ shard: 1 });

  async grow(): Promise<void> {
    await inherit(this.second.log, this.first.asPredecessor);
  }

  /** Lets the second log ask, at its own time. */
  async ask(): Promise<void> {
    this.second.nowMs = this.first.nowMs = Math.max(this.first.nowMs, this.second.nowMs) + 20_000;
    await askPredecessor(this.second.log, this.first.asPredecessor);
  }

  /** Lets keys fail in the first log, each at the first event of all. */
  failAtFirst(id: string, keys: string[]): void {
    const { log, nowMs } = this.first;
    for (const key of keys)
      log.lanes.set({ id, epoch: 1 }, { key: `=${key}`, headSeq: 1, attempt: 1, dueMs: nowMs + DAY_MS });
  }

  /** What the subscription gets of the second log now, all of it delivered. */
  received(): (string | null)[] {
    const keys: (string | null)[] = [];
    for (let answer = this.second.call({ nonce: "n" }), n = 2; answer.kind === "lease"; n++) {
      keys.push(...answer.lease.items.flatMap(({ events }) => events.map(({ partitionKey }) => partitionKey)));
      answer = this.second.call({ nonce: "n", ordinal: n, settles: settlesOf(answer.lease) });
    }
    return keys;
  }
}

describe("the shards of a topic", () => {
  it("double, so that a key stays or goes to the shard that its own is the predecessor of", () => {
    expect([0, 1, 2, 3, 5, 6, 63].map(predecessorOf)).toEqual([null, 0, 0, 1, 1, 2, 31]);
    for (const key of KEYS) {
      for (let shards = 1; shards < 64; shards *= 2) {
        const [before, after] = [shards, shards * 2].map((n) => shardOf(key, n, Math.random)) as [number, number];
        if (after === before) continue;
        expect(predecessorOf(after)).toBe(before);
        expect(isTakenOver(key, after)).toBe(true);
      }
    }
  });
});

describe("a log that has a successor", () => {
  it("sends publishers of the keys that have moved to look again, and takes the others", async () => {
    const pair = new Pair();
    pair.first.append({ partitionKey: MOVES });
    await pair.grow();
    expect(pair.first.append({ partitionKey: MOVES })).toEqual({ kind: "topic_changed" });
    for (const partitionKey of [STAYS, null]) {
      expect(pair.first.append({ partitionKey })).toMatchObject({ kind: "accepted" });
    }
    pair.first.restart();
    expect(pair.first.append({ partitionKey: MOVES })).toEqual({ kind: "topic_changed" });
  });

  it("refuses repeats of events without a key that have moved by their idempotency key, but not what it has stored", async () => {
    const pair = new Pair();
    const event = pair.first.event({ partitionKey: MOVES });
    pair.first.appendAll([event]);
    await pair.grow();
    const idempotency = { key: MOVES_TOO, bodyDigest: "d" };
    expect(pair.first.append({ idempotency })).toEqual({ kind: "topic_changed" });
    expect(pair.second.append({ idempotency })).toMatchObject({ kind: "accepted" });
  });
});

describe("a successor", () => {
  it("knows every subscription and consent before it takes an event", async () => {
    const pair = new Pair();
    const consent = { subscriptionId: "s", dataOwnerId: "owner", version: 3, granted: true, expiresMs: null };
    pair.first.subscribe({ id: "s" }, "latest", BY_CONSENT);
    pair.first.subscribe({ id: "gone" }, "latest", BY_CONSENT);
    removeSubscription(pair.first.log, "gone", 5);
    putConsent(pair.first.log, consent);
    await pair.grow();
    expect(measureStatus(pair.second.log, "s")?.backlog).toBe(0);
    pair.second.append({ partitionKey: MOVES, dataOwnerId: "owner" }, BY_CONSENT);
    pair.second.append({ partitionKey: MOVES, dataOwnerId: "other" }, BY_CONSENT);
    expect(measureStatus(pair.second.log, "s")?.backlog).toBe(1);
    putSubscription(pair.second.log, BY_CONSENT, subscriptionOf({ id: "gone", version: 4 }), "earliest");
    expect(measureStatus(pair.second.log, "gone")).toBeNull();
  });

  it("owes its events to whoever fetches them itself from its predecessor, and nothing to who only listens", async () => {
    const pair = new Pair();
    for (const id of ["fetches", "listens"]) pair.first.subscribe({ id, target: null });
    pullLease(pair.first.log, { subscription: "fetches", nonce: "n", max: 1, leaseSeconds: 60 });
    await pair.grow();
    pair.second.append({ partitionKey: MOVES });
    pair.second.restart();
    const isOwed = (id: string) => isOwedAnything(pair.second.log.subscriptions.get(id) as Subscription);
    expect([isOwed("fetches"), isOwed("listens")]).toEqual([true, false]);
  });

  it("owes them, too, to whoever fetched before and was removed while the shard was made, once back", async () => {
    const pair = new Pair();
    pair.first.subscribe({ id: "fetches", target: null });
    pullLease(pair.first.log, { subscription: "fetches", nonce: "n", max: 1, leaseSeconds: 60 });
    removeSubscription(pair.first.log, "fetches", 2);
    await pair.grow();
    const logs = [pair.first, pair.second];
    const areOwed = () => logs.map(({ log }) => isOwedAnything(log.subscriptions.get("fetches") as Subscription));
    expect(areOwed()).toEqual([false, false]);
    for (const log of logs) log.subscribe({ id: "fetches", target: null, version: 3 });
    expect(areOwed()).toEqual([true, true]);
  });

  it("takes a hundred subscriptions at a time, and begins anew where that was cut short", async () => {
    const pair = new Pair();
    for (let i = 0; i < 250; i++) pair.first.subscribe({ id: `s${i}` });
    const asked: string[] = [];
    const predecessor = pair.first.asPredecessor;
    const { listSubscriptions } = predecessor;
    predecessor.listSubscriptions = async (after) => {
      asked.push(after);
      if (asked.length === 2) throw new Error("cut short");
      return listSubscriptions(after);
    };
    await expect(inherit(pair.second.log, predecessor)).rejects.toThrow("cut short");
    pair.second.restart();
    await inherit(pair.second.log, predecessor);
    expect([...pair.second.log.subscriptions.all()]).toHaveLength(250);
    expect(asked).toHaveLength(5);
    await inherit(pair.second.log, predecessor);
    expect(asked).toHaveLength(5);
  });

  it("delivers nothing before its predecessor has leased all that it has of the keys", async () => {
    const pair = new Pair();
    pair.first.subscribe();
    pair.first.append({ partitionKey: MOVES });
    await pair.grow();
    pair.second.append({ partitionKey: MOVES });
    await pair.ask();
    expect(pair.received()).toEqual([]);
    const lease = pair.first.lease();
    pair.first.call({ settles: settlesOf(lease) });
    expect(pair.received()).toEqual([]);
    await pair.ask();
    expect(pair.received()).toEqual([MOVES]);
  });

  it("does not wait for what came to its predecessor after the keys had moved", async () => {
    const pair = new Pair();
    pair.first.subscribe();
    await pair.grow();
    pair.first.append({ partitionKey: STAYS });
    pair.second.append({ partitionKey: MOVES });
    await pair.ask();
    expect(pair.received()).toEqual([MOVES]);
  });

  it("holds a key that fails there, and no other, until it is through", async () => {
    const pair = new Pair();
    pair.first.subscribe();
    pair.first.appendKeys([MOVES, MOVES_TOO, STAYS]);
    await pair.grow();
    for (const partitionKey of [MOVES, MOVES_TOO, MOVES]) pair.second.append({ partitionKey });
    pair.first.call({ settles: settlesOf(pair.first.lease(), { failing: [`=${MOVES}`, `=${STAYS}`] }) });
    await pair.ask();
    expect(pair.received()).toEqual([MOVES_TOO]);
    expect(measureStatus(pair.second.log, "s")).toMatchObject({ backlog: 2, blockedKeys: 0 });
    pair.second.restart();
    await pair.ask();
    expect(pair.received()).toEqual([]);
    const retry = pair.first.lease({ slot: pair.first.retrySlot });
    await pair.ask();
    expect(pair.received()).toEqual([]);
    pair.first.call({ slot: pair.first.retrySlot, settles: settlesOf(retry, { failing: [`=${STAYS}`] }) });
    await pair.ask();
    expect(pair.received()).toEqual([MOVES, MOVES]);
    expect(measureStatus(pair.second.log, "s")?.backlog).toBe(0);
    expect(pair.second.sql("SELECT * FROM lane")).toEqual([]);
  });

  it("keeps a key held whose first event here is skipped", async () => {
    const pair = new Pair();
    pair.first.subscribe();
    pair.first.appendKeys([MOVES]);
    await pair.grow();
    pair.first.call({ settles: settlesOf(pair.first.lease(), { failing: [`=${MOVES}`] }) });
    await pair.ask();
    for (let i = 0; i < 2; i++) pair.second.append({ partitionKey: MOVES });
    pair.received();
    expect(skipDelivery(pair.second.log, "s", 1)).toBe("done");
    expect(pair.received()).toEqual([]);
    pair.first.call({ slot: 1, settles: settlesOf(pair.first.lease({ slot: 1 })) });
    await pair.ask();
    expect(pair.received()).toEqual([MOVES]);
  });

  it.each([
    {
      change: "filter",
      topic: OPEN,
      filter: '{"properties":{"data":{"required":["wanted"]}}}',
      make: ({ log }: LogFixture) => putSubscription(log, OPEN, subscriptionOf({ id: "s", version: 2 }), "latest"),
    },
    {
      change: "access",
      topic: BY_CONSENT,
      filter: null,
      make: ({ log }: LogFixture) => putTopic(log, { ...OPEN, version: 2 }),
    },
  ])(
    "goes first with a key only where its predecessor never has it again: a new $change does not bring back what the old one refused",
    async ({ topic, filter, make }) => {
      const pair = new Pair();
      pair.first.subscribe({ filter }, "earliest", topic);
      pair.first.append({ partitionKey: MOVES, dataOwnerId: "owner" }, topic);
      await pair.grow();
      await pair.ask();
      for (const log of [pair.second, pair.first]) make(log);
      pair.second.append({ partitionKey: MOVES }, { ...OPEN, version: 2 });
      await pair.ask();
      expect(pair.received()).toEqual([MOVES]);
      pair.first.restart();
      expect(pair.first.call()).toEqual({ kind: "done" });
    },
  );

  it("asks again for what it heard in a transaction that was rolled back", async () => {
    const pair = new Pair();
    for (const id of ["a", "b"]) pair.first.subscribe({ id });
    pair.failAtFirst("a", MOVED.slice(0, 1_500));
    pair.failAtFirst("b", MOVED.slice(0, 1));
    await pair.grow();
    pair.second.failingStatement = /INSERT INTO lane/;
    pair.second.successesBefore = 1_000;
    await expect(pair.ask()).rejects.toThrow("the disk failed");
    pair.second.failingStatement = null;
    for (let i = 0; i < 3; i++) await pair.ask();
    expect(pair.second.sql("SELECT count(*) AS n FROM lane WHERE subscription_id = 'a'")).toEqual([{ n: 1_500 }]);
  });

  it("holds every key over several answers, in whatever order strings stand in memory", async () => {
    const withPrefix = (prefix: string): string =>
      KEYS.map((_, i) => `${prefix}${i}`).find((key) => isTakenOver(key, 1)) ?? "";
    // As UTF-16 the second stands before the first, as UTF-8 behind it.
    const [wide, face] = [withPrefix("\uff01"), withPrefix("\u{1f600}")];
    const pair = new Pair();
    pair.first.subscribe();
    pair.failAtFirst("s", [...MOVED.slice(0, 998), wide, face, withPrefix("\u{1f601}")]);
    await pair.grow();
    for (let i = 0; i < 3; i++) await pair.ask();
    const held = pair.second.sql("SELECT key FROM lane").map(({ key }) => key);
    expect(held).toHaveLength(1_001);
    expect(held).toContain(`=${wide}`);
  });

  it("holds a key again from where it was held", async () => {
    const topic = { ...OPEN, version: 2, maxUndeliveredDays: 1 };
    const pair = new Pair();
    const { second } = pair;
    pair.first.subscribe();
    pair.failAtFirst("s", MOVED.slice(0, 1_500));
    await pair.grow();
    second.appendAll(
      [1, 2].map(() => second.event({ partitionKey: MOVES })),
      topic,
    );
    const predecessor = pair.first.asPredecessor;
    const { listMovedKeys } = predecessor;
    predecessor.listMovedKeys = async (shard, asks) => {
      if (asks[0]?.after !== "") throw new Error("cut short");
      return listMovedKeys(shard, asks);
    };
    second.nowMs += 20_000;
    await expect(askPredecessor(second.log, predecessor)).rejects.toThrow("cut short");
    second.alarmAtMs = second.nowMs + DAY_MS;
    second.fireAlarm();
    expect(retryDelivery(second.log, "s", 2)).toBe("done");
    second.restart();
    await pair.ask();
    pair.first.sql("DELETE FROM lane");
    await pair.ask();
    await pair.ask();
    expect(pair.received()).toEqual([MOVES]);
  });

  it("loses nothing of a held key where what waits too long is given up, and stands behind the cursor", async () => {
    const topic = { ...OPEN, version: 2, maxUndeliveredDays: 1 };
    const pair = new Pair();
    pair.first.subscribe();
    pair.first.append({ partitionKey: MOVES });
    await pair.grow();
    pair.first.call({ settles: settlesOf(pair.first.lease(), { failing: [`=${MOVES}`] }) });
    await pair.ask();
    const { first, second } = pair;
    const startMs = second.nowMs;
    for (const partitionKey of [MOVES, ...MOVED.slice(1, 18), MOVES]) second.append({ partitionKey }, topic);
    second.nowMs = startMs + DAY_MS - 5_000;
    const lease = second.lease();
    second.alarmAtMs = startMs + DAY_MS + 1_000;
    second.fireAlarm();
    second.call({ nonce: "n", settles: settlesOf(lease) });
    first.nowMs = second.nowMs;
    first.call({ slot: 1, settles: settlesOf(first.lease({ slot: 1 })) });
    pair.received();
    await pair.ask();
    expect(second.sql("SELECT seq, kind FROM closed")).toEqual([{ seq: 1, kind: "dead" }]);
    expect(pair.received()).toEqual([MOVES]);
  });

  it("replays after its predecessor has, and not before that one has heard of the replay", async () => {
    const pair = new Pair();
    pair.first.subscribe();
    pair.first.append({ partitionKey: MOVES });
    await pair.grow();
    pair.second.append({ partitionKey: MOVES });
    pair.first.call({ settles: settlesOf(pair.first.lease()) });
    await pair.ask();
    expect(pair.received()).toEqual([MOVES]);
    pair.second.seek(0);
    await pair.ask();
    expect(pair.received()).toEqual([]);
    pair.first.seek(0);
    await pair.ask();
    expect(pair.received()).toEqual([]);
    pair.first.call({ settles: settlesOf(pair.first.lease()) });
    await pair.ask();
    expect(pair.received()).toEqual([MOVES]);
  });

  it("has an alarm as long as it has to ask, and asks ever less often", async () => {
    const pair = new Pair();
    pair.first.subscribe();
    pair.first.append({ partitionKey: MOVES });
    await pair.grow();
    const gaps: number[] = [];
    for (let i = 0; i < 60; i++) {
      const before = pair.second.nowMs;
      pair.second.fireAlarm();
      await askPredecessor(pair.second.log, pair.first.asPredecessor);
      gaps.push(pair.second.nowMs - before);
    }
    expect(gaps).toEqual(gaps.toSorted((a, b) => a - b));
    expect([gaps[0], gaps.at(-1)]).toEqual([200, 30_000]);
    pair.first.call({ settles: settlesOf(pair.first.lease()) });
    pair.second.fireAlarm();
    await askPredecessor(pair.second.log, pair.first.asPredecessor);
    pair.second.fireAlarm();
    expect(pair.second.workAlarmMs).toBeNull();
  });

  it("asks as rarely where more keys are held than one answer names", async () => {
    const pair = new Pair();
    pair.first.subscribe();
    pair.failAtFirst("s", MOVED.slice(0, 1_500));
    await pair.grow();
    let beforeMs = 0;
    for (let i = 0; i < 60; i++) {
      beforeMs = pair.second.nowMs;
      pair.second.fireAlarm();
      await askPredecessor(pair.second.log, pair.first.asPredecessor);
    }
    expect(pair.second.nowMs - beforeMs).toBe(30_000);
    expect(pair.second.log.subscriptions.get("s")?.gated).toBe(false);
  });

  it("is told what its predecessor answered under an idempotency key, for a day", async () => {
    const pair = new Pair();
    const idempotency = { key: MOVES, bodyDigest: "d" };
    const first = pair.first.append({ partitionKey: MOVES, idempotency });
    await pair.grow();
    await inheritAnswers(pair.second.log, pair.first.asPredecessor, [MOVES]);
    expect(pair.second.append({ partitionKey: MOVES, idempotency })).toEqual(first);
    const other = { key: MOVES, bodyDigest: "other" };
    expect(pair.second.append({ partitionKey: MOVES, idempotency: other })).toEqual({ kind: "idempotency_conflict" });
    pair.second.nowMs = pair.first.nowMs + 24 * 3600_000;
    expect(pair.second.append({ partitionKey: MOVES, idempotency })).not.toEqual(first);
  });

  it("asks about all who wait in turn, however many do", async () => {
    const pair = new Pair();
    for (let i = 0; i < 2_100; i++) pair.first.subscribe({ id: `s${i}` });
    pair.first.append({ partitionKey: MOVES });
    await pair.grow();
    const asked = new Set<string>();
    const predecessor = pair.first.asPredecessor;
    const { listMovedKeys } = predecessor;
    predecessor.listMovedKeys = async (shard, asks) => {
      for (const { subscriptionId } of asks) asked.add(subscriptionId);
      return listMovedKeys(shard, asks);
    };
    for (let i = 0; i < 2; i++) {
      pair.second.nowMs += 20_000;
      await askPredecessor(pair.second.log, predecessor);
    }
    expect(asked.size).toBe(2_100);
  });
});
