import type { Packet } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import {
  FRAMES_PER_CONNECTION_MAX,
  MQTT_CONNECT_BYTES_MAX,
  MQTT_PACKET_BYTES_MAX,
  MQTT_RECEIVE_MAX,
} from "../../../../src/kernel/limits.ts";
import { err } from "../../../../src/kernel/result.ts";
import type { PublishRefusal } from "../../../../src/stream/mqtt/message.ts";
import { API, aWorld, ScriptedClient, type World } from "./scripted-client.ts";

type Publish = Packet & { cmd: "publish" };

const aPublish = (changes: Partial<Publish> = {}): Publish => ({
  cmd: "publish",
  topic: `${API}/orders`,
  payload: '{"n":1}',
  qos: 1,
  messageId: 5,
  dup: false,
  retain: false,
  ...changes,
});

async function connected(version: 4 | 5 = 5, world: World = aWorld(), username = "publisher") {
  const client = new ScriptedClient(world, version);
  await client.connect({ username });
  return { world, client };
}

const refusing = (refusal: Partial<PublishRefusal>) =>
  aWorld({
    publish: async () => err({ reason: "payloadInvalid", isTransient: false, detail: "It is bad.", ...refusal }),
  });

describe("a PUBLISH", () => {
  it("of QoS 1 is acknowledged once the event is durable", async () => {
    const { world, client } = await connected();
    expect(await client.say(aPublish())).toMatchObject([{ cmd: "puback", messageId: 5, reasonCode: 0 }]);
    expect(world.published).toEqual([
      {
        apiId: API,
        channel: "orders",
        partitionKey: null,
        dataOwnerId: null,
        idempotencyKey: null,
        contentType: "application/json",
        body: new TextEncoder().encode('{"n":1}'),
      },
    ]);
  });

  it("of QoS 0 is taken without a word", async () => {
    const { world, client } = await connected(4);
    expect(await client.say(aPublish({ qos: 0, retain: true }))).toEqual([]);
    expect(world.published).toHaveLength(1);
  });

  it("says in its properties what headers say elsewhere", async () => {
    const { world, client } = await connected();
    const userProperties = {
      "partition-key": "VIN 1",
      "data-owner-id": "an owner",
      "idempotency-key": "once",
      more: "x",
    };
    await client.say(aPublish({ properties: { contentType: "application/json; charset=utf-8", userProperties } }));
    expect(world.published).toMatchObject([
      {
        partitionKey: "VIN 1",
        dataOwnerId: "an owner",
        idempotencyKey: "once",
        contentType: "application/json; charset=utf-8",
      },
    ]);
  });

  it("waits for the one before it, and is answered in order", async () => {
    const order: string[] = [];
    const base = aWorld();
    const { client } = await connected(5, {
      ...base,
      publish: async (client, message) => {
        const name = new TextDecoder().decode(message.body);
        order.push(`${name} begins`);
        for (let i = 0; i < (name === "1" ? 5 : 1); i++) await Promise.resolve();
        order.push(`${name} ends`);
        return base.publish(client, message);
      },
    });
    const answers = await client.say(
      aPublish({ payload: "1", messageId: 1 }),
      aPublish({ payload: "2", messageId: 2 }),
      { cmd: "pingreq" },
    );
    expect(order).toEqual(["1 begins", "1 ends", "2 begins", "2 ends"]);
    expect(answers).toMatchObject([{ messageId: 1 }, { messageId: 2 }, { cmd: "pingresp" }]);
  });

  it.each<[string, Partial<Publish>, number]>([
    ["for another API", { topic: "another/orders" }, 0x87],
    ["without a channel", { topic: API }, 0x90],
    ["with an empty channel", { topic: `${API}/` }, 0x90],
    ["with a wildcard", { topic: `${API}/#` }, 0x90],
    ["with a response topic", { properties: { responseTopic: "a" } }, 0x83],
    ["with correlation data", { properties: { correlationData: Buffer.from("a") } }, 0x83],
    ["with an expiry", { properties: { messageExpiryInterval: 1 } }, 0x83],
    ["with two keys", { properties: { userProperties: { "partition-key": ["a", "b"] } } }, 0x83],
  ])("%s is refused, and nothing published", async (_, changes, reasonCode) => {
    const { world, client } = await connected();
    expect(await client.say(aPublish(changes))).toMatchObject([{ cmd: "puback", messageId: 5, reasonCode }]);
    expect(world.published).toEqual([]);
    expect(client.closed).toBeNull();
  });

  it("that the door refuses is refused in its words", async () => {
    const { client } = await connected(5, refusing({ reason: "payloadInvalid", detail: "The body is not JSON." }));
    expect(await client.say(aPublish())).toMatchObject([
      { reasonCode: 0x99, properties: { reasonString: "The body is not JSON." } },
    ]);
  });

  it("that is refused ends a connection of 3.1.1, which has no word for it", async () => {
    const { client } = await connected(4, refusing({}));
    expect(await client.say(aPublish())).toEqual([]);
    expect(client.closed).toMatchObject({ code: 4400 });
  });

  it("of QoS 0 that is refused ends the connection", async () => {
    const { client } = await connected(5, refusing({}));
    expect(await client.say(aPublish({ qos: 0 }))).toMatchObject([{ cmd: "disconnect", reasonCode: 0x99 }]);
  });

  it("of QoS 0 may be lost where it would have been taken at another time", async () => {
    const { client } = await connected(4, refusing({ reason: "quotaExceeded", isTransient: true }));
    await client.say(aPublish({ qos: 0 }));
    expect(client.closed).toBeNull();
    await client.say(aPublish());
    expect(client.closed).toMatchObject({ code: 4429 });
  });

  it.each([[5, [{ cmd: "puback", reasonCode: 0x87 }], null] as const, [4, [], { code: 4403 }] as const])(
    "of an app is refused in version %i",
    async (version, answers, closed) => {
      const { world, client } = await connected(version, aWorld(), "app");
      expect(await client.say(aPublish())).toMatchObject(answers);
      expect(world.published).toEqual([]);
      if (closed) expect(client.closed).toMatchObject(closed);
      else expect(client.closed).toBeNull();
    },
  );

  it.each([
    ["QoS 2", aPublish({ qos: 2 }), 0x9b],
    ["a topic alias", aPublish({ properties: { topicAlias: 1 } }), 0x94],
  ])("of %s ends the connection", async (_, packet, reasonCode) => {
    const { world, client } = await connected();
    expect(await client.say(packet)).toMatchObject([{ cmd: "disconnect", reasonCode }]);
    expect(world.published).toEqual([]);
  });

  it("whose handling meets a bug ends the connection, and the bug is told", async () => {
    const { client } = await connected(5, aWorld({ publish: () => Promise.reject(new Error("a bug")) }));
    expect(await client.say(aPublish())).toMatchObject([{ cmd: "disconnect", reasonCode: 0x80 }]);
    expect(client.failures).toEqual([new Error("a bug")]);
  });
});

describe("too much", () => {
  it("ahead of its answers ends a connection of MQTT 5", async () => {
    const { world, client } = await connected();
    const packets = Array.from({ length: MQTT_RECEIVE_MAX + 1 }, (_, i) => aPublish({ messageId: i + 1 }));
    expect(await client.say(...packets)).toMatchObject([{ cmd: "disconnect", reasonCode: 0x93 }]);
    expect(world.published.length).toBeLessThanOrEqual(1);
  });

  it("as 3.1.1 may send at once is worked through", async () => {
    const { world, client } = await connected(4);
    const packets = Array.from({ length: 2_500 }, (_, i) => aPublish({ messageId: i + 1 }));
    expect(await client.say(...packets)).toHaveLength(2_500);
    expect(world.published).toHaveLength(2_500);
  });

  it("waiting ends the connection", async () => {
    const { client } = await connected(4);
    const packets = Array.from({ length: 65_535 }, (_, i) => client.write(aPublish({ messageId: i + 1 })));
    await client.sayBytes(Buffer.concat(packets));
    expect(client.closed).toMatchObject({ code: 4429 });
  });

  it("in one connection for an invocation ends it, with nothing lost", async () => {
    const { world, client } = await connected(4);
    for (let i = 0; i < FRAMES_PER_CONNECTION_MAX; i++) await client.say(aPublish());
    expect(client.closed).toMatchObject({ code: 1012 });
    expect(world.published).toHaveLength(FRAMES_PER_CONNECTION_MAX);
    expect(client.received.filter(({ cmd }) => cmd === "puback")).toHaveLength(FRAMES_PER_CONNECTION_MAX);
  });

  it("in a packet ends the connection before it is there", async () => {
    const { client } = await connected();
    const head = client.write(aPublish({ payload: Buffer.alloc(MQTT_PACKET_BYTES_MAX) })).subarray(0, 20);
    expect(await client.sayBytes(head)).toMatchObject([{ cmd: "disconnect", reasonCode: 0x95 }]);
  });

  it("of somebody unknown is less", async () => {
    const client = new ScriptedClient(aWorld());
    await client.connect({
      username: "x".repeat(65_000),
      password: Buffer.alloc(65_000 + MQTT_CONNECT_BYTES_MAX - 2 ** 17),
    });
    expect(client.closed).toBeNull();
    const other = new ScriptedClient(aWorld());
    await other.sayBytes(Buffer.from([0x10, 0xff, 0xff, 0x7f]));
    expect(other.closed).toMatchObject({ code: 4400 });
  });
});

describe("a socket that is gone", () => {
  it("has said before what is still to be published, and that it goes in peace", async () => {
    const { world, client } = await connected();
    const packets = [aPublish({ qos: 0 }), aPublish({ qos: 0 }), { cmd: "disconnect" as const, reasonCode: 0 }];
    for (const packet of packets) client.connection.receive(client.write(packet));
    client.connection.closed();
    const before = client.received.length;
    await client.settle();
    expect(world.published).toHaveLength(2);
    expect(client.received.length).toBe(before);
  });
});

describe("bytes", () => {
  it("may come one by one", async () => {
    const { world, client } = await connected();
    const bytes = client.write(aPublish());
    await client.sayBytes(...Array.from(bytes, (byte) => Uint8Array.of(byte)));
    expect(world.published).toHaveLength(1);
  });

  it("of several packets may come at once", async () => {
    const { world, client } = await connected();
    await client.sayBytes(Buffer.concat([client.write(aPublish()), client.write(aPublish({ qos: 0 }))]));
    expect(world.published).toHaveLength(2);
  });

  it.each([
    ["a length without end", [0x30, 0xff, 0xff, 0xff, 0xff]],
    ["a packet of no kind", [0x00, 0]],
    ["a server's packet", [0xd0, 0]],
    ["an AUTH", [0xf0, 2, 0x18, 0]],
    ["a PUBREL", [0x62, 2, 0, 1]],
    ["flags of a PINGREQ", [0xc1, 0]],
    ["a topic longer than its packet", [0x30, 4, 0, 9, 0x61, 0x62]],
    ["a topic with NUL", [0x30, 5, 0, 2, 0x61, 0, 0]],
    ["a topic that is not UTF-8", [0x30, 5, 0, 2, 0x61, 0xff, 0]],
    ["no packet identifier", [0x32, 4, 0, 1, 0x61, 0]],
    ["the packet identifier 0", [0x32, 6, 0, 1, 0x61, 0, 0, 0]],
    ["QoS 3", [0x36, 6, 0, 1, 0x61, 0, 1, 0]],
    ["a property that is none", [0x30, 6, 0, 1, 0x61, 2, 0x7f, 0]],
    ["a property cut short", [0x30, 6, 0, 1, 0x61, 9, 0x02, 0]],
    ["a property twice", [0x30, 14, 0, 1, 0x61, 10, 0x02, 0, 0, 0, 1, 0x02, 0, 0, 0, 1]],
    ["an empty PUBACK", [0x40, 0]],
    ["an empty SUBSCRIBE", [0x82, 0]],
    ["an empty UNSUBSCRIBE", [0xa2, 2, 0, 1]],
  ])("that are %s end the connection, and nothing breaks", async (_, bytes) => {
    const { world, client } = await connected();
    await client.sayBytes(Buffer.from(bytes));
    expect(client.received.at(-1)).toMatchObject({ cmd: "disconnect", reasonCode: expect.toSatisfy(isProtocolFault) });
    expect(client.closed).toMatchObject({ code: 4400 });
    expect({ failures: client.failures, published: world.published }).toEqual({ failures: [], published: [] });
  });

  it("of any kind break nothing", async () => {
    for (let seed = 1; seed <= 2_000; seed++) {
      const { client } = await connected(seed % 2 === 0 ? 4 : 5);
      const bytes = client.write(aPublish({ properties: { userProperties: { "partition-key": "a" } } }));
      await client.sayBytes(garble(bytes, seed));
      expect({ seed, failures: client.failures }).toEqual({ seed, failures: [] });
    }
  });

  it("of any kind in a CONNECT break nothing", async () => {
    for (let seed = 1; seed <= 2_000; seed++) {
      const client = new ScriptedClient(aWorld(), seed % 2 === 0 ? 4 : 5);
      const will = { topic: `${API}/orders`, payload: "{}", qos: 1 as const, retain: false };
      const bytes = client.write({
        cmd: "connect",
        protocolVersion: seed % 2 === 0 ? 4 : 5,
        clientId: "a",
        clean: true,
        keepalive: 1,
        username: "publisher",
        password: Buffer.from("secret"),
        will,
        properties: { sessionExpiryInterval: 9, userProperties: { a: "b" } },
      });
      await client.sayBytes(garble(bytes, seed));
      expect({ seed, failures: client.failures }).toEqual({ seed, failures: [] });
    }
  });

  it("that are text end the connection", async () => {
    const { client } = await connected();
    client.connection.receiveText();
    expect(client.closed).toMatchObject({ code: 4400 });
  });

  it("after the end are not read", async () => {
    const { world, client } = await connected();
    await client.say({ cmd: "disconnect", reasonCode: 0 }, aPublish());
    await client.say(aPublish());
    expect(world.published).toEqual([]);
  });
});

const isProtocolFault = (code: number): boolean => code === 0x81 || code === 0x82;

/** Some bytes changed behind the packet's length, the same for the same seed. */
function garble(bytes: Uint8Array, seed: number): Uint8Array {
  const garbled = Uint8Array.from(bytes);
  let state = seed;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let i = 0; i < 3; i++) garbled[2 + next(garbled.length - 2)] = next(256);
  return garbled;
}
