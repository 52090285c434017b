import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { shardOf } from "../../../src/domain/topic.ts";
import { StreamHub } from "../../../src/hub/stream-hub.ts";
import { type HubClient, HubStage, logs, upTo } from "./hub-stage.ts";

beforeEach(() => void vi.spyOn(console, "log").mockImplementation(() => {}));
afterEach(() => void vi.restoreAllMocks());

const got = (client: HubClient, numbers: number[]): Promise<void> =>
  vi.waitFor(() => expect(client.numbers).toEqual(numbers), { timeout: 20_000, interval: 10 });

describe("a hub", () => {
  it("gives a listener what is published from then on, in order, once", async () => {
    const stage = new HubStage();
    await stage.subscribe();
    await stage.publish(2);
    const client = await stage.connect();
    await stage.publish(50, { partitionKey: "k" });
    await got(client, upTo(52, 3));
    expect(client.frames[0]).toEqual({
      ...{ cursor: expect.any(String), id: expect.any(String), channel: "orders", partitionKey: "k", data: 3 },
    });
  });

  it("gives what came before to whoever resumes, and goes on live without a gap or a repeat", async () => {
    const stage = new HubStage();
    await stage.subscribe();
    const first = await stage.connect();
    await stage.publish(300);
    await got(first, upTo(300));
    const publishing = stage.publish(100);
    const resumed = await Promise.all(
      [0, 1, 150, 299].map((at) => stage.connect({ after: first.frames[at]?.cursor ?? "" })),
    );
    await publishing;
    for (const [i, from] of [2, 3, 152, 301].entries()) await got(resumed[i] as HubClient, upTo(400, from));
    await got(first, upTo(400));
  });

  it("begins at the first event where it is asked to", async () => {
    const stage = new HubStage();
    await stage.subscribe();
    await stage.publish(10);
    await got(await stage.connect({ from: "earliest" }), upTo(10));
  });

  it("loses nothing while it hibernates, and while the log's object does", async () => {
    const stage = new HubStage();
    await stage.subscribe();
    const client = await stage.connect();
    await stage.publish(3);
    await got(client, upTo(3));
    await evictDurableObject(stage.hubStub);
    await stage.publish(3);
    await got(client, upTo(6));
    await evictDurableObject(stage.logStub());
    await stage.publish(3);
    await got(client, upTo(9));
    await evictDurableObject(stage.hubStub);
    await evictDurableObject(stage.logStub());
    await stage.publish(1);
    await got(client, upTo(10));
  });

  it("is told by the log's alarm of what a poke did not bring", async () => {
    const stage = new HubStage();
    await stage.subscribe();
    const client = await stage.connect();
    vi.spyOn(StreamHub.prototype, "poke").mockRejectedValueOnce(new Error("the network failed"));
    await stage.publish(1);
    await got(client, [1]);
  });

  it("reads again by its own alarm, whatever it was told", async () => {
    const stage = new HubStage();
    await stage.subscribe();
    const client = await stage.connect();
    await runInDurableObject(stage.logStub(), (_, { storage }) => void storage.sql.exec("DELETE FROM hub"));
    await evictDurableObject(stage.logStub());
    await stage.publish(2);
    expect(client.numbers).toEqual([]);
    await runDurableObjectAlarm(stage.hubStub);
    await got(client, [1, 2]);
  });

  it("is forgotten by a log once nobody listens there any more, and no longer told", async () => {
    const stage = new HubStage();
    await stage.subscribe();
    const client = await stage.connect();
    await client.close();
    await stage.publish(1);
    const hubs = () =>
      runInDurableObject(stage.logStub(), (_, { storage }) => storage.sql.exec("SELECT name FROM hub").toArray());
    await vi.waitFor(async () => expect(await hubs()).toEqual([]));
    const again = await stage.connect();
    await stage.publish(1);
    await got(again, [2]);
  });
});

describe("who may have an event", () => {
  it("is decided for each subscription, by its filter", async () => {
    const stage = new HubStage();
    await stage.subscribe();
    await stage.subscribe({ id: "big", filter: '{"properties":{"data":{"minimum":4}}}' });
    const all = await stage.connect();
    const big = await stage.connect({ topics: [stage.topic("big")] });
    await stage.publish(6);
    await got(all, upTo(6));
    await got(big, upTo(6, 4));
  });

  it("ends for a data owner's events when the withdrawal of its consent was answered", async () => {
    const stage = new HubStage({ access: "consent" });
    await stage.subscribe();
    await stage.publish(1, { dataOwnerId: "a" });
    await stage.consent("a", true);
    await stage.consent("b", true);
    const client = await stage.connect();
    await stage.publish(2, { dataOwnerId: "a" });
    await got(client, [2, 3]);
    await stage.consent("a", false);
    await stage.publish(2, { dataOwnerId: "a" });
    await stage.publish(1, { dataOwnerId: "b" });
    await got(client, [2, 3, 6]);
    const replaying = await stage.connect({ from: "earliest" });
    await got(replaying, [6]);
  });

  it("is decided anew where the way to the listener took so long that it may have been withdrawn meanwhile", async () => {
    const stage = new HubStage({ access: "consent" });
    await stage.subscribe();
    await stage.consent("a", true);
    const hub = await logs.readFeed(stage.log(), { hub: "slow", subscriptions: ["s"], after: "latest" });
    expect(hub.ok && hub.value.validMs).toBeGreaterThan(1_000);
    await stage.publish(1, { dataOwnerId: "a" });
    await logs.readFeed(stage.log(), { hub: "slow", subscriptions: ["s"], after: 0 });
    let isAnswered = false;
    const withdrawn = stage.consent("a", false).then(() => {
      isAnswered = true;
    });
    await scheduler.wait(400);
    expect(isAnswered).toBe(false);
    // It reads on: whatever it was sent before is sent by now.
    await logs.readFeed(stage.log(), { hub: "slow", subscriptions: ["s"], after: 1 });
    await withdrawn;
  });

  it("is nobody any more when the subscription is paused, or ends", async () => {
    const stage = new HubStage();
    await stage.subscribe();
    await stage.subscribe({ id: "t" });
    const paused = await stage.connect();
    const ended = await stage.connect({ topics: [stage.topic("t")] });
    await stage.publish(1);
    await got(paused, [1]);
    await got(ended, [1]);
    await stage.subscribe({ active: false });
    expect(await paused.closed).toMatchObject({ code: 4403 });
    await stage.unsubscribe("t");
    expect(await ended.closed).toMatchObject({ code: 4403 });
  });
});

describe("a topic of several logs", () => {
  it("is one stream, in order for each key, through every growth", async () => {
    const stage = new HubStage();
    await stage.subscribe();
    const keys = upTo(16).map((n) => `key ${n}`);
    const byKey = (client: HubClient) => Object.groupBy(client.frames, ({ partitionKey }) => partitionKey ?? "");
    const inOrder = async (client: HubClient, count: number) => {
      await vi.waitFor(() => expect(client.frames).toHaveLength(count), { timeout: 20_000 });
      for (const frames of Object.values(byKey(client))) {
        const numbers = frames?.map(({ data }) => data) ?? [];
        expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
      }
      expect(new Set(client.numbers).size).toBe(count);
    };
    const live = await stage.connect();
    await stage.publishAll(keys.map((partitionKey) => ({ partitionKey })));
    const early = live.cursor;
    for (const shards of [2, 4]) {
      stage.shards = shards;
      await stage.publishAll(keys.map((partitionKey) => ({ partitionKey })));
    }
    await inOrder(live, 48);
    await inOrder(await stage.connect({ after: early }), 48);
    await inOrder(await stage.connect({ from: "earliest" }), 48);
    const middle = live.frames[30]?.cursor ?? "";
    const resumed = await stage.connect({ after: middle });
    await inOrder(resumed, 17);
    const latest = await stage.connect();
    await stage.publishAll(keys.map((partitionKey) => ({ partitionKey })));
    await inOrder(latest, 16);
    await inOrder(live, 64);
  });
});

describe("a shard whose first events are forgotten", () => {
  it("is no gap for whoever begins with what is kept, and is one for a cursor of before", async () => {
    const stage = new HubStage({ retentionDays: 1 });
    await stage.subscribe();
    const { cursor } = await stage.connect();
    stage.shards = 2;
    const ofShard = upTo(64)
      .map((n) => `key ${n}`)
      .filter((key) => shardOf(key, 2, () => 0) === 1);
    await stage.publish(2, { partitionKey: ofShard[0] ?? "" });
    const now = Date.now();
    vi.spyOn(Date, "now").mockImplementation(() => now + 2 * 24 * 3600_000);
    await logs.tick(stage.log(1));
    await stage.publish(1, { partitionKey: ofShard[0] ?? "" });
    await got(await stage.connect({ from: "earliest", onGap: "skip" }), [3]);
    const late = await stage.connect({ after: cursor });
    expect(await late.closed).toMatchObject({ code: 4410 });
  });
});

describe("a cursor", () => {
  it("that nobody wrote, or of another topic, or of what has not happened, is refused and makes no log", async () => {
    const stage = new HubStage();
    const other = new HubStage();
    await stage.subscribe();
    await other.subscribe();
    await stage.publish(3);
    const client = await stage.connect();
    const { cursor } = await other.connect();
    for (const after of ["x", "AQ", cursor, `${client.cursor}A`]) {
      await expect(stage.connect({ after })).rejects.toThrow("cursor_invalid");
    }
    const { writeCursor } = await import("../../../src/domain/stream-cursor.ts");
    const { topicNumber } = stage;
    await expect(stage.connect({ after: writeCursor([{ topicNumber, shard: 0, seq: 4 }]) })).rejects.toThrow(
      "cursor_invalid",
    );
    const foreign = writeCursor([
      { topicNumber, shard: 0, seq: 3 },
      { topicNumber, shard: 5, seq: 0 },
    ]);
    await expect(stage.connect({ after: foreign })).rejects.toThrow("cursor_invalid");
    await runInDurableObject(stage.logStub(), (_, { storage }) => {
      expect(storage.sql.exec("SELECT * FROM successor").toArray()).toEqual([]);
    });
  });
});

describe("acknowledgements", () => {
  it("let it go on: so much is sent ahead, and no more; others are not held up", async () => {
    const stage = new HubStage();
    await stage.subscribe();
    await stage.publishAll(Array.from({ length: 700 }, () => ({})));
    const slow = await stage.connect({ acknowledges: true, from: "earliest" });
    const other = await stage.connect();
    await got(slow, upTo(500));
    await stage.publish(1);
    await got(other, [701]);
    expect(slow.numbers).toHaveLength(500);
    await evictDurableObject(stage.hubStub);
    slow.acknowledge();
    await got(slow, upTo(701));
  });

  it("that do not come end the connection, which resumes", async () => {
    const stage = new HubStage();
    await stage.subscribe();
    await stage.publishAll(Array.from({ length: 600 }, () => ({})));
    const slow = await stage.connect({ acknowledges: true, from: "earliest" });
    await got(slow, upTo(500));
    const now = Date.now();
    vi.spyOn(Date, "now").mockImplementation(() => now + 61_000);
    await runDurableObjectAlarm(stage.hubStub);
    expect(await slow.closed).toMatchObject({ code: 4408, reason: "ConsumerTooSlow" });
    vi.mocked(Date.now).mockRestore();
    await got(await stage.connect({ after: slow.lastCursor }), upTo(600, 501));
  });

  it("are not waited for any longer than that, where a client does not even answer that it is closed", async () => {
    const stage = new HubStage();
    await stage.subscribe();
    await stage.publishAll(Array.from({ length: 600 }, () => ({})));
    await stage.open({ acknowledges: true, from: "earliest" });
    const other = await stage.connect();
    await stage.publish(1);
    await got(other, [601]);
    const now = Date.now();
    vi.spyOn(Date, "now").mockImplementation(() => now + 61_000);
    await runDurableObjectAlarm(stage.hubStub);
    const nextAlarmMs = await runInDurableObject(stage.hubStub, (_, { storage }) => storage.getAlarm());
    expect(nextAlarmMs).toBeGreaterThan(now + 62_000);
    await stage.publish(1);
    await got(other, [601, 602]);
  });

  it("are needed where megabytes were sent", async () => {
    const stage = new HubStage();
    await stage.subscribe();
    const body = new TextEncoder().encode(`"${"x".repeat(1_000_000)}"`);
    await stage.publishAll(Array.from({ length: 10 }, () => ({ body })));
    const silent = await stage.connect({ from: "earliest" });
    expect(await silent.closed).toMatchObject({ code: 4408 });
    expect(silent.frames.length).toBeLessThan(10);
    const heard = await stage.connect({ after: silent.lastCursor });
    await vi.waitFor(() => expect(silent.frames.length + heard.frames.length).toBe(10));
  });

  it("of what was not sent are refused", async () => {
    const stage = new HubStage();
    await stage.subscribe();
    const client = await stage.connect();
    for (const frame of ['{"ack":"AQEAAQ"}', '{"ack":1}', "{}", "null", "[", '{"data":1}']) client.socket.send(frame);
    await vi.waitFor(() => expect(client.frames).toHaveLength(6));
    for (const frame of client.frames) expect(frame).toEqual({ error: { detail: expect.any(String) } });
    client.socket.send(new Uint8Array(3));
    expect(await client.closed).toMatchObject({ code: 4400 });
  });
});

describe("a named consumer", () => {
  const name = { consumer: "app/api/dashboard", acknowledges: true } as const;

  it("goes on behind what it acknowledged, whoever connects by its name", async () => {
    const stage = new HubStage();
    await stage.subscribe();
    const first = await stage.connect(name);
    await stage.publish(10);
    await got(first, upTo(10));
    first.acknowledge(first.frames[5]?.cursor);
    await first.close();
    await stage.publish(2);
    await got(await stage.connect(name), upTo(12, 7));
  });

  it("is one connection at a time: the newer one has it", async () => {
    const stage = new HubStage();
    await stage.subscribe();
    const first = await stage.connect(name);
    await stage.publish(2);
    await got(first, [1, 2]);
    first.acknowledge(first.frames[0]?.cursor);
    await scheduler.wait(50);
    const second = await stage.connect(name);
    expect(await first.closed).toMatchObject({ code: 4409 });
    await got(second, [2]);
  });

  it("goes where a cursor says that it brings", async () => {
    const stage = new HubStage();
    await stage.subscribe();
    const first = await stage.connect(name);
    await stage.publish(3);
    await got(first, upTo(3));
    first.acknowledge();
    await first.close();
    await got(await stage.connect({ ...name, after: first.frames[0]?.cursor ?? "" }), [2, 3]);
  });

  it("of another name has places of its own", async () => {
    const stage = new HubStage();
    await stage.subscribe();
    const first = await stage.connect(name);
    const other = await stage.connect({ ...name, consumer: "app/api/other" });
    await stage.publish(1);
    await got(first, [1]);
    await got(other, [1]);
  });
});

describe("more than a socket can keep", () => {
  it("is refused to who asks for it, and costs nobody else anything", async () => {
    const stage = new HubStage();
    await stage.subscribe();
    const other = await stage.connect();
    const channels = Array.from({ length: 100 }, (_, i) => `${"c".repeat(200)}/${i}`);
    const asked = stage.connect({ topics: [{ ...stage.topic(), channels }] });
    await expect(asked).rejects.toThrow("too_many_topics");
    await stage.publish(1);
    await got(other, [1]);
  });
});

describe("many listeners", () => {
  it("spread over more hubs when the first is full", async () => {
    const stage = new HubStage();
    await stage.subscribe();
    const clients: HubClient[] = [];
    for (let i = 0; i < 1_020; i++) clients.push(await stage.connect());
    await stage.publish(1);
    await vi.waitFor(() => expect(clients.every(({ numbers }) => numbers[0] === 1)).toBe(true), { timeout: 20_000 });
    const hubs = await runInDurableObject(stage.logStub(), (_, { storage }) =>
      storage.sql.exec<{ name: string }>("SELECT name FROM hub").toArray(),
    );
    expect(hubs).toHaveLength(2);
  });
});
