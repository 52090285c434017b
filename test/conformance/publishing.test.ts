import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import {
  type Answered,
  expectAccepted,
  expectProblem,
  type Publish,
  publishHeaderBytes,
  publishRaw,
} from "../support/publish.ts";
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

/** CONTRACT §4: channels, headers and idempotency of a publish. */

let relay: TestRelay;
let scene: Scene;
let token: string;
let receiver: Receiver;
let witness: Witness;

beforeAll(async () => {
  relay = await startTestRelay();
  receiver = await startReceiver(accept);
  scene = await setScene(relay, {
    channels: ["orders", "/slashed/address", "shops/{shopId}/sales", "shops/main/sales", "größen/ä b"],
  });
  token = await tokenOf(scene);
  await subscribe(scene, { endpoint: receiver.url });
  witness = await addWitness(scene);
});
afterAll(async () => {
  await relay?.close();
  await receiver?.close();
});

const tokenOf = ({ api }: Scene): Promise<string> => fetchToken(relay.origin, api.credentials);

const subscribe = ({ subscribing, app, api }: Scene, settings: Record<string, unknown>) =>
  subscribing.client.subscribe(app.id, { apiId: api.id, ...settings });

const publish = (what: Publish = {}): Promise<Answered> => publishRaw(relay.origin, { token, ...what });

const requestsOf = (eventId: string) => receiver.requests.filter(({ headers }) => headers["webhook-id"] === eventId);

const arrivalOf = (eventId: string) => arrivalAt(receiver, eventId);

const countStored = (): Promise<number> => witness.countStored();

async function expectRefused(what: Publish, status: number): Promise<void> {
  const before = await countStored();
  expectProblem(await publish(what), status);
  expect(await countStored()).toBe(before);
}

describe("the channel", () => {
  it.each([
    ["orders", "orders"],
    ["/orders", "orders"],
    ["%6frders", "orders"],
    ["slashed/address", "slashed/address"],
    ["/slashed/address", "slashed/address"],
    ["shops/17/sales", "shops/17/sales"],
    ["shops/main/sales", "shops/main/sales"],
    ["shops/a%20b/sales", "shops/a b/sales"],
    ["gr%C3%B6%C3%9Fen/%C3%A4%20b", "gr%C3%B6%C3%9Fen/%C3%A4%20b"],
  ])("%s is told to receivers as %s", async (path, channel) => {
    const { headers } = await arrivalOf(expectAccepted(await publish({ path: `/v2/events/${path}` })));
    expect(headers["event-channel"]).toBe(channel);
  });

  it("that is exact wins over a template: a subscription to the one does not get the other's", async () => {
    const exact = await startReceiver(accept);
    await subscribe(scene, { endpoint: exact.url, channels: ["shops/main/sales"] });
    const other = expectAccepted(await publish({ path: "/v2/events/shops/17/sales" }));
    const own = expectAccepted(await publish({ path: "/v2/events/shops/main/sales" }));
    await arrivalOf(other);
    await vi.waitFor(() => expect(exact.requests.map(({ headers }) => headers["webhook-id"])).toEqual([own]), ARRIVE);
    await exact.close();
  });

  it.each([
    "nowhere",
    "orders/1",
    "Orders",
    "shops//sales",
    "shops/sales",
    "shops/1/2/sales",
    "shops/1%2F2/sales",
    "shops/{shopId}/sales/",
    "shops/a%00b/sales",
    "shops/a%0d%0ab/sales",
    "%E0%A4%A",
    "orders%00",
    `shops/${"x".repeat(1_100)}/sales`,
  ])("%s is unknown", async (path) => {
    await expectRefused({ path: `/v2/events/${path}` }, 404);
  });

  it("needs no name where the API has one, and has to have one where it has more", async () => {
    const single = await setScene(relay, { channels: ["only"] });
    const singleToken = await tokenOf(single);
    expectAccepted(await publishRaw(relay.origin, { token: singleToken, path: "/v2/events" }));
    expectAccepted(await publishRaw(relay.origin, { token: singleToken, path: "/v2/events/only" }));
    await expectRefused({ path: "/v2/events" }, 404);
    await expectRefused({ path: "/v2/events/" }, 404);
  });

  it("answers no other method", async () => {
    const answer = await fetch(`${relay.origin}/v2/events/orders`, { headers: { Authorization: `Bearer ${token}` } });
    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")).toContain("POST");
    await answer.text();
  });
});

describe("partitionKey", () => {
  it.each([
    ["partitionKey", "RO-1"],
    ["Partition-Key", "RO-2"],
    ["PARTITIONKEY", "with spaces, a comma; and = signs"],
    ["partitionKey", "x".repeat(256)],
  ])("by the name %s goes with the event", async (name, key) => {
    const { headers } = await arrivalOf(expectAccepted(await publish({ headers: { [name]: key } })));
    expect(headers["partition-key"]).toBe(key);
  });

  it.each(["schlüssel", "ключ", "鍵", "😀", "é".repeat(128)])("%s, in UTF-8, arrives percent-encoded", async (key) => {
    const wire = Buffer.from(key).toString("latin1");
    const { headers } = await arrivalOf(expectAccepted(await publish({ headers: { partitionKey: wire } })));
    expect(decodeURIComponent(String(headers["partition-key"]))).toBe(key);
  });

  it("of 257 bytes is refused, in whatever characters", async () => {
    await expectRefused({ headers: { partitionKey: "x".repeat(257) } }, 400);
    const wire = Buffer.from("é".repeat(129)).toString("latin1");
    await expectRefused({ headers: { partitionKey: wire } }, 400);
  });

  it("by two names has to be the same one", async () => {
    expectAccepted(await publish({ headers: { partitionKey: "a", "Partition-Key": "a" } }));
    await expectRefused({ headers: { partitionKey: "a", "Partition-Key": "b" } }, 400);
  });

  it("with percent-encoded line breaks stays a text and adds no header", async () => {
    const key = "a%0d%0aX-Injected: 1";
    const { headers } = await arrivalOf(expectAccepted(await publish({ headers: { partitionKey: key } })));
    expect(headers["partition-key"]).toBe(key);
    expect(headers).not.toHaveProperty("x-injected");
  });

  it.each([
    ["a line break and a header", "partitionKey: a\r\nX-Injected: 1"],
    ["a folded line", "partitionKey: a\r\n X-Injected: 1"],
    ["a bare line feed", "partitionKey: a\nX-Injected: 1"],
    ["a bare carriage return", "partitionKey: a\rX-Injected: 1"],
    ["a NUL", "partitionKey: a\0b"],
    ["an escape", "partitionKey: a\x1b[31mb"],
    ["a delete", "partitionKey: a\x7fb"],
    ["a tab", "partitionKey: a\tb"],
    ["a C1 control character", "partitionKey: a\xc2\x85b"],
  ])("with %s never becomes a header at a receiver", async (_, lines) => {
    const before = receiver.requests.length;
    const stored = await countStored();
    const answer = await publishHeaderBytes(relay.origin, token, lines);
    if (answer.status === 200) {
      // What HTTP itself ends at a line break was a header of the request, and no part of the key.
      const { headers } = await arrivalOf(String(answer.json.eventId));
      expect(headers).not.toHaveProperty("x-injected");
      expect(headers["partition-key"]).toMatch(/^[\x20-\x7e]*$/);
    } else {
      expect([0, 400]).toContain(answer.status);
      expect(await countStored()).toBe(stored);
      expect(receiver.requests.slice(before).every(({ headers }) => !("x-injected" in headers))).toBe(true);
    }
  });
});

describe("Data-Owner-Id", () => {
  it("goes with the event, and is a UUID", async () => {
    const owner = randomUUID();
    const { headers } = await arrivalOf(expectAccepted(await publish({ headers: { "Data-Owner-Id": owner } })));
    expect(headers["data-owner-id"]).toBe(owner);
    for (const value of ["1", "not-a-uuid", `${owner}0`, `${owner}, ${owner}`]) {
      await expectRefused({ headers: { "Data-Owner-Id": value } }, 400);
    }
  });

  it("is needed where the API's access is by consent", async () => {
    const consented = await setScene(relay, { access: "consent" });
    const consentedToken = await tokenOf(consented);
    expectProblem(await publishRaw(relay.origin, { token: consentedToken }), 400);
    const headers = { "Data-Owner-Id": randomUUID() };
    expectAccepted(await publishRaw(relay.origin, { token: consentedToken, headers }));
  });

  it("is needed from the moment on at which the access is changed to consent", async () => {
    const changed = await setScene(relay);
    const changedToken = await tokenOf(changed);
    expectAccepted(await publishRaw(relay.origin, { token: changedToken }));
    await changed.publishing.client.call("PATCH", `/v1/apis/${changed.api.id}`, { access: "consent" });
    expectProblem(await publishRaw(relay.origin, { token: changedToken }), 400);
  });
});

describe("X-Request-Id and Origin-Request-Id", () => {
  it("are carried to the receiver, and the first is answered", async () => {
    const ids = { "X-Request-Id": randomUUID(), "Origin-Request-Id": "order 17/a" };
    const answer = await publish({ headers: ids });
    expect(answer.headers["x-request-id"]).toBe(ids["X-Request-Id"]);
    const { headers } = await arrivalOf(expectAccepted(answer));
    expect(headers["x-request-id"]).toBe(ids["X-Request-Id"]);
    expect(headers["origin-request-id"]).toBe(ids["Origin-Request-Id"]);
  });

  it("come back on a refusal, too", async () => {
    const id = randomUUID();
    expect((await publish({ headers: { "X-Request-Id": id }, body: "{" })).headers["x-request-id"]).toBe(id);
  });

  it.each(["", "1", "' OR 1=1 --", "x".repeat(37)])("%j is replaced by a UUID", async (id) => {
    const answer = await publish({ headers: { "X-Request-Id": id } });
    const { headers } = await arrivalOf(expectAccepted(answer));
    expect(headers["x-request-id"]).toBe(answer.headers["x-request-id"]);
  });

  it("of more than 256 bytes is refused as an Origin-Request-Id", async () => {
    await expectRefused({ headers: { "Origin-Request-Id": "x".repeat(257) } }, 400);
  });
});

describe("Idempotency-Key", () => {
  it("with the same body is answered the same again, and stored once", async () => {
    const before = await countStored();
    const headers = { "Idempotency-Key": randomUUID() };
    const first = expectAccepted(await publish({ headers, body: '{"a":1}' }));
    expect(expectAccepted(await publish({ headers, body: '{"a":1}' }))).toBe(first);
    expect(await countStored()).toBe(before + 1);
  });

  it("with another body is refused", async () => {
    const headers = { "Idempotency-Key": randomUUID() };
    expectAccepted(await publish({ headers, body: '{"a":1}' }));
    await expectRefused({ headers, body: '{"a":2}' }, 422);
    await expectRefused({ headers, body: '{"a": 1}' }, 422);
  });

  it("at the same time from many is one event", async () => {
    const before = await countStored();
    const headers = { "Idempotency-Key": randomUUID() };
    const answers = await Promise.all(Array.from({ length: 10 }, () => publish({ headers })));
    expect(new Set(answers.map(expectAccepted)).size).toBe(1);
    expect(await countStored()).toBe(before + 1);
  });

  it("of another publisher is another key", async () => {
    const other = await setScene(relay);
    const headers = { "Idempotency-Key": "the same" };
    const own = expectAccepted(await publish({ headers, body: '{"a":1}' }));
    const theirs = await publishRaw(relay.origin, { token: await tokenOf(other), headers, body: '{"a":2}' });
    expect(expectAccepted(theirs)).not.toBe(own);
  });

  it("of more than 256 characters is refused", async () => {
    await expectRefused({ headers: { "Idempotency-Key": "x".repeat(257) } }, 400);
  });
});

describe("Subscription-Id", () => {
  it("delivers to that subscription only", async () => {
    const chosen = await startReceiver(accept);
    const { id } = await subscribe(scene, { endpoint: chosen.url });
    const eventId = expectAccepted(await publish({ headers: { "Subscription-Id": id } }));
    const next = expectAccepted(await publish());
    await arrivalOf(next);
    await vi.waitFor(() => {
      expect(chosen.requests.map(({ headers }) => headers["webhook-id"]).sort()).toEqual([eventId, next].sort());
    }, ARRIVE);
    expect(requestsOf(eventId)).toEqual([]);
    await chosen.close();
  });

  it("of another API, of a paused subscription or of none is not found", async () => {
    const other = await setScene(relay);
    const { id } = await subscribe(other, { endpoint: receiver.url });
    for (const unknown of [id, witness.id, randomUUID()]) {
      await expectRefused({ headers: { "Subscription-Id": unknown } }, 404);
    }
    await expectRefused({ headers: { "Subscription-Id": "1 OR 1=1" } }, 400);
  });
});
