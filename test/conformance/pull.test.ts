import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { publishNumbered } from "../support/order-receiver.ts";
import { type PullConsumer, type Pulled, PullOrder, startPulling } from "../support/pulling.ts";
import { readProgress, type Scene, setScene, startTestRelay, type TestRelay } from "../support/relay.ts";

/** CONTRACT §8, consumers that fetch their events over HTTP. */

const PATIENCE_MS = 60_000;
const IDLE_MS = 50;

let relay: TestRelay;
beforeAll(async () => {
  relay = await startTestRelay();
});
afterAll(() => relay?.close());

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function subscribe({ subscribing, app, api }: Scene, more: object = {}): Promise<string> {
  return (await subscribing.client.subscribe(app.id, { apiId: api.id, start: "earliest", ...more })).id;
}

/** Fetches and settles until that many events are done with. */
async function work(consumer: PullConsumer, order: PullOrder, events: number): Promise<void> {
  const endMs = Date.now() + PATIENCE_MS;
  while (order.doneInAll() < events && order.violations.length === 0) {
    if (Date.now() > endMs) throw new Error(`${order.doneInAll()} of ${events} came`);
    const pulled = await consumer.pull({ max: 7 });
    order.got(pulled);
    if (pulled.length === 0) await sleep(IDLE_MS);
    else {
      // Noted before it is told: the next of a key may come to another consumer before this one is answered.
      order.done(pulled);
      expect((await consumer.ack({ eventIds: pulled.map(({ id }) => id) })).unknown).toEqual([]);
    }
  }
}

describe("consumers that fetch one subscription's events together", () => {
  it("get each event at least once and each key in order, although one dies with a lease in its hands", async () => {
    const scene = await setScene(relay);
    const id = await subscribe(scene);
    const [dying, healthy, other] = [
      await startPulling(relay, scene, id),
      await startPulling(relay, scene, id),
      await startPulling(relay, scene, id),
    ];
    const order = new PullOrder();
    await publishNumbered({ keys: 9, perKey: 12, publishers: 4 }, (event) =>
      scene.publisher.publish("orders", event, { partitionKey: event.key }),
    );
    const taken = await dying.pull({ max: 20, leaseSeconds: 2 });
    expect(taken).toHaveLength(20);
    order.got(taken);
    await dying.ack({ eventIds: taken.slice(0, 3).map((event) => event.id) });
    order.done(taken.slice(0, 3));
    await Promise.all([work(healthy, order, 9 * 12), work(other, order, 9 * 12)]);
    expect(order.violations).toEqual([]);
    expect(await readProgress(scene, id)).toMatchObject({ backlog: 0, dead: 0 });
    expect(await healthy.pull()).toEqual([]);
  });

  it("follow a topic whose shards grow from 1 to 4 while it is published to", async () => {
    const scene = await setScene(relay);
    const id = await subscribe(scene);
    const order = new PullOrder();
    const [KEYS, PER_KEY] = [12, 12];
    let published = 0;
    const publishing = publishNumbered({ keys: KEYS, perKey: PER_KEY, publishers: 4 }, async (event) => {
      await scene.publisher.publish("orders", event, { partitionKey: event.key });
      const shards = { [(KEYS * PER_KEY) / 4]: 2, [(KEYS * PER_KEY) / 2]: 4 }[++published];
      if (shards) await scene.publishing.client.call("PATCH", `/v1/apis/${scene.api.id}`, { shards });
    });
    const consumers = [await startPulling(relay, scene, id), await startPulling(relay, scene, id)];
    await Promise.all([publishing, ...consumers.map((consumer) => work(consumer, order, KEYS * PER_KEY))]);
    expect(order.violations).toEqual([]);
    expect(order.doneInAll()).toBe(KEYS * PER_KEY);
    expect(order.shards.size).toBeGreaterThan(2);
  });
});

describe("an event that its consumer fails with", () => {
  it("comes again by the retry policy, holds up its key alone, and is dead in the end", async () => {
    const scene = await setScene(relay);
    const id = await subscribe(scene, { retry: { initialSeconds: 1, maxAttempts: 3 } });
    const consumer = await startPulling(relay, scene, id);
    for (const n of [0, 1]) await scene.publisher.publish("orders", { key: "poison", n }, { partitionKey: "poison" });
    await scene.publisher.publish("orders", { key: "good", n: 0 }, { partitionKey: "good" });

    const attempts: number[] = [];
    const good: Pulled[] = [];
    for (const endMs = Date.now() + PATIENCE_MS; good.length < 2 && Date.now() < endMs; await sleep(IDLE_MS)) {
      const pulled = await consumer.pull();
      const poison = pulled.filter(({ data }) => data.key === "poison" && data.n === 0);
      const isBehind = ({ data }: Pulled) => data.key === "poison" && data.n === 1;
      attempts.push(...poison.map(({ attempt }) => attempt));
      const fine = pulled.filter((event) => event.data.key === "good" || (isBehind(event) && poison.length === 0));
      good.push(...fine);
      const ack = { eventIds: fine.map((event) => event.id), failed: poison.map((event) => event.id) };
      if (pulled.length > 0) await consumer.ack(ack);
    }
    expect(attempts).toEqual([1, 2, 3]);
    expect(good.map(({ data }) => data)).toEqual([
      { key: "good", n: 0 },
      { key: "poison", n: 1 },
    ]);
    expect(await readProgress(scene, id)).toMatchObject({ backlog: 0, dead: 1, lastError: { error: "rejected" } });
    const { data } = await scene.subscribing.client.call<{ data: { status: string; attempts: object[] }[] }>(
      "GET",
      `/v1/subscriptions/${id}/deliveries`,
    );
    expect(data.map(({ status, attempts: made }) => `${status} ${made.length}`).sort()).toEqual([
      "dead 3",
      "delivered 1",
      "delivered 1",
    ]);
  });
});

describe("consent and fetching", () => {
  it("gives nothing more of an owner once its withdrawal is answered, and waits for no lease", async () => {
    const scene = await setScene(relay, { access: "consent" });
    const id = await subscribe(scene);
    const owner = await relay.operator.createOrganization("Owner");
    const consent = await owner.client.call<{ id: string }>("POST", "/v1/consents", { subscriptionId: id });
    const publish = (n: number) =>
      scene.publisher.publish("orders", { key: "k", n }, { partitionKey: `k${n}`, "Data-Owner-Id": owner.id });
    await publish(0);
    await publish(1);
    const consumer = await startPulling(relay, scene, id);
    expect(await consumer.pull({ max: 1, leaseSeconds: 300 })).toHaveLength(1);
    const begunMs = Date.now();
    await owner.client.call("POST", `/v1/consents/${consent.id}/revoke`, {});
    expect(Date.now() - begunMs).toBeLessThan(10_000);
    expect(await consumer.pull()).toEqual([]);
  });
});
