import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { hostileReceivers, type Receiver, startReceiver } from "../support/receivers.ts";
import { setScene, startTestRelay, type TestRelay } from "../support/relay.ts";
import { accept } from "../support/stage.ts";

/** CONTRACT §6: "other keys and other subscriptions go on", also where one endpoint never answers. */

const ARRIVE_MS_MAX = 3_000;
const TIMEOUT_SECONDS = 30; // the longest an attempt may hang, and longer than a drain
const EVENTS = 5;
const HANGING = 30;

let relay: TestRelay;
beforeAll(async () => {
  relay = await startTestRelay();
});
afterAll(() => relay?.close());

const open: Receiver[] = [];
afterAll(() => Promise.all(open.map((receiver) => receiver.close())));

/** A topic of its own, with one subscription. */
async function subscribeTo(receiver: Receiver, settings: Record<string, unknown> = {}) {
  open.push(receiver);
  const scene = await setScene(relay);
  const endpoint = `${receiver.url}/hook`;
  const subscription = await scene.subscribing.client.subscribe(scene.app.id, {
    ...{ apiId: scene.api.id, endpoint },
    ...settings,
  });
  return { ...scene, subscription };
}

const startHealthy = () => startReceiver(accept);

/** Publishes one event after the other; how long each takes from its acceptance to its arrival. */
async function measureArrivals(healthy: Awaited<ReturnType<typeof subscribeTo>>, receiver: Receiver) {
  const delays: number[] = [];
  for (let n = 0; n < EVENTS; n++) {
    const id = await healthy.publisher.publish("orders", { n });
    const acceptedMs = Date.now();
    const hasArrived = () => receiver.requests.some(({ headers }) => headers["webhook-id"] === id);
    await vi.waitFor(() => expect(hasArrived()).toBe(true), { timeout: 2 * TIMEOUT_SECONDS * 1000, interval: 10 });
    delays.push(Date.now() - acceptedMs);
  }
  return delays;
}

describe("an endpoint that never answers", () => {
  it("holds up a healthy subscription of another topic for no more than 3 s", async () => {
    const silent = await hostileReceivers.neverAnswers();
    const receiver = await startHealthy();
    const hanging = await subscribeTo(silent, { timeoutSeconds: TIMEOUT_SECONDS });
    const healthy = await subscribeTo(receiver);
    for (let n = 0; n < 20; n++) await hanging.publisher.publish("orders", { n }, { partitionKey: `key-${n}` });
    await vi.waitFor(() => expect(silent.requests.length).toBeGreaterThan(0), { timeout: 10_000, interval: 10 });

    const delays = await measureArrivals(healthy, receiver);

    expect(Math.max(...delays)).toBeLessThanOrEqual(ARRIVE_MS_MAX);
  });

  it("holds it up no longer where thirty subscriptions hang", async () => {
    const receiver = await startHealthy();
    const healthy = await subscribeTo(receiver);
    const silent = await hostileReceivers.neverAnswers();
    const hanging = await subscribeTo(silent, { timeoutSeconds: TIMEOUT_SECONDS });
    for (let i = 1; i < HANGING; i++) {
      await hanging.subscribing.client.subscribe(hanging.app.id, {
        apiId: hanging.api.id,
        endpoint: `${silent.url}/hook-${i}`,
        timeoutSeconds: TIMEOUT_SECONDS,
      });
    }
    for (let n = 0; n < 5; n++) await hanging.publisher.publish("orders", { n }, { partitionKey: `key-${n}` });
    await vi.waitFor(() => expect(silent.requests.length).toBeGreaterThan(0), { timeout: 10_000, interval: 10 });

    const delays = await measureArrivals(healthy, receiver);

    expect(Math.max(...delays)).toBeLessThanOrEqual(ARRIVE_MS_MAX);
  });
});
