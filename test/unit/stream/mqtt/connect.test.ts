import { describe, expect, it } from "vitest";
import {
  MQTT_CONNECT_MS,
  MQTT_KEEP_ALIVE_SECONDS_MAX,
  MQTT_SESSION_SECONDS_MAX,
} from "../../../../src/kernel/limits.ts";
import { err } from "../../../../src/kernel/result.ts";
import { API, aWorld, ScriptedClient } from "./scripted-client.ts";

const WILL = { topic: `${API}/orders`, payload: Buffer.from('{"gone":true}'), qos: 1 as const, retain: false };

describe("a CONNECT", () => {
  it("of MQTT 5 is told what the relay can do", async () => {
    const connack = await new ScriptedClient(aWorld()).connect();
    expect(connack).toMatchObject({
      cmd: "connack",
      reasonCode: 0,
      sessionPresent: false,
      properties: { maximumQoS: 1, sharedSubscriptionAvailable: false, receiveMaximum: 64 },
    });
  });

  it("of 3.1.1 is accepted", async () => {
    expect(await new ScriptedClient(aWorld(), 4).connect()).toMatchObject({ cmd: "connack", returnCode: 0 });
  });

  it.each([[4, 4] as const, [5, 0x86] as const])(
    "of version %i with a wrong secret is refused as such, and the connection closed",
    async (version, code) => {
      const client = new ScriptedClient(aWorld({ login: async () => err("badUserOrPassword") }), version);
      expect(await client.connect()).toMatchObject(version === 4 ? { returnCode: code } : { reasonCode: code });
      expect(client.closed).toMatchObject({ code: 4401 });
    },
  );

  it.each([[4, 3] as const, [5, 0x9f] as const])(
    "of version %i that is one too many is refused",
    async (version, code) => {
      const client = new ScriptedClient(aWorld({ login: async () => err("connectionRateExceeded") }), version);
      expect(await client.connect()).toMatchObject(version === 4 ? { returnCode: code } : { reasonCode: code });
    },
  );

  it("without credentials asks nobody who it is", async () => {
    const world = aWorld({ login: () => Promise.reject(new Error("asked")) });
    const { say, failures } = bind(new ScriptedClient(world));
    const [connack] = await say({ cmd: "connect", protocolVersion: 5, clientId: "a", clean: true, keepalive: 1 });
    expect(connack).toMatchObject({ reasonCode: 0x86 });
    expect(failures).toEqual([]);
  });

  it("of MQTT 3.1 is refused as a version that is not spoken here", async () => {
    const client = new ScriptedClient(aWorld(), 4);
    expect(await client.connect({ protocolId: "MQIsdp", protocolVersion: 3 })).toMatchObject({ returnCode: 1 });
    expect(client.closed).not.toBeNull();
  });

  it("with an authentication method is refused", async () => {
    const properties = { authenticationMethod: "SCRAM-SHA-1" };
    expect(await new ScriptedClient(aWorld()).connect({ properties })).toMatchObject({ reasonCode: 0x8c });
  });

  it("without a client id is given one, which MQTT 5 is told", async () => {
    const connack = await new ScriptedClient(aWorld()).connect({ clientId: "" });
    expect(connack).toMatchObject({ properties: { assignedClientIdentifier: "an-id-of-the-server" } });
  });

  it("of 3.1.1 without a client id can't have a session", async () => {
    const client = new ScriptedClient(aWorld(), 4);
    // The library would not write it: an empty name, not clean, with a user and a password.
    const [connack] = await client.sayBytes(
      Buffer.from([0x10, 18, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 0xc0, 0, 60, 0, 0, 0, 1, 0x61, 0, 1, 0x62]),
    );
    expect(connack).toMatchObject({ returnCode: 2 });
  });

  it("with too long a client id is refused", async () => {
    expect(await new ScriptedClient(aWorld()).connect({ clientId: "x".repeat(129) })).toMatchObject({
      reasonCode: 0x85,
    });
  });

  it("gets no more than the longest session, and is told", async () => {
    const properties = { sessionExpiryInterval: 0xffffffff };
    expect(await new ScriptedClient(aWorld()).connect({ properties })).toMatchObject({
      properties: { sessionExpiryInterval: MQTT_SESSION_SECONDS_MAX },
    });
  });

  it("that would be silent for ever is told to be heard", async () => {
    expect(await new ScriptedClient(aWorld()).connect({ keepalive: 0 })).toMatchObject({
      properties: { serverKeepAlive: MQTT_KEEP_ALIVE_SECONDS_MAX },
    });
  });

  it.each([
    ["of an app", "app", WILL, 0x87],
    ["for another API", "publisher", { ...WILL, topic: "another/orders" }, 0x87],
    ["without a channel", "publisher", { ...WILL, topic: API }, 0x90],
    ["to a filter", "publisher", { ...WILL, topic: `${API}/#` }, 0x90],
    ["of QoS 2", "publisher", { ...WILL, qos: 2 as const }, 0x9b],
  ])("with a will %s is refused", async (_, username, will, reasonCode) => {
    expect(await new ScriptedClient(aWorld()).connect({ username, will })).toMatchObject({ reasonCode });
  });

  it("that comes twice ends the connection", async () => {
    const client = new ScriptedClient(aWorld());
    await client.connect();
    expect(await client.connect()).toMatchObject({ cmd: "disconnect", reasonCode: 0x82 });
  });

  it("that another packet stands before is no beginning", async () => {
    const client = new ScriptedClient(aWorld());
    expect(await client.say({ cmd: "pingreq" })).toEqual([]);
    expect(client.closed).toMatchObject({ code: 4400 });
  });

  it("that does not come is not waited for", async () => {
    const world = aWorld();
    const client = new ScriptedClient(world);
    expect(client.dueMs).toBe(world.nowMs + MQTT_CONNECT_MS);
    client.connection.tick();
    expect(client.closed).toMatchObject({ code: 4408 });
  });

  it("whose socket is gone when it is answered leaves no link open", async () => {
    const world = aWorld();
    const client = new ScriptedClient(world);
    const connecting = client.connect();
    client.connection.closed();
    await connecting;
    expect(client.received).toEqual([]);
    expect(world.hub.open.size).toBe(0);
  });
});

describe("a will", () => {
  const connected = async (version: 4 | 5 = 5) => {
    const world = aWorld();
    const client = new ScriptedClient(world, version);
    await client.connect({ username: "publisher", will: WILL });
    return { world, client };
  };

  it.each([4, 5] as const)("of version %i is published when the socket is gone", async (version) => {
    const { world, client } = await connected(version);
    await client.gone();
    expect(world.published.map(({ channel, body }) => [channel, new TextDecoder().decode(body)])).toEqual([
      ["orders", '{"gone":true}'],
    ]);
  });

  it("is published once", async () => {
    const { world, client } = await connected();
    await client.gone();
    await client.gone();
    expect(world.published).toHaveLength(1);
  });

  it.each([4, 5] as const)("of version %i is forgotten when the client says good-bye", async (version) => {
    const { world, client } = await connected(version);
    await client.say({ cmd: "disconnect", reasonCode: 0 });
    expect(client.closed).toMatchObject({ code: 1000 });
    expect(world.published).toEqual([]);
  });

  it("is published when the client goes and asks for it", async () => {
    const { world, client } = await connected();
    await client.say({ cmd: "disconnect", reasonCode: 4 });
    expect(world.published).toHaveLength(1);
  });

  it("is published when the client is silent for one and a half times its keep-alive", async () => {
    const { world, client } = await connected();
    world.nowMs += 60_000;
    await client.say({ cmd: "pingreq" });
    world.nowMs += 89_999;
    client.connection.tick();
    expect({ published: world.published.length, due: client.dueMs }).toEqual({ published: 0, due: world.nowMs + 1 });
    world.nowMs += 1;
    client.connection.tick();
    expect(client.received.at(-1)).toMatchObject({ cmd: "disconnect", reasonCode: 0x8d });
    expect(world.published).toHaveLength(1);
  });

  it("does not wait for a delay that its session does not outlive", async () => {
    const world = aWorld();
    const client = new ScriptedClient(world);
    const will = { ...WILL, properties: { willDelayInterval: 3600 } };
    const properties = { sessionExpiryInterval: 7200 };
    expect(await client.connect({ username: "publisher", will, properties })).toMatchObject({
      properties: { sessionExpiryInterval: 0 },
    });
    await client.gone();
    expect(world.published).toHaveLength(1);
  });
});

const bind = (client: ScriptedClient) => ({ say: client.say.bind(client), failures: client.failures });
