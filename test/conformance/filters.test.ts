import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Answer, type Receiver, startReceiver } from "../support/receivers.ts";
import { readProgress, type Scene, setScene, startTestRelay, type TestRelay } from "../support/relay.ts";
import { ARRIVE, accept } from "../support/stage.ts";

/** CONTRACT §7, `filter`: a draft-07 JSON Schema over `{channel, key, owner, data}`. */

const OWNER = randomUUID();

let relay: TestRelay;
const open: Receiver[] = [];

beforeAll(async () => {
  relay = await startTestRelay();
});
afterAll(async () => {
  await relay?.close();
  for (const receiver of open) await receiver.close();
});

const numberOf = (body: Buffer): number => JSON.parse(body.toString()).n;

/** An API with one receiver that wants some of its events. */
class Stage {
  readonly scene: Scene;
  readonly receiver: Receiver;
  readonly id: string;

  private constructor(scene: Scene, receiver: Receiver, id: string) {
    this.scene = scene;
    this.receiver = receiver;
    this.id = id;
  }

  static async set(filter: unknown, settings: Record<string, unknown> = {}, answer: Answer = accept): Promise<Stage> {
    const scene = await setScene(relay, { channels: ["orders", "shops/{shopId}/sales"] });
    return Stage.join(scene, filter, settings, answer);
  }

  /** One more subscription of the same API. */
  static async join(scene: Scene, filter: unknown, settings: Record<string, unknown> = {}, answer = accept) {
    const receiver = await startReceiver(answer);
    open.push(receiver);
    const endpoint = `${receiver.url}/hook`;
    const { subscribing, app, api } = scene;
    const { id } = await subscribing.client.subscribe(app.id, { apiId: api.id, endpoint, filter, ...settings });
    return new Stage(scene, receiver, id);
  }

  /** The `n` of all that came, in order, once the last of these has come. */
  async receives(expected: number[]): Promise<void> {
    await vi.waitFor(() => expect(this.numbers().at(-1)).toBe(expected.at(-1)), ARRIVE);
    expect(this.numbers()).toEqual(expected);
  }

  numbers(): number[] {
    return this.receiver.requests.map(({ body }) => numberOf(body));
  }

  change(change: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.scene.subscribing.client.call("PATCH", `/v1/subscriptions/${this.id}`, change);
  }

  async isDone(): Promise<void> {
    const progress = () => readProgress(this.scene, this.id);
    await vi.waitFor(async () => expect(await progress()).toMatchObject({ backlog: 0, blockedKeys: 0 }), ARRIVE);
  }
}

const ofData = (properties: Record<string, unknown>) => ({
  properties: { data: { type: "object", required: Object.keys(properties), properties } },
});

describe("a filter", () => {
  it.each([
    ["data", ofData({ n: { multipleOf: 2 } }), [0, 2, 4, 6]],
    ["key", { properties: { key: { type: "string", pattern: "^RO-1$" } } }, [1, 3, 5]],
    ["owner", { properties: { owner: { const: OWNER } } }, [2, 6]],
    ["channel", { properties: { channel: { const: "shops/17/sales" } } }, [3, 6]],
    ["all of them", { allOf: [ofData({ n: { minimum: 4 } }), { properties: { key: { const: null } } }] }, [4, 6]],
  ])("chooses by %s", async (_, filter, expected) => {
    const stage = await Stage.set(filter);
    // Without a common key they have no order but this one: each waits until the one before it has come.
    for (let n = 0; n <= 6; n++) {
      const channel = n > 0 && n % 3 === 0 ? "shops/17/sales" : "orders";
      const headers: Record<string, string> = n % 2 === 1 ? { partitionKey: "RO-1" } : {};
      if (n === 2 || n === 6) headers["Data-Owner-Id"] = OWNER;
      await stage.scene.publisher.publish(channel, { n }, headers);
      if (expected.includes(n)) await vi.waitFor(() => expect(stage.numbers()).toContain(n), ARRIVE);
    }
    await stage.receives(expected);
    await stage.isDone();
    expect(stage.numbers()).toEqual(expected);
  });

  it("holds back an event that is sent to its subscription alone, and its key goes on", async () => {
    const stage = await Stage.set(ofData({ n: { maximum: 1 } }));
    const headers = { partitionKey: "RO-1", "Subscription-Id": stage.id };
    for (const n of [0, 2, 1]) await stage.scene.publisher.publish("orders", { n }, headers);
    await stage.receives([0, 1]);
    await stage.isDone();
  });

  it("is another one for everything that is published once its change is answered", async () => {
    const stage = await Stage.set(ofData({ n: { maximum: 4 } }));
    const publish = async (...numbers: number[]) => {
      for (const n of numbers) await stage.scene.publisher.publish("orders", { n }, { partitionKey: "RO-1" });
    };
    await publish(1, 9, 2);
    await stage.receives([1, 2]);
    expect((await stage.change({ filter: ofData({ n: { minimum: 5 } }) })).filter).toBeTruthy();
    await publish(3, 8);
    // What the old one has refused may come now; nothing else may.
    await vi.waitFor(() => expect(stage.numbers()).toContain(8), ARRIVE);
    expect(stage.numbers().filter((n) => n !== 9)).toEqual([1, 2, 8]);
    await stage.change({ filter: null });
    await publish(0, 7);
    await vi.waitFor(() => expect(stage.numbers()).toContain(7), ARRIVE);
    expect(stage.numbers().slice(-2)).toEqual([0, 7]);
  });

  it("frees the key of an event that fails, when it is changed so that the event does not pass any more", async () => {
    const failing: Answer = (response, { body }) => response.writeHead(numberOf(body) === 13 ? 500 : 204).end();
    const stage = await Stage.set(null, { retry: { initialSeconds: 1, maxDelaySeconds: 1 } }, failing);
    for (const n of [13, 14]) await stage.scene.publisher.publish("orders", { n }, { partitionKey: "RO-1" });
    await vi.waitFor(() => expect(stage.numbers().length).toBeGreaterThan(1), ARRIVE);
    expect(new Set(stage.numbers())).toEqual(new Set([13]));
    await stage.change({ filter: ofData({ n: { not: { const: 13 } } }) });
    await vi.waitFor(() => expect(stage.numbers()).toContain(14), ARRIVE);
    await stage.isDone();
  });
});

describe("hostile filters", () => {
  it("get what they pass or nothing, and take nothing from the others of their topic", async () => {
    const doubling = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [
        `d${i}`,
        { allOf: [1, 2].map(() => ({ $ref: `#/definitions/d${i + 1}` })) },
      ]),
    );
    const doubles = { properties: { data: { $ref: "#/definitions/d0" } }, definitions: { ...doubling, d40: true } };
    const healthy = await Stage.set(ofData({ n: { type: "integer" } }));
    const backtracking = await Stage.join(healthy.scene, ofData({ text: { pattern: "(a+)+$" } }));
    const exploding = await Stage.join(healthy.scene, doubles);
    const text = `${"a".repeat(20_000)}!`;
    const count = 60;
    for (let n = 0; n < count; n++) {
      await healthy.scene.publisher.publish(
        "orders",
        { n, text: n === 30 ? "aaa" : text },
        { partitionKey: `k${n % 3}` },
      );
    }
    const byKey = (key: number, numbers: number[]) => numbers.filter((n) => n % 3 === key);
    await vi.waitFor(() => expect(healthy.numbers()).toHaveLength(count), ARRIVE);
    for (const key of [0, 1, 2]) {
      const inOrder = Array.from({ length: count / 3 }, (_, i) => 3 * i + key);
      expect(byKey(key, healthy.numbers())).toEqual(inOrder);
    }
    await backtracking.receives([30]);
    await Promise.all([backtracking.isDone(), exploding.isDone(), healthy.isDone()]);
    expect(exploding.numbers()).toEqual([]);
  });

  it("are refused where nobody could check them", async () => {
    const scene = await setScene(relay);
    const pattern = { properties: { key: { pattern: "^(.)\\1$" } } };
    await expect(Stage.join(scene, pattern)).rejects.toMatchObject({ status: 422 });
    await expect(Stage.join(scene, { $ref: `${relay.origin}/openapi.json` })).rejects.toMatchObject({ status: 422 });
  });
});
