import { describe, expect, it } from "vitest";
import { FILTER_BYTES_MAX } from "../../../src/kernel/limits.ts";
import { type Json, type Organization, Relay } from "./relay.ts";

type Scene = { relay: Relay; subscriber: Organization; api: Json };

async function scene(): Promise<Scene> {
  const relay = new Relay();
  const subscriber = await relay.organization("Subscriber");
  return { relay, subscriber, api: await subscriber.api() };
}

const OPEN_ORDERS = {
  required: ["data"],
  properties: { key: { pattern: "^RO-[0-9]+$" }, data: { properties: { status: { const: "open" } } } },
};

/** What every log of a subscription has as its filter, as JSON values. */
const pushed = ({ relay }: Scene, id: string): unknown[] =>
  [...relay.logs.logsOf(id).values()].map(({ subscription: { filter } }) => filter && JSON.parse(filter));

describe("a subscription's filter", () => {
  it("is shown, kept, and known to every log before it is answered", async () => {
    const at = await scene();
    const { id, filter } = await at.subscriber.subscription(at.api.id, { filter: OPEN_ORDERS });
    expect(filter).toEqual(OPEN_ORDERS);
    expect((await at.subscriber.call("GET", `/v1/subscriptions/${id}`)).body.filter).toEqual(OPEN_ORDERS);
    expect((await at.subscriber.call("GET", "/v1/subscriptions")).body.data[0].filter).toEqual(OPEN_ORDERS);
    expect(pushed(at, id)).toEqual([OPEN_ORDERS, OPEN_ORDERS]);
  });

  it("is none unless there is one", async () => {
    const at = await scene();
    for (const settings of [{}, { filter: null }]) {
      const { id, filter } = await at.subscriber.subscription(at.api.id, settings);
      expect(filter).toBeNull();
      expect(pushed(at, id)).toEqual([null, null]);
    }
  });

  it("is changed, kept by a change of something else, and taken away", async () => {
    const at = await scene();
    const { id } = await at.subscriber.subscription(at.api.id, { filter: OPEN_ORDERS });
    const patch = async (body: Record<string, unknown>) =>
      (await at.subscriber.call("PATCH", `/v1/subscriptions/${id}`, { body })).body.filter;
    expect(await patch({ description: "orders" })).toEqual(OPEN_ORDERS);
    expect(await patch({ filter: { type: "object" } })).toEqual({ type: "object" });
    expect(pushed(at, id)).toEqual([{ type: "object" }, { type: "object" }]);
    expect(await patch({ filter: null })).toBeNull();
    expect(pushed(at, id)).toEqual([null, null]);
    await at.subscriber.call("POST", `/v1/subscriptions/${id}/pause`, { body: {} });
    expect(pushed(at, id)).toEqual([null, null]);
  });

  it("is not shown to the publisher", async () => {
    const at = await scene();
    await at.subscriber.subscription(at.api.id, { filter: OPEN_ORDERS });
    const answer = await at.subscriber.call("GET", `/v1/apis/${at.api.id}/subscriptions`);
    expect(answer.body.data).toHaveLength(1);
    expect(answer.text).not.toContain("RO-");
  });

  it("has names that mean something elsewhere", async () => {
    const at = await scene();
    const text = '{"properties":{"data":{"properties":{"__proto__":{"type":"string"},"constructor":{"const":1}}}}}';
    const app = await at.subscriber.app();
    const body = `{"apiId":"${at.api.id}","filter":${text}}`;
    const answer = await at.subscriber.call("POST", `/v1/apps/${app.id}/subscriptions`, { text: body });
    expect(answer.status).toBe(201);
    expect(answer.text).toContain(text);
    const [known] = at.relay.logs.logsOf(answer.body.id).values();
    expect(known?.subscription.filter).toBe(text);
  });

  it("may have as many bytes as its bound says, and not one more", async () => {
    const at = await scene();
    const filterOf = (bytes: number) => ({ description: "ü".repeat((bytes - '{"description":""}'.length) / 2) });
    const { id } = await at.subscriber.subscription(at.api.id, { filter: filterOf(FILTER_BYTES_MAX) });
    const patched = await at.subscriber.call("PATCH", `/v1/subscriptions/${id}`, {
      body: { filter: filterOf(FILTER_BYTES_MAX + 2) },
    });
    expect([patched.status, patched.body.errors[0].path]).toEqual([422, "filter"]);
  });

  it.each([
    ["filter", true],
    ["filter", { status: "open" }],
    ["filter", "channel == 'a'"],
    ["filter", []],
    ["filter/type", { type: "order" }],
    ["filter/properties/data/required", { properties: { data: { required: "status" } } }],
    ["filter/properties/a~1b/minimum", { properties: { "a/b": { minimum: "1" } } }],
    ["filter/properties/data/$ref", { properties: { data: { $ref: "http://127.0.0.1:9/schema.json" } } }],
    ["filter/properties/data/$ref", { properties: { data: { $ref: "#/definitions/order" } } }],
    ["filter/properties/key/pattern", { properties: { key: { pattern: "(" } } }],
    ["filter/properties/key/pattern", { properties: { key: { pattern: "(a)\\1" } } }],
  ])("is refused at %s, and nothing is changed: %j", async (path, filter) => {
    const at = await scene();
    const { id } = await at.subscriber.subscription(at.api.id, { filter: OPEN_ORDERS });
    const answer = await at.subscriber.call("PATCH", `/v1/subscriptions/${id}`, { body: { filter } });
    expect([answer.status, answer.body.errors[0].path]).toEqual([422, path]);
    expect((await at.subscriber.call("GET", `/v1/subscriptions/${id}`)).body.filter).toEqual(OPEN_ORDERS);
    expect(pushed(at, id)).toEqual([OPEN_ORDERS, OPEN_ORDERS]);
    const app = await at.subscriber.app();
    const created = await at.subscriber.call("POST", `/v1/apps/${app.id}/subscriptions`, {
      body: { apiId: at.api.id, filter },
    });
    expect([created.status, created.body.errors[0].path]).toEqual([422, path]);
  });

  it("is refused where it is nested without end, or comes back to itself", async () => {
    const at = await scene();
    const app = await at.subscriber.app();
    const nested = `${'{"not":'.repeat(4_000)}{}${"}".repeat(4_000)}`;
    for (const filter of [nested, '{"$ref":"#"}', '{"allOf":[{"$ref":"#"}]}']) {
      const text = `{"apiId":"${at.api.id}","filter":${filter}}`;
      const answer = await at.subscriber.call("POST", `/v1/apps/${app.id}/subscriptions`, { text });
      expect([answer.status, answer.body.errors[0].path]).toEqual([422, expect.stringMatching(/^filter/)]);
    }
  });
});
