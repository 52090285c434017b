import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { CHANNELS_PER_API_MAX, LOGS_PER_API_MAX } from "../../../src/kernel/limits.ts";
import { loadPublisher } from "../../../src/registry/publishers.ts";
import { type Json, outbox, Relay } from "./relay.ts";

type Schema = Record<string, unknown>;

const ORDER: Schema = {
  type: "object",
  required: ["id"],
  properties: { id: { type: "string" }, total: { type: "number" } },
};

/** A document of one title; each channel has one message with this payload. */
const document = (version: string, channels: Record<string, Schema>, title = "Orders"): string =>
  JSON.stringify({
    asyncapi: "2.6.0",
    info: { title, version },
    channels: Object.fromEntries(
      Object.entries(channels).map(([address, payload]) => [
        address,
        { subscribe: { message: { name: "M", payload } } },
      ]),
    ),
  });

async function registered(relay: Relay, channels: Record<string, Schema> = { orders: ORDER, refunds: ORDER }) {
  const acme = await relay.organization();
  const { body: api } = await acme.call("POST", "/v1/apis", { text: document("1.0.0", channels) });
  const put = (text: string, query = "") => acme.call("PUT", `/v1/apis/${api.id}/spec${query}`, { text });
  const addresses = async (): Promise<string[]> =>
    (await acme.call("GET", `/v1/apis/${api.id}`)).body.channels.map(({ address }: Json) => address);
  const publishable = async (): Promise<string[]> =>
    ((await loadPublisher(env.REGISTRY, api.credentials.clientId))?.topics ?? []).map(({ address }) => address).sort();
  return { acme, api, put, addresses, publishable };
}

describe("a new version of an API", () => {
  it("replaces the document, and says what has changed", async () => {
    const { acme, api, put } = await registered(new Relay());
    const wider = { ...ORDER, properties: { ...(ORDER.properties as Schema), note: { type: "string" } } };
    const answer = await put(document("1.1.0", { orders: wider, refunds: ORDER }));
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      id: api.id,
      version: "1.1.0",
      channels: [{ address: "orders" }, { address: "refunds" }],
    });
    expect(answer.body.changes.map(({ path, kind }: Json) => [path, kind])).toEqual(
      expect.arrayContaining([["/version", "non-breaking"]]),
    );
    expect(answer.body.changes.every(({ kind }: Json) => kind === "non-breaking")).toBe(true);
    expect((await acme.call("GET", `/v1/apis/${api.id}`)).body.channels[0].messages[0].schema).toEqual(wider);
    expect((await acme.call("GET", `/v1/apis/${api.id}/spec`)).body.info.version).toBe("1.1.0");
  });

  it.each<[string, Record<string, Schema>, string]>([
    ["a channel is gone", { orders: ORDER }, "/channels/refunds"],
    [
      "a property's type is another",
      { orders: { ...ORDER, properties: { id: { type: "integer" }, total: { type: "number" } } }, refunds: ORDER },
      "/channels/orders/messages/M/payload/properties/id/type",
    ],
    [
      "a property is gone",
      { orders: { ...ORDER, properties: { id: { type: "string" } } }, refunds: ORDER },
      "/channels/orders/messages/M/payload/properties/total",
    ],
    [
      "a property is required that was not",
      { orders: { ...ORDER, required: ["id", "total"] }, refunds: ORDER },
      "/channels/orders/messages/M/payload/required",
    ],
  ])("is refused where it breaks subscribers, and nothing is stored: %s", async (_, channels, path) => {
    const { acme, api, put } = await registered(new Relay());
    const answer = await put(document("2.0.0", channels));
    expect(answer.status).toBe(409);
    expect(answer.body.type).toMatch(/\/version-breaking$/);
    const breaking = answer.body.changes.filter(({ kind }: Json) => kind === "breaking");
    expect(breaking.some((change: Json) => change.path.startsWith(path))).toBe(true);
    expect((await acme.call("GET", `/v1/apis/${api.id}/spec`)).body.info.version).toBe("1.0.0");
    expect((await acme.call("GET", `/v1/apis/${api.id}/versions`)).body.data).toHaveLength(1);
    const forced = await put(document("2.0.0", channels), "?force=true");
    expect(forced.status).toBe(200);
    expect(forced.body.changes).toEqual(answer.body.changes);
  });

  it("retires a channel that it does not have, whose log still hears of its subscriptions, and may bring it back", async () => {
    const relay = new Relay();
    const { acme, api, put, addresses, publishable } = await registered(relay);
    const { id: subscriptionId } = await acme.subscription(api.id);
    const before = await loadPublisher(env.REGISTRY, api.credentials.clientId);
    const refunds = before?.topics.find(({ address }) => address === "refunds");
    expect((await put(document("2.0.0", { orders: ORDER }), "?force=true")).status).toBe(200);
    expect(await addresses()).toEqual(["orders"]);
    expect(await publishable()).toEqual(["orders"]);

    await acme.call("POST", `/v1/subscriptions/${subscriptionId}/pause`);
    expect(relay.logs.logsOf(subscriptionId).get(`${refunds?.id}/0`)?.subscription.active).toBe(false);

    expect((await put(document("3.0.0", { orders: ORDER, refunds: ORDER }))).status).toBe(200);
    const after = await loadPublisher(env.REGISTRY, api.credentials.clientId);
    expect(after?.topics.find(({ address }) => address === "refunds")).toEqual(refunds);
  });

  it("lets the logs of new channels know the subscriptions before it is answered", async () => {
    const relay = new Relay();
    const { acme, api, put } = await registered(relay);
    const { id } = await acme.subscription(api.id);
    expect((await put(document("1.1.0", { orders: ORDER, refunds: ORDER, returns: ORDER }))).status).toBe(200);
    const topics = (await loadPublisher(env.REGISTRY, api.credentials.clientId))?.topics ?? [];
    const fresh = topics.find(({ address }) => address === "returns");
    expect(relay.logs.logsOf(id).has(`${fresh?.id}/0`)).toBe(true);
    expect(await outbox()).toEqual([]);
  });

  it("lets no other log know them again: a subscription may have hundreds of channels, and an API hundreds of subscriptions", async () => {
    const relay = new Relay();
    const { acme, api, put } = await registered(relay);
    const { id } = await acme.subscription(api.id);
    await acme.call("PATCH", `/v1/apis/${api.id}`, { body: { access: "consent" } });
    await acme.call("POST", "/v1/consents", { body: { subscriptionId: id } });
    relay.logs.calls.length = 0;
    expect((await put(document("1.1.0", { orders: ORDER, refunds: ORDER, returns: ORDER }))).status).toBe(200);
    const topics = (await loadPublisher(env.REGISTRY, api.credentials.clientId))?.topics ?? [];
    const fresh = topics.find(({ address }) => address === "returns");
    const told = relay.logs.calls.filter((call) => !call.startsWith("putTopic"));
    expect(told).toEqual([`putSubscription ${fresh?.id}/0`, `putConsent ${fresh?.id}/0`]);
    expect(relay.logs.grantsOf(id)).toContain(`${fresh?.id}/0 ${acme.id}`);
  });

  it("makes every isolate look again before it publishes", async () => {
    const relay = new Relay();
    const { api, put } = await registered(relay);
    expect((await loadPublisher(env.REGISTRY, api.credentials.clientId))?.topicConfig.version).toBe(1);
    await put(document("1.1.0", { orders: ORDER, refunds: ORDER }));
    expect((await loadPublisher(env.REGISTRY, api.credentials.clientId))?.topicConfig.version).toBe(2);
  });

  it.each([
    ["text that is no document", "hello", 422],
    ["a document with errors", document("2", {}), 422],
    ["nothing", "", 422],
  ])("is refused: %s", async (_, text, status) => {
    const { acme, api, put } = await registered(new Relay());
    const answer = await put(text);
    expect(answer.status).toBe(status);
    expect(answer.body.diagnostics.length).toBeGreaterThan(0);
    expect((await acme.call("GET", `/v1/apis/${api.id}/versions`)).body.data).toHaveLength(1);
  });

  it("may not take the title of another API", async () => {
    const { acme, put } = await registered(new Relay());
    await acme.call("POST", "/v1/apis", { text: document("1", { a: ORDER }, "Invoices") });
    expect((await put(document("1.1.0", { orders: ORDER, refunds: ORDER }, "Invoices"))).status).toBe(409);
  });

  it("may not bring more channels than an API may have in its life", async () => {
    const { acme, api, put } = await registered(new Relay());
    const channels = (prefix: string, count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`${prefix}${n}`, ORDER]));
    const ever = (await acme.call("GET", `/v1/apis/${api.id}`)).body.channels.length;
    expect((await put(document("2", channels("a", CHANNELS_PER_API_MAX)), "?force=true")).status).toBe(200);
    const rest = LOGS_PER_API_MAX - CHANNELS_PER_API_MAX - ever;
    expect((await put(document("3", channels("b", rest + 1)), "?force=true")).status).toBe(409);
    expect((await put(document("3", channels("b", rest)), "?force=true")).status).toBe(200);
    expect((await put(document("4", channels("a", CHANNELS_PER_API_MAX)), "?force=true")).status).toBe(200);
    expect((await put(document("5", channels("c", 1)), "?force=true")).status).toBe(409);
  });

  it("is for the API's own developers", async () => {
    const relay = new Relay();
    const { acme, api } = await registered(relay);
    const stranger = await relay.organization("Stranger");
    const text = document("1.1.0", { orders: ORDER, refunds: ORDER });
    const path = `/v1/apis/${api.id}/spec`;
    expect((await stranger.call("PUT", path, { text })).status).toBe(404);
    const { token } = await acme.tokenFor("viewer");
    expect((await relay.call("PUT", path, { text, token })).status).toBe(403);
  });
});

describe("the versions of an API", () => {
  it("are listed newest first with what each changed, and stay readable", async () => {
    const { acme, api, put } = await registered(new Relay());
    await put(document("1.1.0", { orders: ORDER, refunds: ORDER, returns: ORDER }));
    await put(document("2.0.0", { orders: ORDER }), "?force=true");
    const { body } = await acme.call("GET", `/v1/apis/${api.id}/versions`);
    expect(body.data.map(({ version }: Json) => version)).toEqual(["2.0.0", "1.1.0", "1.0.0"]);
    expect(body.data[0].changes).toContainEqual(
      expect.objectContaining({ path: "/channels/refunds", kind: "breaking" }),
    );
    expect(body.data[2].changes).toEqual([]);
    const old = await acme.call("GET", `/v1/apis/${api.id}/spec?version=1.1.0`);
    expect(Object.keys(old.body.channels)).toEqual(["orders", "refunds", "returns"]);
    expect((await acme.call("GET", `/v1/apis/${api.id}/spec?version=9`)).status).toBe(404);
    const page = await acme.call("GET", `/v1/apis/${api.id}/versions?limit=2`);
    expect(page.body.data).toHaveLength(2);
    const rest = await acme.call("GET", `/v1/apis/${api.id}/versions?limit=2&cursor=${page.body.nextCursor}`);
    expect(rest.body).toMatchObject({ data: [{ version: "1.0.0" }], nextCursor: null });
  });

  it("are told apart by their ids where they call themselves the same", async () => {
    const { acme, api, put } = await registered(new Relay());
    await put(document("1.1.0", { orders: ORDER, refunds: ORDER, returns: ORDER }));
    await put(document("1.1.0", { orders: ORDER, refunds: ORDER, returns: ORDER, claims: ORDER }));
    const { body } = await acme.call("GET", `/v1/apis/${api.id}/versions`);
    expect(body.data.map(({ version }: Json) => version)).toEqual(["1.1.0", "1.1.0", "1.0.0"]);
    const read = async (query: string) => {
      const answer = await acme.call("GET", `/v1/apis/${api.id}/spec?${query}`);
      return answer.status === 200 ? Object.keys(answer.body.channels).length : answer.status;
    };
    expect(await read("version=1.1.0")).toBe(4);
    expect(await read(`id=${body.data[1].id}`)).toBe(3);
    expect(await read("id=999999")).toBe(404);
    expect(await read("id=1&version=1.1.0")).toBe(422);
    expect(await read("id=one")).toBe(422);
  });

  it("are no more when the same text comes again", async () => {
    const { acme, api, put } = await registered(new Relay());
    const text = document("1.1.0", { orders: ORDER, refunds: ORDER, returns: ORDER });
    await put(text);
    expect(await put(text)).toMatchObject({ status: 200, body: { version: "1.1.0", changes: [] } });
    expect((await acme.call("GET", `/v1/apis/${api.id}/versions`)).body.data).toHaveLength(2);
  });

  it("are for subscribers too, where they may see the API", async () => {
    const relay = new Relay();
    const { acme, api, put } = await registered(relay);
    await put(document("2.0.0", { orders: ORDER }), "?force=true");
    const reader = await relay.organization("Reader");
    expect((await reader.call("GET", `/v1/directory/${api.id}/versions`)).status).toBe(404);
    await acme.call("PATCH", `/v1/apis/${api.id}`, { body: { visibility: "public" } });
    const { body } = await reader.call("GET", `/v1/directory/${api.id}/versions`);
    expect(body.data[0]).toMatchObject({ version: "2.0.0", changes: expect.any(Array) });
    expect((await reader.call("GET", `/v1/apis/${api.id}/versions`)).status).toBe(404);
  });
});
