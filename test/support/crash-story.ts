import { expect, vi } from "vitest";
import { type CrashingRelay, prepareCrashingRelay } from "./crash.ts";
import {
  type Numbered,
  type OrderReceiver,
  publishNumbered,
  seededRandom,
  startOrderReceiver,
} from "./order-receiver.ts";
import { type Scene, setScene } from "./relay.ts";

const KEYS = 25;
const PER_KEY = 20;
const EVENTS = KEYS * PER_KEY;
const PUBLISHERS = 16;
const ANSWER_MS = 20; // slow enough that much is on its way when the relay dies
const ARRIVE_MS_MAX = 240_000; // leases of the dead consumers have to expire first
const RETRY = { maxDelaySeconds: 2 };

type Stage = { relay: CrashingRelay; receiver: OrderReceiver; scene: Scene };

async function onStage<T>(failureRate: number, play: (stage: Stage) => Promise<T>): Promise<T> {
  const random = seededRandom(7);
  const relay = await prepareCrashingRelay();
  const statusOf = () => (random() < failureRate ? 500 : 204);
  const receiver = await startOrderReceiver({ statusOf, afterMs: ANSWER_MS });
  try {
    await relay.start();
    const scene = await setScene(relay);
    const endpoint = `${receiver.url}/hook`;
    await scene.subscribing.client.subscribe(scene.app.id, { apiId: scene.api.id, endpoint, retry: RETRY });
    return await play({ relay, receiver, scene });
  } finally {
    await relay.close();
    await receiver.close();
  }
}

const publishTo =
  ({ publisher }: Scene) =>
  (event: Numbered): Promise<string> =>
    publisher.publish("orders", event, { partitionKey: event.key });

async function untilDelivered(receiver: OrderReceiver, events: number): Promise<void> {
  const hasCome = () => expect(receiver.deliveredInAll()).toBeGreaterThanOrEqual(events);
  await vi.waitFor(hasCome, { timeout: ARRIVE_MS_MAX, interval: 2 });
}

/**
 * Publishes 500 events, kills the relay without notice whenever so many of them have been delivered, starts it again on
 * the same state, and publishes nothing more: all of them arrive, per key in order. Answers how many were in flight at
 * each kill.
 */
export function tellCrashStory(killsAfterDelivered: number[], { failureRate = 0 } = {}) {
  return onStage(failureRate, async ({ relay, receiver, scene }) => {
    await publishNumbered({ keys: KEYS, perKey: PER_KEY, publishers: PUBLISHERS }, publishTo(scene));
    const inFlight: number[] = [];
    for (const delivered of killsAfterDelivered) {
      await untilDelivered(receiver, delivered);
      await relay.kill();
      inFlight.push(EVENTS - receiver.deliveredInAll());
      await relay.start();
    }
    await untilDelivered(receiver, EVENTS);
    expect(receiver.violations).toEqual([]);
    for (let i = 0; i < KEYS; i++) expect(receiver.delivered(`key-${i}`)).toBe(PER_KEY);
    return { inFlight };
  });
}

/**
 * Kills the relay when it has acknowledged so many publishes, others on their way; nobody publishes again afterwards.
 * What was acknowledged arrives; what was not may.
 */
export function tellPublishingCrashStory(killAfterPublished: number) {
  return onStage(0, async ({ relay, receiver, scene }) => {
    const acknowledged = new Map<string, number>();
    const publish = publishTo(scene);
    let published = 0;
    let killed: Promise<void> | null = null;
    await publishNumbered({ keys: KEYS, perKey: PER_KEY, publishers: PUBLISHERS }, async (event) => {
      if (killed) return;
      const id = await publish(event).catch(() => null);
      if (id === null) return;
      acknowledged.set(event.key, event.n + 1);
      if (++published === killAfterPublished) killed = relay.kill();
    });
    await killed;
    await relay.start();
    const all = () => {
      for (const [key, count] of acknowledged) expect(receiver.delivered(key)).toBeGreaterThanOrEqual(count);
    };
    await vi.waitFor(all, { timeout: ARRIVE_MS_MAX, interval: 50 });
    expect(receiver.violations).toEqual([]);
    return { acknowledged: published };
  });
}
