import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { importSigningSecret, signWebhook } from "../../../src/domain/signature.ts";
import { compileSchema } from "../../../src/json-schema/compile-schema.ts";
import { openWebhookKey } from "../../support/deliveries.ts";
import { type Answer, type Json, type Organization, Relay } from "./relay.ts";

/** CONTRACT §7: `POST /v1/subscriptions/{id}/test` sends the endpoint a signed sample. */

const LINT_MS = 60_000; // the first document of an isolate waits for the linter

const SALE = {
  type: "object",
  required: ["number", "total"],
  properties: { number: { type: "string", pattern: "^SO-[0-9]{4}$" }, total: { type: "number", minimum: 1 } },
  additionalProperties: false,
};

const DOCUMENT = JSON.stringify({
  asyncapi: "2.6.0",
  info: { title: "Sales", version: "1" },
  channels: {
    "a/created": {
      subscribe: {
        message: { name: "Created", payload: {}, examples: [{ payload: { id: "exämple" } }, { payload: {} }] },
      },
    },
    "b/{shop}/sold": {
      parameters: { shop: { schema: { type: "integer", minimum: 7, maximum: 7 } } },
      subscribe: { message: { oneOf: [{ name: "Sold", payload: SALE }, { name: "Bare" }] } },
    },
    "c/none/{id}": { parameters: { id: {} }, subscribe: {} },
  },
});

let relay: Relay;
let subscriber: Organization;
let publisher: Organization;
let api: Json;
let subscription: Json;
let requests: { url: string; headers: Headers; body: Uint8Array<ArrayBuffer> }[];
let answer: () => Response;

beforeAll(async () => void (await register()), LINT_MS);

async function register(): Promise<void> {
  relay = new Relay();
  publisher = await relay.organization("Publisher");
  subscriber = await relay.organization("Subscriber");
  const registered = await publisher.call("POST", "/v1/apis", { text: DOCUMENT });
  api = registered.body;
  await publisher.call("PATCH", `/v1/apis/${api.id}`, { body: { visibility: "public" } });
}

beforeEach(async () => {
  await register();
  subscription = await subscriber.subscription(api.id);
  requests = [];
  answer = () => new Response("thank you", { status: 202 });
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    const request = new Request(url, init);
    requests.push({ url, headers: request.headers, body: new Uint8Array(await request.arrayBuffer()) });
    return answer();
  });
});
afterEach(() => vi.unstubAllGlobals());

const send = (body?: unknown, who = subscriber, headers = {}): Promise<Answer> =>
  who.call("POST", `/v1/subscriptions/${subscription.id}/test`, { headers, ...(body !== undefined && { body }) });

const sent = () => {
  const [request, ...others] = requests;
  if (!request || others.length > 0) throw new Error(`${requests.length} requests were sent`);
  return { ...request, value: JSON.parse(new TextDecoder().decode(request.body)) as Json };
};

describe("a sample", () => {
  it("goes to the endpoint once, signed like a delivery and marked, and the answer is told", async () => {
    const told = await send();
    expect(told.status).toBe(200);
    expect(told.body).toEqual({
      eventId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
      status: 202,
      ms: expect.any(Number),
      error: null,
      response: "thank you",
    });
    const { url, headers, body } = sent();
    expect(url).toBe("https://receiver.example/hook");
    expect(headers.get("event-test")).toBe("true");
    expect(headers.get("webhook-id")).toBe(told.body.eventId);
    expect(headers.get("content-type")).toBe("application/json");
    expect(headers.get("authorization")).toMatch(/^Bearer .+\..+\..+$/);
    const timestampSeconds = Number(headers.get("webhook-timestamp"));
    const secrets = [await importSigningSecret(subscription.signingSecret)];
    const { privateKey } = await openWebhookKey();
    const message = { id: told.body.eventId, timestampSeconds, body };
    const [shared] = (await signWebhook({ secrets, privateKey }, message)).split(" ");
    expect(headers.get("webhook-signature")?.split(" ")).toEqual([shared, expect.stringMatching(/^v1a,/)]);
  });

  it("is stored in no log, and changes nothing", async () => {
    const calls = relay.logs.calls.length;
    await send();
    expect(relay.logs.calls.slice(calls)).toEqual([]);
    expect(relay.logs.appended).toEqual([]);
    answer = () => new Response(null, { status: 410 });
    expect((await send()).body.status).toBe(410);
    const { body } = await subscriber.call("GET", `/v1/subscriptions/${subscription.id}`);
    expect(body.status).toBe("active");
  });

  it("is the first example of the first message of the subscription's first channel", async () => {
    await send();
    expect(sent().value).toEqual({ id: "exämple" });
    expect(sent().headers.get("event-channel")).toBe("a/created");
  });

  it("is made from the schema where there is no example, and its path from the parameters", async () => {
    await send({ channel: "b/{shop}/sold" });
    const validator = compileSchema(SALE);
    if (!validator.ok) throw new Error(validator.error.message);
    expect(validator.value.validate(sent().value)).toEqual({ outcome: "valid" });
    expect(sent().headers.get("event-channel")).toBe("b/7/sold");
  });

  it("is never one that the schema refuses, though AsyncAPI 3 lets a document have it as an example", async () => {
    const examples = [{ payload: { number: "SO-1" } }, { payload: { number: "SO-2042", total: 12 } }];
    const text = JSON.stringify({
      asyncapi: "3.0.0",
      info: { title: "Stores", version: "1" },
      channels: {
        sold: {
          address: "stores/{store}",
          parameters: { store: { description: "The store.", examples: ["store-042"] } },
          messages: { sale: { payload: SALE, examples } },
        },
      },
    });
    const stores = (await publisher.call("POST", "/v1/apis", { text })).body;
    await publisher.call("PATCH", `/v1/apis/${stores.id}`, { body: { visibility: "public" } });
    subscription = await subscriber.subscription(stores.id);
    await send();
    expect(sent().value).toEqual({ number: "SO-2042", total: 12 });
    expect(sent().headers.get("event-channel")).toBe("stores/store-042");
  });

  it.each([
    [{ message: "Bare" }, "b/7/sold", {}],
    [{ message: "Created", channel: "/a/created" }, "a/created", { id: "exämple" }],
    [{ channel: "c/none/{id}" }, "c/none/id", {}],
  ])("may be chosen: %j", async (body, channel, value) => {
    expect((await send(body)).status).toBe(200);
    expect([sent().headers.get("event-channel"), sent().value]).toEqual([channel, value]);
  });

  it("is of the subscription's own channels", async () => {
    subscription = await subscriber.subscription(api.id, { channels: ["b/{shop}/sold"] });
    await send();
    expect(sent().headers.get("event-channel")).toBe("b/7/sold");
    expect((await send({ channel: "a/created" })).body.errors).toMatchObject([{ path: "channel" }]);
    expect((await send({ message: "Created" })).body.errors).toMatchObject([{ path: "message" }]);
  });

  it("comes in the subscription's format, with its headers", async () => {
    subscription = await subscriber.subscription(api.id, { format: "fortellis", headers: { "X-Mine": "1" } });
    await send();
    expect(sent().url).toBe("https://receiver.example/hook/event/a/created");
    const { headers } = sent();
    expect([headers.get("x-mine"), headers.get("event-test")]).toEqual(["1", "true"]);
    expect(headers.get("fortellis-event-id")).toBe(headers.get("webhook-id"));
    expect(headers.get("source-owner-id")).toBe(publisher.id);
  });

  it("is sent while the subscription is paused or waits for approval", async () => {
    await subscriber.call("POST", `/v1/subscriptions/${subscription.id}/pause`, { body: {} });
    expect((await send()).status).toBe(200);
    await publisher.call("PATCH", `/v1/apis/${api.id}`, { body: { approval: "manual" } });
    subscription = await subscriber.subscription(api.id);
    expect(subscription.status).toBe("pending");
    expect((await send({})).status).toBe(200);
  });

  it("is sent once for one Idempotency-Key", async () => {
    const headers = { "Idempotency-Key": "k" };
    const first = await send({}, subscriber, headers);
    expect((await send({}, subscriber, headers)).body).toEqual(first.body);
    expect(requests).toHaveLength(1);
  });
});

describe("the answer", () => {
  it.each([
    ["an error", () => new Response("no", { status: 500 }), { status: 500, error: "status", response: "no" }],
    [
      "a redirect",
      () => new Response(null, { status: 302, headers: { Location: "/" } }),
      { status: 302, error: "redirect" },
    ],
    ["a long text", () => new Response("x".repeat(5_000)), { status: 200, error: null, response: "x".repeat(1_024) }],
  ])("of an endpoint with %s is told as it is", async (_, given, told) => {
    answer = given;
    expect(await send()).toMatchObject({ status: 200, body: told });
  });

  it("that never came is told, too", async () => {
    answer = () => {
      throw new TypeError("connection refused");
    };
    expect(await send()).toMatchObject({ status: 200, body: { status: 0, error: "connection", response: "" } });
  });

  it("is that of the relay where the endpoint may not be called", async () => {
    subscription = await subscriber.subscription(api.id, { endpoint: "http://127.0.0.1:9/hook" });
    relay.env.ALLOW_PRIVATE_ENDPOINTS = "false";
    expect(await send()).toMatchObject({ status: 200, body: { status: 0, error: "endpoint_refused" } });
    expect(requests).toEqual([]);
  });
});

describe("no sample is sent", () => {
  afterEach(() => expect(requests).toEqual([]));

  it("without an endpoint (409)", async () => {
    subscription = await subscriber.subscription(api.id, { endpoint: null });
    expect((await send()).status).toBe(409);
  });

  it("to a subscriber who was rejected (409)", async () => {
    await publisher.call("POST", `/v1/subscriptions/${subscription.id}/reject`, { body: {} });
    expect((await send()).status).toBe(409);
  });

  it("of an API that is hidden from its subscriber by now (409)", async () => {
    await publisher.call("PATCH", `/v1/apis/${api.id}`, { body: { visibility: "private" } });
    const refused = await send();
    expect(refused.status).toBe(409);
    expect(refused.text).not.toContain("created");
  });

  it("to an endpoint that takes the place of another at that moment (409)", async () => {
    const path = `/v1/subscriptions/${subscription.id}`;
    const [told] = await Promise.all([
      send(),
      subscriber.call("PATCH", path, { body: { endpoint: "https://stranger.example/" } }),
    ]);
    const urls = requests.splice(0).map(({ url }) => url);
    expect(urls).toEqual(told.status === 409 ? [] : ["https://receiver.example/hook"]);
  });

  it("for others than the subscriber (404), not even the publisher, and for nobody (401)", async () => {
    expect((await send({}, publisher)).status).toBe(404);
    expect((await send({}, await relay.organization())).status).toBe(404);
    expect((await relay.call("POST", `/v1/subscriptions/${subscription.id}/test`, { token: null })).status).toBe(401);
  });

  it("for a viewer (403)", async () => {
    const { token } = await subscriber.tokenFor("viewer");
    expect((await relay.call("POST", `/v1/subscriptions/${subscription.id}/test`, { token })).status).toBe(403);
  });

  it.each([
    [{ channel: "nowhere" }, "channel"],
    [{ channel: 1 }, "channel"],
    [{ message: "Nothing" }, "message"],
    [{ message: "Sold", channel: "a/created" }, "message"],
    [{ payload: {} }, "payload"],
  ])("for %j (422)", async (body, path) => {
    expect(await send(body)).toMatchObject({ status: 422, body: { errors: [{ path }] } });
  });

  it("for what is no JSON (400)", async () => {
    const path = `/v1/subscriptions/${subscription.id}/test`;
    expect((await subscriber.call("POST", path, { text: "{" })).status).toBe(400);
  });
});
