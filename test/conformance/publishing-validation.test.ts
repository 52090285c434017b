import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { document3 } from "../support/asyncapi.ts";
import { type Answered, expectAccepted, expectProblem, type Publish, publishRaw } from "../support/publish.ts";
import { type Receiver, startReceiver } from "../support/receivers.ts";
import {
  addWitness,
  fetchToken,
  type Scene,
  setScene,
  startTestRelay,
  type TestRelay,
  type Witness,
} from "../support/relay.ts";
import { ARRIVE, accept, arrivalAt } from "../support/stage.ts";

/** CONTRACT §4: events are checked against the messages of their channel, and paths against its parameters. */

const ORDER = {
  type: "object",
  required: ["number", "lines"],
  properties: {
    number: { type: "string", pattern: "^RO-[0-9]+$" },
    lines: { type: "array", items: { $ref: "#/components/schemas/line" } },
  },
};
const LINE = {
  type: "object",
  required: ["sku"],
  properties: { sku: { type: "string" }, "price/net": { minimum: 0 } },
};

const GOOD = { number: "RO-1", lines: [{ sku: "a" }, { sku: "b", "price/net": 1 }] };
const BAD = { number: "RO-x", lines: [{ sku: "a" }, { "price/net": -1 }] };

const CLOSED = {
  discriminator: "kind",
  type: "object",
  required: ["kind", "at"],
  properties: { kind: { const: "closed" } },
};
const CANCELLED = { type: "object", required: ["kind", "why"], properties: { kind: { const: "cancelled" } } };

/** What the API's document says; a test may put another order into it. */
const documentOf = (order: unknown = ORDER): string =>
  document3(
    {
      orders: { address: "orders", messages: { OrderChanged: { payload: order } } },
      ends: { address: "orders/ended", messages: { Closed: { payload: CLOSED }, Cancelled: { payload: CANCELLED } } },
      lights: {
        address: "lights/{room}/{colour}",
        parameters: { room: {}, colour: { enum: ["red", "green"] } },
        messages: { On: {} },
      },
    },
    { components: { schemas: { line: LINE } } },
  );

let relay: TestRelay;
let scene: Scene;
let token: string;
let receiver: Receiver;
let witness: Witness;

beforeAll(async () => {
  relay = await startTestRelay();
  receiver = await startReceiver(accept);
});
afterAll(async () => {
  await relay?.close();
  await receiver?.close();
});

beforeEach(async () => {
  scene = await setScene(relay);
  await putSpec();
  token = await fetchToken(relay.origin, scene.api.credentials);
  await subscribe(receiver.url);
  witness = await addWitness(scene);
});

const putSpec = (order?: unknown) =>
  scene.publishing.client.call(
    "PUT",
    `/v1/apis/${scene.api.id}/spec?force=true`,
    documentOf(order),
    "application/json",
  );

const patch = (settings: Record<string, unknown>) =>
  scene.publishing.client.call("PATCH", `/v1/apis/${scene.api.id}`, settings);

const subscribe = (endpoint: string) =>
  scene.subscribing.client.subscribe(scene.app.id, { apiId: scene.api.id, endpoint });

const publish = (value: unknown, what: Publish = {}): Promise<Answered> =>
  publishRaw(relay.origin, { token, body: JSON.stringify(value), ...what });

const countStored = (): Promise<number> => witness.countStored();

const arrivalOf = (eventId: string) => arrivalAt(receiver, eventId);

function expectInvalid(answer: Answered): { path: string; message: string }[] {
  expectProblem(answer, 422);
  expect(answer.json.type).toMatch(/\/message-invalid$/);
  return answer.json.errors as { path: string; message: string }[];
}

describe("enforce", () => {
  beforeEach(() => patch({ validation: "enforce" }));

  it("refuses with a JSON Pointer for each fault, and stores nothing", async () => {
    const errors = expectInvalid(await publish(BAD));
    expect(errors.map(({ path }) => path).sort()).toEqual(["/lines/1", "/lines/1/price~1net", "/number"]);
    expect(await countStored()).toBe(0);
  });

  it("takes a message of the channel, which arrives as it was sent", async () => {
    const body = `${JSON.stringify(GOOD, null, 2)}\n`;
    const answer = await publish(null, { body });
    expect(answer.headers).not.toHaveProperty("event-validation");
    expect((await arrivalOf(expectAccepted(answer))).body.toString()).toBe(body);
  });

  it("takes any of the channel's messages, and names the one that an event comes closest to", async () => {
    const path = "/v2/events/orders/ended";
    expectAccepted(await publish({ kind: "closed", at: "noon" }, { path }));
    expectAccepted(await publish({ kind: "cancelled", why: "rain" }, { path }));
    const answer = await publish({ kind: "cancelled" }, { path });
    expectInvalid(answer);
    expect(answer.json.detail).toContain('"Cancelled"');
    expect(await countStored()).toBe(2);
  });

  it("comes last: whatever else is wrong with a request is said first", async () => {
    await patch({ access: "consent" });
    const owned = { "Data-Owner-Id": randomUUID() };
    const text = { ...owned, "Content-Type": "text/plain" };
    expectProblem(await publish(BAD, { headers: text }), 415);
    expectProblem(await publish(BAD, { headers: { "Data-Owner-Id": "me" } }), 400);
    expectProblem(await publish(BAD), 400);
    expectProblem(await publish(BAD, { headers: owned, token: "x.y.z" }), 401);
    expectProblem(await publish(BAD, { headers: owned, path: "/v2/events/nowhere" }), 404);
    expectProblem(await publish(BAD, { headers: { ...owned, "Subscription-Id": randomUUID() } }), 404);
    expectProblem(await publish("x".repeat(1024 * 1024), { headers: owned }), 413);
    expectInvalid(await publish(BAD, { headers: owned }));
  });

  it("answers the repeat of an event that was stored before as it was answered then", async () => {
    const headers = { "Idempotency-Key": randomUUID() };
    await patch({ validation: "off" });
    const eventId = expectAccepted(await publish(BAD, { headers }));
    await patch({ validation: "enforce" });
    expect(expectAccepted(await publish(BAD, { headers }))).toBe(eventId);
    expect(await countStored()).toBe(1);
  });

  it("ends at once with a schema that others would never come to an end with", async () => {
    await putSpec({ properties: { number: { pattern: "^(a+)+$" } } });
    const hostile = { number: `${"a".repeat(100_000)}!` };
    const answers = await Promise.all(Array.from({ length: 4 }, () => publish(hostile)));
    for (const answer of answers) expect(expectInvalid(answer).map(({ path }) => path)).toEqual(["/number"]);
    expectAccepted(await publish({ number: "aaa" }));
  });
});

describe("warn", () => {
  it("stores and delivers what is none of the messages, and tells the publisher alone", async () => {
    await patch({ validation: "warn" });
    const answer = await publish(BAD);
    expect(answer.headers["event-validation"]).toMatch(/^invalid; message="OrderChanged"; path="\/[^"]+"$/);
    const bad = await arrivalOf(expectAccepted(answer));
    const good = await publish(GOOD);
    expect(good.headers).not.toHaveProperty("event-validation");
    const names = Object.keys((await arrivalOf(expectAccepted(good))).headers);
    expect(bad.body.toString()).toBe(JSON.stringify(BAD));
    expect(Object.keys(bad.headers)).toEqual(names);
  });
});

describe("a change", () => {
  it("of the validation holds for everything published after its answer", async () => {
    expectAccepted(await publish(BAD));
    for (let round = 0; round < 3; round++) {
      await patch({ validation: "enforce" });
      const refused = await Promise.all(Array.from({ length: 5 }, () => publish(BAD)));
      for (const answer of refused) expectInvalid(answer);
      await patch({ validation: round === 1 ? "warn" : "off" });
      const accepted = await Promise.all(Array.from({ length: 5 }, () => publish(BAD)));
      for (const answer of accepted) expectAccepted(answer);
    }
    expect(await countStored()).toBe(16);
  });

  it("of the schema holds for everything published after its answer", async () => {
    await patch({ validation: "enforce" });
    for (let round = 0; round < 3; round++) {
      expectInvalid(await publish(BAD));
      await putSpec({ required: ["lines"] });
      expectAccepted(await publish(BAD));
      await putSpec({ required: ["lines", "number", "owner"] });
      expectInvalid(await publish(GOOD));
      await putSpec();
      expectAccepted(await publish(GOOD));
    }
    expect(await countStored()).toBe(6);
  });
});

describe("a parameter of the channel", () => {
  it("has one of its values, or the channel is unknown", async () => {
    const request = await arrivalOf(expectAccepted(await publish(1, { path: "/v2/events/lights/hall%201/red" })));
    expect(request.headers["event-channel"]).toBe("lights/hall 1/red");
    const answer = await publish(1, { path: "/v2/events/lights/hall/blue" });
    expectProblem(answer, 404);
    expect(answer.json.detail).toContain('"colour"');
    expect(await countStored()).toBe(1);
  });
});

describe("POST /v1/subscriptions/{id}/test", () => {
  it("sends a signed sample of a message, marked as one, and tells what came back", async () => {
    const own = await startReceiver((response) => response.writeHead(200).end("got it"));
    const { id } = await subscribe(own.url);
    const told = await scene.subscribing.client.call("POST", `/v1/subscriptions/${id}/test`, { channel: "orders" });
    expect(told).toMatchObject({ status: 200, error: null, response: "got it" });
    const [request] = own.requests;
    expect(request?.headers).toMatchObject({
      "event-test": "true",
      "webhook-id": told.eventId,
      "event-channel": "orders",
    });
    await patch({ validation: "enforce" });
    expectAccepted(await publish(null, { body: request?.body ?? "" }));
    await vi.waitFor(() => expect(own.requests).toHaveLength(2), ARRIVE);
    expect(own.requests[1]?.headers).not.toHaveProperty("event-test");
    expect(await countStored()).toBe(1);
    await own.close();
  });
});
