import Paho from "paho-mqtt";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Credentials, MqttPeer, type Version } from "../support/mqtt.ts";
import { type Scene, type SceneOptions, setScene, startTestRelay, type TestRelay } from "../support/relay.ts";

/** CONTRACT §8: MQTT 3.1.1 and 5.0 over WebSocket, to clients that are not ours. */

let relay: TestRelay;
const peers: MqttPeer[] = [];
beforeAll(async () => {
  relay = await startTestRelay();
});
afterAll(async () => {
  for (const { client } of peers) client.end(true);
  await relay?.close();
});

type Stage = Scene & { subscriber: Credentials; sender: Credentials };

async function setStage(options: SceneOptions = {}): Promise<Stage> {
  const scene = await setScene(relay, options);
  await scene.subscribing.client.subscribe(scene.app.id, { apiId: scene.api.id });
  const { clientId, clientSecret } = scene.api.credentials;
  return {
    ...scene,
    subscriber: { user: scene.app.apiKey, password: scene.app.apiSecret },
    sender: { user: clientId, password: clientSecret },
  };
}

function connect(credentials: Credentials, options: ConstructorParameters<typeof MqttPeer>[2] = {}): MqttPeer {
  const peer = new MqttPeer(relay.origin, credentials, options);
  peers.push(peer);
  return peer;
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => ({ n: from + i }));

async function publishRange({ publisher }: Stage, from: number, to: number): Promise<void> {
  for (let n = from; n < to; n++) await publisher.publish("orders", { n }, { partitionKey: `k${n % 3}` });
}

/** A session that outlives its connection, in both versions. */
const KEPT = { clean: false, properties: { sessionExpiryInterval: 600 } };

describe.each<[Version]>([[4], [5]])("mqtt.js in version %i", (protocolVersion) => {
  it.each<[0 | 1]>([[0], [1]])("gets what is published, in order, in QoS %i", async (qos) => {
    const stage = await setStage();
    const peer = connect(stage.subscriber, { protocolVersion });
    await peer.connected();
    await peer.client.subscribeAsync(`${stage.api.id}/#`, { qos });
    await publishRange(stage, 0, 20);
    await vi.waitFor(() => expect(peer.bodies).toEqual(range(0, 20)), 10_000);
    expect(peer.received.map(({ topic }) => topic)).toEqual(Array(20).fill(`${stage.api.id}/orders`));
    expect(new Set(peer.received.map((packet) => packet.qos))).toEqual(new Set([qos]));
  });

  it("publishes through the same door as everybody", async () => {
    const stage = await setStage();
    const peer = connect(stage.subscriber, { protocolVersion });
    await peer.connected();
    await peer.client.subscribeAsync(`${stage.api.id}/orders`, { qos: 1 });
    const sender = connect(stage.sender, { protocolVersion });
    await sender.connected();
    for (const event of range(0, 10)) {
      await sender.client.publishAsync(`${stage.api.id}/orders`, JSON.stringify(event), { qos: 1 });
    }
    await sender.client.publishAsync(`${stage.api.id}/orders`, '{"n":10}', { qos: 0 });
    await vi.waitFor(() => expect(peer.bodies).toEqual(range(0, 11)), 10_000);
  });

  /** A publisher that has a will, and a subscriber that would hear it. */
  async function meetWithWill() {
    const stage = await setStage();
    const peer = connect(stage.subscriber, { protocolVersion });
    await peer.connected();
    await peer.client.subscribeAsync(`${stage.api.id}/orders`);
    const sender = connect(stage.sender, {
      protocolVersion,
      will: { topic: `${stage.api.id}/orders`, payload: Buffer.from('{"n":"will"}'), qos: 1, retain: false },
    });
    await sender.connected();
    return { stage, peer, sender };
  }

  it("has sent what it has said before it goes", async () => {
    const { stage, peer, sender } = await meetWithWill();
    for (const event of range(0, 5)) sender.client.publish(`${stage.api.id}/orders`, JSON.stringify(event));
    await sender.client.endAsync();
    await vi.waitFor(() => expect(peer.bodies).toEqual(range(0, 5)), 10_000);
  });

  it("leaves its will when it is cut off", async () => {
    const { peer, sender } = await meetWithWill();
    await sender.cut();
    await vi.waitFor(() => expect(peer.bodies).toEqual([{ n: "will" }]), 10_000);
  });

  it("has its session again: everything comes at least once, in order, over any number of cuts", async () => {
    const stage = await setStage();
    const options = { protocolVersion, clientId: "a-device", ...KEPT };
    let peer = connect(stage.subscriber, options);
    expect(await peer.connected()).toEqual({ sessionPresent: false });
    await peer.client.subscribeAsync(`${stage.api.id}/orders`, { qos: 1 });
    const seen: number[] = [];
    for (let round = 0; round < 5; round++) {
      const publishing = publishRange(stage, round * 10, round * 10 + 10);
      await vi.waitFor(() => expect(peer.received.length).toBeGreaterThan(round), 10_000);
      await peer.cut();
      seen.push(...(peer.bodies as { n: number }[]).map(({ n }) => n));
      await publishing;
      peer = connect(stage.subscriber, { ...options, resubscribe: false });
      expect(await peer.connected()).toEqual({ sessionPresent: true });
    }
    // Where all had come before the last cut, nothing comes behind it.
    const numbers = (): number[] => [...seen, ...(peer.bodies as { n: number }[]).map(({ n }) => n)];
    await vi.waitFor(() => expect(Math.max(...numbers())).toBe(49), 10_000);
    seen.push(...(peer.bodies as { n: number }[]).map(({ n }) => n));
    // Each time it goes back it goes to something that it has seen, or that is next.
    for (const [i, n] of seen.entries()) expect(n).toBeLessThanOrEqual(Math.max(-1, ...seen.slice(0, i)) + 1);
    expect(new Set(seen)).toEqual(new Set(range(0, 50).map(({ n }) => n)));
  });

  it("gets everything when it is cut off behind each packet, before its answer and after it", async () => {
    const stage = await setStage();
    const options = { protocolVersion, clientId: "a-device", resubscribe: false, ...KEPT };
    const first = connect(stage.subscriber, options);
    await first.connected();
    await first.client.subscribeAsync(`${stage.api.id}/orders`, { qos: 1 });
    await first.cut();
    await publishRange(stage, 0, 12);
    const seen: { n: number }[][] = [];
    for (let packets = 1; packets <= 6; packets++) {
      const peer = connect(stage.subscriber, options);
      await peer.cutBehind(packets, { isAnswered: packets % 2 === 0 });
      seen.push(peer.bodies as { n: number }[]);
    }
    const last = connect(stage.subscriber, options);
    await vi.waitFor(() => expect(last.bodies.at(-1)).toEqual({ n: 11 }), 10_000);
    seen.push(last.bodies as { n: number }[]);
    let next = 0;
    for (const events of seen) {
      const from = events[0]?.n ?? next;
      expect(from).toBeLessThanOrEqual(next);
      expect(events).toEqual(range(from, from + events.length));
      next = Math.max(next, from + events.length);
    }
    expect(next).toBe(12);
  });

  it("loses its session to another connection of the same name", async () => {
    const stage = await setStage();
    const options = { protocolVersion, clientId: "a-device", ...KEPT };
    const first = connect(stage.subscriber, options);
    await first.connected();
    await first.client.subscribeAsync(`${stage.api.id}/orders`, { qos: 1 });
    const isClosed = first.closed();
    const second = connect(stage.subscriber, options);
    expect(await second.connected()).toEqual({ sessionPresent: true });
    await isClosed;
    expect(first.reasons).toEqual(protocolVersion === 5 ? [0x8e] : []);
    await publishRange(stage, 0, 3);
    await vi.waitFor(() => expect(second.bodies).toEqual(range(0, 3)), 10_000);
  });

  it("is refused with a wrong secret", async () => {
    const stage = await setStage();
    const peer = connect({ ...stage.subscriber, password: "wrong" }, { protocolVersion });
    await expect(peer.connected()).rejects.toMatchObject({ code: protocolVersion === 5 ? 0x86 : 4 });
  });

  it("may not have what its app has no subscription to", async () => {
    const stage = await setStage();
    const other = await setScene(relay);
    const peer = connect(stage.subscriber, { protocolVersion });
    await peer.connected();
    await expect(peer.client.subscribeAsync(`${other.api.id}/orders`)).rejects.toThrow();
    await peer.client.subscribeAsync("#");
    await other.publisher.publish("orders", { n: "foreign" });
    await publishRange(stage, 0, 1);
    await vi.waitFor(() => expect(peer.bodies).toEqual(range(0, 1)), 10_000);
  });

  it("gets the path that it names of an address with parameters", async () => {
    const stage = await setStage({ channels: ["vehicles/{vin}/position"] });
    const peer = connect(stage.subscriber, { protocolVersion });
    await peer.connected();
    await peer.client.subscribeAsync(`${stage.api.id}/vehicles/V1/position`);
    for (const vin of ["V1", "V2", "V3"]) await stage.publisher.publish(`vehicles/${vin}/position`, { vin });
    await peer.client.subscribeAsync(`${stage.api.id}/vehicles/+/position`);
    for (const vin of ["V4", "V1"]) await stage.publisher.publish(`vehicles/${vin}/position`, { vin });
    const live = () => peer.received.filter(({ retain }) => !retain).map(({ payload }) => JSON.parse(String(payload)));
    await vi.waitFor(() => expect(live()).toEqual([{ vin: "V1" }, { vin: "V4" }, { vin: "V1" }]), 10_000);
  });

  it("gets the last event of each channel as a retained message, then what comes", async () => {
    const stage = await setStage({ channels: ["orders", "vehicles/{vin}"] });
    await publishRange(stage, 0, 3);
    for (const [n, vin] of ["V1", "V2", "V1"].entries()) await stage.publisher.publish(`vehicles/${vin}`, { n, vin });
    const peer = connect(stage.subscriber, { protocolVersion });
    await peer.connected();
    await peer.client.subscribeAsync(`${stage.api.id}/#`, { qos: 1 });
    await vi.waitFor(() => expect(peer.received).toHaveLength(3), 10_000);
    expect(new Set(peer.received.map(({ retain, payload }) => `${retain} ${payload}`))).toEqual(
      new Set(['true {"n":2}', 'true {"n":1,"vin":"V2"}', 'true {"n":2,"vin":"V1"}']),
    );
    await publishRange(stage, 3, 4);
    await vi.waitFor(() => expect(peer.bodies.at(-1)).toEqual({ n: 3 }), 10_000);
    expect(peer.received.at(-1)).toMatchObject({ retain: false, qos: 1 });
  });

  it("gets nothing more of a data owner that has withdrawn its consent", async () => {
    const stage = await setStage({ access: "consent" });
    const owner = stage.subscribing;
    const [subscription] = (await owner.client.call<{ data: { id: string }[] }>("GET", "/v1/subscriptions")).data;
    const consent = await owner.client.call<{ id: string }>("POST", "/v1/consents", {
      subscriptionId: subscription?.id,
    });
    const peer = connect(stage.subscriber, { protocolVersion });
    await peer.connected();
    await peer.client.subscribeAsync(`${stage.api.id}/orders`, { qos: 1 });
    const publish = (n: number) => stage.publisher.publish("orders", { n }, { "Data-Owner-Id": owner.id });
    await publish(0);
    await vi.waitFor(() => expect(peer.bodies).toEqual(range(0, 1)), 10_000);
    await owner.client.call("POST", `/v1/consents/${consent.id}/revoke`, {});
    await publish(1);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(peer.bodies).toEqual(range(0, 1));
  });

  it("ends when its credentials may not publish", async () => {
    const stage = await setStage();
    const peer = connect(stage.subscriber, { protocolVersion });
    await peer.connected();
    const published = peer.client.publishAsync(`${stage.api.id}/orders`, "{}", { qos: 1 });
    if (protocolVersion === 5) await expect(published).rejects.toMatchObject({ code: 0x87 });
    else await peer.closed();
    void published.catch(() => {});
  });
});

describe("mqtt.js in version 5", () => {
  it("sees what the relay knows of an event, and says what it knows itself", async () => {
    const stage = await setStage();
    const peer = connect(stage.subscriber, { protocolVersion: 5 });
    await peer.connected();
    await peer.client.subscribeAsync(`${stage.api.id}/#`, { qos: 1, properties: { subscriptionIdentifier: 7 } });
    const sender = connect(stage.sender, { protocolVersion: 5 });
    await sender.connected();
    const properties = { userProperties: { "partition-key": "VIN 1", "idempotency-key": "once" } };
    for (let i = 0; i < 2; i++) {
      await sender.client.publishAsync(`${stage.api.id}/orders`, "{}", { qos: 1, properties });
    }
    await publishRange(stage, 0, 1);
    await vi.waitFor(() => expect(peer.received).toHaveLength(2), 10_000);
    expect(peer.received[0]).toMatchObject({
      properties: {
        contentType: "application/json",
        subscriptionIdentifier: 7,
        userProperties: {
          "event-id": expect.stringMatching(/^[0-9a-f-]{36}$/),
          "partition-key": "VIN 1",
          "accepted-at": expect.stringMatching(/^\d{4}-.*Z$/),
          cursor: expect.any(String),
        },
      },
    });
  });

  it("is told why an event is refused, and goes on", async () => {
    const stage = await setStage();
    const sender = connect(stage.sender, { protocolVersion: 5 });
    await sender.connected();
    const publish = (topic: string, payload: string) => sender.client.publishAsync(topic, payload, { qos: 1 });
    await expect(publish(`${stage.api.id}/orders`, "no JSON")).rejects.toMatchObject({ code: 0x99 });
    await expect(publish(`${stage.api.id}/nothing`, "{}")).rejects.toMatchObject({ code: 0x90 });
    await expect(publish(`${stage.app.id}/orders`, "{}")).rejects.toMatchObject({ code: 0x87 });
    await publish(`${stage.api.id}/orders`, "{}");
  });
});

describe("paho-mqtt", () => {
  it("gets what it publishes", async () => {
    const stage = await setStage();
    const { hostname, port } = new URL(relay.origin);
    const log = async ({ user, password }: Credentials, onMessage: (payload: string) => void) => {
      const client = new Paho.Client(hostname, Number(port), "/mqtt", `paho-${user}`);
      client.onMessageArrived = ({ payloadString }) => onMessage(payloadString);
      await new Promise((onSuccess, reject) =>
        client.connect({
          userName: user,
          password,
          mqttVersion: 4,
          onSuccess,
          onFailure: ({ errorMessage }) => reject(new Error(errorMessage)),
        }),
      );
      return client;
    };
    const got: string[] = [];
    const subscriber = await log(stage.subscriber, (payload) => got.push(payload));
    await new Promise((onSuccess, onFailure) =>
      subscriber.subscribe(`${stage.api.id}/#`, { qos: 1, onSuccess, onFailure }),
    );
    const sender = await log(stage.sender, () => {});
    for (const event of range(0, 5)) sender.send(`${stage.api.id}/orders`, JSON.stringify(event), 1);
    await vi.waitFor(() => expect(got.map((text) => JSON.parse(text))).toEqual(range(0, 5)), 10_000);
    subscriber.disconnect();
    sender.disconnect();
  });
});
