import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type OrderReceiver, publishNumbered, seededRandom, startOrderReceiver } from "../support/order-receiver.ts";
import { type Scene, setScene, startTestRelay, type TestRelay } from "../support/relay.ts";

/** CONTRACT §6, while a topic is spread over ever more logs. */

const KEYS = 24;
const PER_KEY = 12;
const EVENTS = KEYS * PER_KEY;
const PUBLISHERS = 8;
const PATIENCE = { timeout: 120_000, interval: 100 };
const RETRY = { maxDelaySeconds: 2 };

let relay: TestRelay;
beforeAll(async () => {
  relay = await startTestRelay();
});
afterAll(() => relay?.close());

const subscribe = (
  { subscribing, app, api }: Scene,
  receiver: OrderReceiver,
  more: object = {},
): Promise<{ id: string }> =>
  subscribing.client.subscribe(app.id, { apiId: api.id, endpoint: `${receiver.url}/hook`, retry: RETRY, ...more });

const spread = async ({ publishing, api }: Scene, shards: number): Promise<number> =>
  (await publishing.client.call<{ shards: number }>("PATCH", `/v1/apis/${api.id}`, { shards })).shards;

const arrived = (receiver: OrderReceiver): Promise<void> =>
  vi.waitFor(
    () =>
      expect({ delivered: receiver.deliveredInAll(), wrong: receiver.violations }).toEqual({
        delivered: EVENTS,
        wrong: [],
      }),
    PATIENCE,
  );

describe("a channel whose shards grow from 1 to 2 to 8 while it is published to", () => {
  it("gives every subscriber each key in order: who was there, who comes late, and who replays", async () => {
    const random = seededRandom(7);
    const healthy = await startOrderReceiver();
    const failing = await startOrderReceiver({ statusOf: () => (random() < 0.3 ? 500 : 204) });
    const scene = await setScene(relay);
    const { id } = await subscribe(scene, healthy);
    await subscribe(scene, failing);

    let published = 0;
    await publishNumbered({ keys: KEYS, perKey: PER_KEY, publishers: PUBLISHERS }, async (event) => {
      await scene.publisher.publish("orders", event, { partitionKey: event.key });
      published++;
      if (published === EVENTS / 4) expect(await spread(scene, 2)).toBe(2);
      if (published === EVENTS / 2) expect(await spread(scene, 8)).toBe(8);
    });
    const late = await startOrderReceiver();
    await subscribe(scene, late, { start: "earliest" });
    for (const receiver of [healthy, failing, late]) await arrived(receiver);

    const replaying = await startOrderReceiver();
    const { client } = scene.subscribing;
    await client.call("PATCH", `/v1/subscriptions/${id}`, { endpoint: `${replaying.url}/hook` });
    await client.call("POST", `/v1/subscriptions/${id}/seek`, { to: "2026-01-01T00:00:00Z" });
    await arrived(replaying);

    for (const receiver of [healthy, failing, late, replaying]) await receiver.close();
  }, 300_000);

  it("does not take fewer again", async () => {
    const scene = await setScene(relay);
    expect(await spread(scene, 4)).toBe(4);
    await expect(spread(scene, 2)).rejects.toThrow("409");
    await expect(spread(scene, 3)).rejects.toThrow("422");
    await expect(spread(scene, 128)).rejects.toThrow("422");
  });
});
