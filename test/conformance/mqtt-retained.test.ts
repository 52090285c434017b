import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { MqttPeer } from "../support/mqtt.ts";
import { type Scene, type SceneOptions, setScene, startTestRelay, type TestRelay } from "../support/relay.ts";

/** MQTT's retained message of a channel is its last event. */

let relay: TestRelay;
const peers: MqttPeer[] = [];
beforeAll(async () => {
  relay = await startTestRelay();
});
afterAll(async () => {
  for (const { client } of peers) client.end(true);
  await relay?.close();
});

type Stage = Scene & { subscriptionId: string };

async function setStage(options: SceneOptions = {}): Promise<Stage> {
  const scene = await setScene(relay, options);
  const { id } = await scene.subscribing.client.subscribe(scene.app.id, { apiId: scene.api.id });
  return { ...scene, subscriptionId: id };
}

async function subscribe({ app, api }: Stage, filter: string): Promise<MqttPeer> {
  const peer = new MqttPeer(relay.origin, { user: app.apiKey, password: app.apiSecret }, { protocolVersion: 5 });
  peers.push(peer);
  await peer.connected();
  await peer.client.subscribeAsync(`${api.id}/${filter}`, { qos: 1 });
  return peer;
}

const shown = ({ received }: MqttPeer) =>
  received.map(({ topic, payload, retain }) => [topic.slice(37), JSON.parse(String(payload)), retain]).sort();

describe("who subscribes by MQTT", () => {
  it("gets the last event of each concrete channel, over all shards, and then what is published", async () => {
    const stage = await setStage({ channels: ["orders", "lots/{lot}/prices"] });
    const { publisher, publishing, api } = stage;
    for (const n of [1, 2]) await publisher.publish("lots/a/prices", { n }, { partitionKey: "k" });
    await publisher.publish("lots/b/prices", { n: 3 });
    await publishing.client.call("PATCH", `/v1/apis/${api.id}`, { shards: 4 });
    for (let n = 4; n < 20; n++) await publisher.publish("orders", { n }, { partitionKey: `k${n}` });
    const peer = await subscribe(stage, "#");
    const retained = [
      ["lots/a/prices", { n: 2 }, true],
      ["lots/b/prices", { n: 3 }, true],
      ["orders", { n: 19 }, true],
    ];
    await vi.waitFor(() => expect(shown(peer)).toEqual(retained), 10_000);
    await publisher.publish("lots/a/prices", { n: 20 });
    await vi.waitFor(() => expect(peer.received.at(-1)?.retain).toBe(false), 10_000);
    const other = await subscribe(stage, "lots/b/prices");
    await vi.waitFor(() => expect(shown(other)).toEqual([["lots/b/prices", { n: 3 }, true]]), 10_000);
  });

  it("gets nothing of an owner who has withdrawn consent: the last event before is another owner's", async () => {
    const stage = await setStage({ access: "consent" });
    const owners = await Promise.all(["Kept", "Withdrawn"].map((name) => relay.operator.createOrganization(name)));
    const consents = await Promise.all(
      owners.map(({ client }) =>
        client.call<{ id: string }>("POST", "/v1/consents", { subscriptionId: stage.subscriptionId }),
      ),
    );
    for (const [i, { id }] of owners.entries()) await stage.publisher.publish("orders", { i }, { "Data-Owner-Id": id });
    await owners[1]?.client.call("POST", `/v1/consents/${consents[1]?.id}/revoke`, {});
    const peer = await subscribe(stage, "orders");
    await vi.waitFor(() => expect(shown(peer)).toEqual([["orders", { i: 0 }, true]]), 10_000);
  });
});
