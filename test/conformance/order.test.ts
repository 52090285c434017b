import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type OrderReceiver, publishNumbered, seededRandom, startOrderReceiver } from "../support/order-receiver.ts";
import { type Scene, setScene, startTestRelay, type TestRelay } from "../support/relay.ts";

/** CONTRACT §6: the events of a partition key arrive in the order in which they were accepted. */

const KEYS = 50;
const PER_KEY = 20;
const EVENTS = KEYS * PER_KEY;
const PUBLISHERS = 32;
const PATIENCE_MS = 180_000; // no requirement: how fast it goes, the bench says
const RETRY = { maxDelaySeconds: 2 }; // else a key that fails eight times in a row, as some do, keeps the test for minutes

let relay: TestRelay;
beforeAll(async () => {
  relay = await startTestRelay();
});
afterAll(() => relay?.close());

async function subscribe(scene: Scene, receiver: OrderReceiver): Promise<void> {
  const endpoint = `${receiver.url}/hook`;
  await scene.subscribing.client.subscribe(scene.app.id, { apiId: scene.api.id, endpoint, retry: RETRY });
}

function expectInOrder(receiver: OrderReceiver): void {
  expect(receiver.violations).toEqual([]);
  for (let i = 0; i < KEYS; i++) expect(receiver.delivered(`key-${i}`)).toBe(PER_KEY);
}

describe("1,000 events over 50 keys to three subscriptions", () => {
  it("arrive at each, per key in order, at the healthy one before the failing one", async () => {
    const random = seededRandom(1);
    const healthy = await startOrderReceiver();
    const failing = await startOrderReceiver({ statusOf: () => (random() < 0.3 ? 500 : 204) });
    const slow = await startOrderReceiver({ afterMs: 100 });
    const scene = await setScene(relay);
    for (const receiver of [healthy, failing, slow]) await subscribe(scene, receiver);

    await publishNumbered({ keys: KEYS, perKey: PER_KEY, publishers: PUBLISHERS }, (event) =>
      scene.publisher.publish("orders", event, { partitionKey: event.key }),
    );

    const all = (receiver: OrderReceiver) => () =>
      expect({ delivered: receiver.deliveredInAll(), wrong: receiver.violations }).toEqual({
        delivered: EVENTS,
        wrong: [],
      });
    for (const receiver of [healthy, slow, failing]) {
      await vi.waitFor(all(receiver), { timeout: PATIENCE_MS, interval: 100 });
    }
    expect(healthy.lastDeliveredMs()).toBeLessThan(failing.lastDeliveredMs());
    for (const receiver of [healthy, failing, slow]) expectInOrder(receiver);
    expect(failing.failures()).toBeGreaterThan(EVENTS / 5);
    for (const receiver of [healthy, failing, slow]) await receiver.close();
  });
});
