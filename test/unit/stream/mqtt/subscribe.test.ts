import { describe, expect, it } from "vitest";
import { MQTT_FILTERS_MAX, MQTT_IN_FLIGHT_MAX, MQTT_UNHEARD_BYTES_MAX } from "../../../../src/kernel/limits.ts";
import { API, anEvent, aTopic, aWorld, FakeHub, ScriptedClient, type World } from "./scripted-client.ts";

const OTHER_API = "77a0c6de-2c7f-4a1f-9d6e-5a8fd0a7c0ee";
const PERSISTENT = { clean: false, properties: { sessionExpiryInterval: 3600 } };

async function connected(version: 4 | 5 = 5, world: World = aWorld(), changes = {}) {
  const client = new ScriptedClient(world, version);
  await client.connect(changes);
  return { world, client };
}

const bodies = (client: ScriptedClient) => client.publishes.map(({ payload }) => String(payload));
const link = (client: ScriptedClient) => {
  if (!client.link) throw new Error("no link");
  return client.link;
};

describe("a SUBSCRIBE", () => {
  it.each([
    [`${API}/orders`, 1],
    [`${API}/+`, 1],
    [`${API}/#`, 1],
    ["#", 1],
    ["+/orders", 1],
    [`${API}/orders/#`, 1],
    [`${API}/vehicles/+/position`, 1],
    [`${API}/vehicles/V1/position`, 1],
    [`${API}/vehicles/V1/#`, 1],
    [`${API}/vehicles/V1`, 0x87],
    [`${API}/vehicles//position`, 0x87],
    [`${API}/nothing`, 0x87],
    [`${OTHER_API}/orders`, 0x87],
    [API, 0x87],
    ["$SYS/#", 0x87],
    ["$share/group/#", 0x9e],
    ["", 0x8f],
    ["##", 0x8f],
    [`${API}/#/x`, 0x8f],
    [`${API}/ord+`, 0x8f],
    [`${API}/${"x".repeat(1100)}`, 0x8f],
  ])("of %.60s is answered with %i", async (filter, code) => {
    const { client } = await connected();
    expect(await client.subscribe(filter)).toBe(code);
    expect(link(client).topics.size > 0).toBe(code === 1);
  });

  it("of 3.1.1 is refused with the one code it has", async () => {
    const { client } = await connected(4);
    expect(await client.subscribe(`${API}/nothing`)).toBe(0x80);
    expect(await client.subscribe("a/#/b")).toBe(0x80);
    expect(await client.subscribe("$share/group/#")).toBe(0x80);
  });

  it("of QoS 2 is granted QoS 1", async () => {
    const { client } = await connected();
    expect(await client.subscribe(`${API}/orders`, { qos: 2 })).toBe(1);
  });

  it("of a publisher's client is refused, and asks nobody", async () => {
    const { client } = await connected(5, aWorld(), { username: "publisher" });
    expect(await client.subscribe(`${API}/orders`)).toBe(0x87);
    expect(link(client).topics.size).toBe(0);
  });

  it("asks the stream for the paths of an address that the filters name", async () => {
    const { client } = await connected();
    const channels = () => [...link(client).topics.values()].map(({ channels }) => channels);
    await client.subscribe(`${API}/vehicles/V1/position`);
    await client.subscribe(`${API}/vehicles/V2/position`);
    expect(channels()).toEqual([["vehicles/V1/position", "vehicles/V2/position"]]);
    await client.subscribe(`${API}/vehicles/+/position`);
    expect(channels()).toEqual([null]);
    const unsubscriptions = [`${API}/vehicles/+/position`, `${API}/vehicles/V1/position`];
    await client.say({ cmd: "unsubscribe", messageId: 4, unsubscriptions });
    expect(channels()).toEqual([["vehicles/V2/position"]]);
  });

  it("asks for all of an address where the filters name many paths", async () => {
    const { client } = await connected();
    for (let i = 0; i < 10; i++) await client.subscribe(`${API}/vehicles/${i}/position`);
    expect([...link(client).topics.values()].map(({ channels }) => channels)).toEqual([null]);
  });

  it("answers each of several filters in their order", async () => {
    const { client } = await connected();
    const topics = [`${API}/nothing`, `${API}/orders`, "#/#"];
    const subscriptions = topics.map((topic) => ({ topic, qos: 0 as const, nl: false, rap: false, rh: 0 }));
    const [suback] = await client.say({ cmd: "subscribe", messageId: 9, subscriptions });
    expect(suback).toMatchObject({ cmd: "suback", messageId: 9, granted: [0x87, 0, 0x8f] });
  });

  it("of one filter too many is refused", async () => {
    const { client } = await connected();
    for (let i = 0; i < MQTT_FILTERS_MAX; i++) {
      expect(await client.subscribe(`${API}/vehicles/${i}/position`)).toBe(1);
    }
    expect(await client.subscribe(`${API}/orders`)).toBe(0x97);
    expect(await client.subscribe(`${API}/vehicles/0/position`, { qos: 0 })).toBe(0);
  });

  it("of too many topics is refused", async () => {
    const topics = Array.from({ length: 101 }, (_, i) => aTopic(`channel${i}`));
    const { client } = await connected(5, aWorld({ topics }));
    expect(await client.subscribe(`${API}/#`)).toBe(0x97);
    expect(await client.subscribe(`${API}/channel7`)).toBe(1);
  });

  it.each([
    ["no filter", [0x82, 3, 0, 1, 0]],
    ["the packet identifier 0", [0x82, 7, 0, 0, 0, 0, 1, 0x61, 0]],
    ["the subscription identifier 0", [0x82, 9, 0, 1, 2, 0x0b, 0, 0, 1, 0x61, 0]],
    ["QoS 3", [0x82, 7, 0, 1, 0, 0, 1, 0x61, 3]],
    ["a filter that is not UTF-8", [0x82, 7, 0, 1, 0, 0, 1, 0xff, 0]],
    ["flags that are not its own", [0x80, 7, 0, 1, 0, 0, 1, 0x61, 0]],
  ])("with %s ends the connection", async (_, bytes) => {
    const { client } = await connected();
    const [end] = await client.sayBytes(Buffer.from(bytes));
    expect(end).toMatchObject({ cmd: "disconnect", reasonCode: 0x81 });
  });
});

describe("an UNSUBSCRIBE", () => {
  it("ends what no other filter wants", async () => {
    const { client } = await connected();
    await client.subscribe(`${API}/orders`);
    await client.subscribe(`${API}/#`);
    const [unsuback] = await client.say({ cmd: "unsubscribe", messageId: 3, unsubscriptions: [`${API}/#`, "never"] });
    expect(unsuback).toMatchObject({ cmd: "unsuback", granted: [0, 0x11] });
    expect([...link(client).topics.keys()]).toEqual([`${API}:orders`]);
  });
});

describe("an event", () => {
  it("comes with what the relay knows of it", async () => {
    const { client } = await connected();
    await client.subscribe("#", { identifier: 7 });
    const event = anEvent({ partitionKey: "VIN 1", dataOwnerId: OTHER_API, acceptedMs: 1_700_000_000_000 });
    link(client).push(event);
    expect(client.publishes).toMatchObject([
      {
        topic: `${API}/orders`,
        qos: 1,
        dup: false,
        retain: false,
        properties: {
          contentType: "application/json",
          payloadFormatIndicator: true,
          subscriptionIdentifier: 7,
          userProperties: {
            "event-id": event.id,
            "partition-key": "VIN 1",
            "data-owner-id": OTHER_API,
            "accepted-at": "2023-11-14T22:13:20.000Z",
            cursor: event.cursor,
          },
        },
      },
    ]);
  });

  it("comes to 3.1.1 without properties", async () => {
    const { client } = await connected(4);
    await client.subscribe("#");
    link(client).push(anEvent({ body: Buffer.from("{}") }));
    expect(client.publishes).toMatchObject([{ topic: `${API}/orders`, payload: Buffer.from("{}") }]);
  });

  it("comes once where filters overlap, in the best of their qualities, with all their identifiers", async () => {
    const { client } = await connected();
    await client.subscribe(`${API}/orders`, { qos: 1, identifier: 1 });
    await client.subscribe(`${API}/#`, { qos: 0, identifier: 2 });
    await client.subscribe(`${API}/vehicles/+/position`, { identifier: 3 });
    link(client).push(anEvent());
    expect(client.publishes).toHaveLength(1);
    expect(client.publishes[0]).toMatchObject({ qos: 1, properties: { subscriptionIdentifier: [1, 2] } });
  });

  it("of QoS 0 counts as processed when it is sent, of QoS 1 when it is acknowledged", async () => {
    const { client } = await connected();
    await client.subscribe(`${API}/orders`, { qos: 0 });
    await client.subscribe(`${API}/vehicles/+/position`);
    const [first, second, third] = [anEvent(), anEvent({ channel: "vehicles/V1/position" }), anEvent()];
    link(client).push(first);
    expect(link(client).acked).toEqual([first.cursor]);
    link(client).push(second);
    link(client).push(third);
    expect(link(client).acked).toEqual([first.cursor]);
    await client.say({ cmd: "puback", messageId: client.publishes[1]?.messageId ?? 0, reasonCode: 0 });
    expect(link(client).acked.at(-1)).toBe(third.cursor);
  });

  it("that comes for no filter counts as processed", async () => {
    const { client } = await connected();
    await client.subscribe(`${API}/vehicles/V1/position`);
    const event = anEvent({ channel: "vehicles/V2/position" });
    link(client).push(event);
    expect(client.publishes).toEqual([]);
    expect(link(client).acked).toEqual([event.cursor]);
  });

  it("is acknowledged to the stream only with all before it", async () => {
    const { client } = await connected();
    await client.subscribe("#");
    const events = [anEvent(), anEvent(), anEvent()];
    for (const event of events) link(client).push(event);
    const [a = 0, b = 0, c = 0] = client.publishes.map(({ messageId }) => messageId);
    await client.say({ cmd: "puback", messageId: c, reasonCode: 0 }, { cmd: "puback", messageId: b, reasonCode: 0 });
    expect(link(client).acked).toEqual([]);
    await client.say({ cmd: "puback", messageId: a, reasonCode: 0 });
    expect(link(client).acked).toEqual([events[2]?.cursor]);
  });

  it("waits where as many are out as the client takes, and those behind it with it", async () => {
    const { client } = await connected(5, aWorld(), { properties: { receiveMaximum: 2 } });
    await client.subscribe(`${API}/orders`);
    await client.subscribe(`${API}/vehicles/#`, { qos: 0 });
    for (const n of [1, 2, 3]) link(client).push(anEvent({ body: Buffer.from(`${n}`) }));
    link(client).push(anEvent({ channel: "vehicles/V1/position", body: Buffer.from("4") }));
    expect(bodies(client)).toEqual(["1", "2"]);
    await client.say({ cmd: "puback", messageId: client.publishes[0]?.messageId ?? 0, reasonCode: 0 });
    expect(bodies(client)).toEqual(["1", "2", "3", "4"]);
  });

  it("waits where the client would take more than the relay sends ahead", async () => {
    const { client } = await connected(5, aWorld(), { properties: { receiveMaximum: 65_535 } });
    await client.subscribe("#");
    for (let i = 0; i < MQTT_IN_FLIGHT_MAX + 1; i++) link(client).push(anEvent());
    expect(client.publishes).toHaveLength(MQTT_IN_FLIGHT_MAX);
  });

  it("waits where those before it are large", async () => {
    const { client } = await connected();
    await client.subscribe("#");
    for (let i = 0; i < 6; i++) link(client).push(anEvent({ body: new Uint8Array(1024 * 1024) }));
    expect(client.publishes).toHaveLength(4);
  });

  it("never has the packet identifier of one that is in flight, when they begin again", async () => {
    const { client } = await connected();
    await client.subscribe("#");
    link(client).push(anEvent());
    const first = client.publishes[0]?.messageId;
    for (let i = 0; i < 65_535; i++) {
      link(client).push(anEvent());
      const { messageId } = client.publishes.at(-1) ?? {};
      if (messageId === first) throw new Error("the identifier is in flight");
      client.connection.receive(client.write({ cmd: "puback", messageId: messageId ?? 0, reasonCode: 0 }));
      client.received.length = 1;
      if (i % 1000 === 0) await client.settle();
    }
    await client.settle();
    expect(client.failures).toEqual([]);
  });

  it("that is too large for the client is not sent, and does not hold up the next", async () => {
    const { client } = await connected(5, aWorld(), { properties: { maximumPacketSize: 1000 } });
    await client.subscribe("#");
    link(client).push(anEvent({ body: new Uint8Array(1000) }));
    const next = anEvent();
    link(client).push(next);
    await client.say({ cmd: "puback", messageId: client.publishes[0]?.messageId ?? 0, reasonCode: 0 });
    expect(client.publishes).toHaveLength(1);
    expect(link(client).acked.at(-1)).toBe(next.cursor);
  });

  it("that has waited for long is read anew, by another connection: its owner may have withdrawn its consent", async () => {
    const { world, client } = await connected(5, aWorld(), { ...PERSISTENT, properties: { receiveMaximum: 1 } });
    await client.subscribe("#");
    for (let i = 0; i < 2; i++) link(client).push(anEvent());
    world.nowMs += 1_001;
    await client.say({ cmd: "puback", messageId: client.publishes[0]?.messageId ?? 0, reasonCode: 0 });
    expect(client.publishes).toHaveLength(1);
    expect(client.received.at(-1)).toMatchObject({ cmd: "disconnect", reasonCode: 0x8b });
    expect(client.closed).toMatchObject({ code: 1012 });
  });

  it("is one too many for a client of QoS 0 that is not heard any more", async () => {
    const { client } = await connected();
    await client.subscribe("#", { qos: 0 });
    const body = new Uint8Array(1024 * 1024);
    for (let sent = 0; sent <= MQTT_UNHEARD_BYTES_MAX; sent += body.length) link(client).push(anEvent({ body }));
    expect(client.received.at(-1)).toMatchObject({ cmd: "disconnect", reasonCode: 0x97 });
    expect(client.closed).toMatchObject({ code: 4408 });
    expect(link(client).isClosed).toBe(true);
  });

  it("is not one too many for a client that is heard in between", async () => {
    const { client } = await connected();
    await client.subscribe("#", { qos: 0 });
    const body = new Uint8Array(1024 * 1024);
    for (let sent = 0; sent < 2 * MQTT_UNHEARD_BYTES_MAX; sent += body.length) {
      link(client).push(anEvent({ body }));
      await client.say({ cmd: "pingreq" });
    }
    expect(client.closed).toBeNull();
  });

  it("of a channel with characters that no topic name may have comes under an encoded one", async () => {
    const { client } = await connected(5, aWorld({ topics: [aTopic("notes/{title}")] }));
    await client.subscribe(`${API}/notes/+`);
    link(client).push(anEvent({ channel: "notes/C#+" }));
    expect(client.publishes).toMatchObject([{ topic: `${API}/notes/C%23%2B` }]);
  });
});

describe("a retained message", () => {
  const world = () => aWorld({ lastEvents: async () => [anEvent({ body: Buffer.from("last") })] });

  it("is the last event, before all live ones, and no place in the stream", async () => {
    const { client } = await connected(5, world());
    await client.subscribe("#");
    link(client).push(anEvent({ body: Buffer.from("live") }));
    expect(client.publishes).toMatchObject([
      { retain: true, qos: 0 },
      { retain: false, qos: 1 },
    ]);
    expect(bodies(client)).toEqual(["last", "live"]);
    expect(link(client).acked).toEqual([]);
  });

  it("comes behind the SUBACK", async () => {
    const { client } = await connected(5, world());
    await client.subscribe("#");
    expect(client.received.map(({ cmd }) => cmd)).toEqual(["connack", "suback", "publish"]);
  });

  it("is not sent where a newer one came meanwhile", async () => {
    const base = world();
    const client = new ScriptedClient({
      ...base,
      lastEvents: async (topics) => {
        link(client).push(anEvent({ body: Buffer.from("live") }));
        return base.lastEvents(topics);
      },
    });
    await client.connect();
    await client.subscribe("#");
    expect(bodies(client)).toEqual(["live"]);
  });

  it.each([
    ["always", 0, 2],
    ["for a new filter", 1, 1],
    ["never", 2, 0],
  ])("is sent %s (retain handling %i)", async (_, rh, count) => {
    const { client } = await connected(5, world());
    await client.subscribe("#", { rh });
    await client.subscribe("#", { rh });
    expect(client.publishes).toHaveLength(count);
  });
});

describe("a session", () => {
  it("is there again with its filters, and the client need not subscribe", async () => {
    const world = aWorld();
    const { client } = await connected(5, world, PERSISTENT);
    await client.subscribe("#", { identifier: 5 });
    expect(link(client).expirySeconds).toBe(3600);
    await client.gone();
    const again = new ScriptedClient(world);
    expect(await again.connect(PERSISTENT)).toMatchObject({ sessionPresent: true });
    expect(link(again).topics.size).toBe(2);
    link(again).push(anEvent());
    expect(again.publishes).toMatchObject([{ qos: 1, properties: { subscriptionIdentifier: 5 } }]);
  });

  it("of 3.1.1 is kept where it is not clean", async () => {
    const world = aWorld();
    const { client } = await connected(4, world, { clean: false });
    await client.subscribe("#");
    await client.say({ cmd: "disconnect" });
    expect(await new ScriptedClient(world, 4).connect({ clean: false })).toMatchObject({ sessionPresent: true });
    expect(await new ScriptedClient(world, 4).connect({ clean: true })).toMatchObject({ sessionPresent: false });
    expect(await new ScriptedClient(world, 4).connect({ clean: false })).toMatchObject({ sessionPresent: false });
  });

  it("sends again what was in flight, as what it was, and counts on behind it", async () => {
    const world = aWorld();
    const { client } = await connected(5, world, PERSISTENT);
    await client.subscribe("#");
    const events = [anEvent(), anEvent(), anEvent()];
    for (const event of events.slice(0, 2)) link(client).push(event);
    const before = client.publishes.map(({ messageId }) => messageId);
    await client.gone();
    const again = new ScriptedClient(world);
    await again.connect(PERSISTENT);
    for (const event of events) link(again).push(event);
    expect(again.publishes.map(({ messageId, dup }) => [messageId, dup])).toEqual([
      [before[0], true],
      [before[1], true],
      [3, false],
    ]);
  });

  it("gets nothing that its app may not have any more", async () => {
    const world = aWorld();
    const { client } = await connected(5, world, PERSISTENT);
    await client.subscribe("#");
    await client.gone();
    world.topics = world.topics.filter(({ address }) => address !== "orders");
    const again = new ScriptedClient(world);
    await again.connect(PERSISTENT);
    expect([...link(again).topics.keys()]).toEqual([`${API}:vehicles/{vin}/position`]);
  });

  it("that is not kept leaves nothing behind", async () => {
    const world = aWorld();
    const { client } = await connected(5, world);
    await client.subscribe("#");
    await client.gone();
    expect(world.hub.kept.size).toBe(0);
  });

  it("ends when the client says so as it goes", async () => {
    const world = aWorld();
    const { client } = await connected(5, world, PERSISTENT);
    await client.subscribe("#");
    await client.say({ cmd: "disconnect", reasonCode: 0, properties: { sessionExpiryInterval: 0 } });
    expect(world.hub.kept.size).toBe(0);
  });

  it("can't be asked for only as the client goes", async () => {
    const { client } = await connected();
    const [end] = await client.say({ cmd: "disconnect", reasonCode: 0, properties: { sessionExpiryInterval: 9 } });
    expect(end).toMatchObject({ cmd: "disconnect", reasonCode: 0x82 });
  });

  it.each([
    [4409, 0x8e],
    [4403, 0x87],
    [4408, 0x97],
    [1012, 0x8b],
  ])("that its hub ends with %i ends the connection with %i", async (code, reasonCode) => {
    const { client } = await connected();
    link(client).end(code);
    expect(client.received.at(-1)).toMatchObject({ cmd: "disconnect", reasonCode });
  });

  it("goes over to the connection that came last", async () => {
    const hub = new FakeHub();
    const { client } = await connected(5, aWorld({ hub }));
    const { client: later } = await connected(5, aWorld({ hub }));
    expect(client.received.at(-1)).toMatchObject({ cmd: "disconnect", reasonCode: 0x8e });
    expect(client.closed).toMatchObject({ code: 4409 });
    expect(later.closed).toBeNull();
  });
});
