import { createHmac, randomUUID } from "node:crypto";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Answer, type ReceivedRequest, type Receiver, startReceiver } from "../support/receivers.ts";
import { readProgress, type Scene, setScene, startTestRelay, type TestRelay } from "../support/relay.ts";
import { ARRIVE, accept, setStage as openStage, type Stage } from "../support/stage.ts";

/** CONTRACT §5 and §6: what a receiver gets, and what its answers bring about. */

let relay: TestRelay;
const open: Receiver[] = [];

beforeAll(async () => {
  relay = await startTestRelay();
});
afterAll(async () => {
  await relay?.close();
  for (const receiver of open) await receiver.close();
});

async function listen(answer: Answer = accept): Promise<Receiver> {
  const receiver = await startReceiver(answer);
  open.push(receiver);
  return receiver;
}

/** A scene of its own with one receiver that subscribes. */
async function setStage(answer: Answer = accept, settings: Record<string, unknown> = {}): Promise<Stage> {
  const stage = await openStage(relay, settings, answer);
  open.push(stage.receiver);
  return stage;
}

const subscribe = ({ subscribing, app, api }: Scene, settings: Record<string, unknown>) =>
  subscribing.client.subscribe(app.id, { apiId: api.id, ...settings });

const idsOf = ({ requests }: Receiver): string[] => requests.map(({ headers }) => String(headers["webhook-id"]));

async function untilRequests(receiver: Receiver, count: number): Promise<ReceivedRequest[]> {
  await vi.waitFor(() => expect(receiver.requests.length).toBeGreaterThanOrEqual(count), ARRIVE);
  return receiver.requests;
}

async function firstRequest(receiver: Receiver): Promise<ReceivedRequest> {
  const [request] = await untilRequests(receiver, 1);
  if (!request) throw new Error("it has arrived, and is not there");
  return request;
}

/** Standard Webhooks, as its specification says it. */
function signatureOf({ headers, body }: ReceivedRequest, secret: string): string {
  const key = Buffer.from(secret.replace("whsec_", ""), "base64");
  const mac = createHmac("sha256", key)
    .update(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.`)
    .update(body);
  return `v1,${mac.digest("base64")}`;
}

const signaturesOf = ({ headers }: ReceivedRequest): string[] => String(headers["webhook-signature"]).split(" ");

describe("a delivery", () => {
  it.each([
    '{ "a" :\t1.0,\r\n"b":1e2, "a":2 }\n',
    '"\\u00e9 \\/ \\ud83d\\ude00 é 😀 \\u0000"',
    "[1,  2,\n3, 12345678901234567890, -0, 1.10]",
    '{"__proto__":null,"":"","ключ":"значение"}',
  ])("brings the published bytes unchanged: %j", async (body) => {
    const stage = await setStage();
    await stage.publish(body);
    const request = await firstRequest(stage.receiver);
    expect(request.body.toString()).toBe(body);
    expect(request.method).toBe("POST");
    expect(request.headers["content-type"]).toBe("application/json");
    expect(signaturesOf(request)).toContain(signatureOf(request, stage.signingSecret));
  });

  it("brings a body of a mebibyte unchanged", async () => {
    const stage = await setStage();
    const body = `"${"é".repeat(524_287)}"`;
    await stage.publish(body);
    const request = await firstRequest(stage.receiver);
    expect(request.body.equals(Buffer.from(body))).toBe(true);
    expect(signaturesOf(request)).toContain(signatureOf(request, stage.signingSecret));
  });

  it("in format standard goes to the URL as registered, with its headers", async () => {
    const stage = await setStage();
    const headers = {
      partitionKey: "RO-1",
      "Data-Owner-Id": randomUUID(),
      "X-Request-Id": randomUUID(),
      traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
      tracestate: "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE",
    };
    const id = await stage.scene.publisher.publish("shops/17/sales", {}, headers);
    const request = await firstRequest(stage.receiver);
    expect(request.path).toBe("/in?team=1");
    expect(request.headers).toMatchObject({
      "webhook-id": id,
      "event-channel": "shops/17/sales",
      "event-hops": "1",
      "partition-key": "RO-1",
      "data-owner-id": headers["Data-Owner-Id"],
      "x-request-id": headers["X-Request-Id"],
      traceparent: headers.traceparent,
      tracestate: headers.tracestate,
      "user-agent": expect.stringMatching(/^event-relay\/\d/),
    });
    expect(Math.abs(Number(request.headers["webhook-timestamp"]) - Date.now() / 1000)).toBeLessThan(30);
    for (const name of Object.keys(request.headers)) expect(name).not.toMatch(/^(fortellis|source-owner)/);
  });

  it.each([
    [{}, "/in/event/shops/17/sales?team=1"],
    [{ eventPath: "event" }, "/in/event?team=1"],
  ])("in format fortellis with %j goes to %s, with its headers", async (settings, path) => {
    const stage = await setStage(accept, { format: "fortellis", ...settings });
    const headers = { partitionKey: "RO-1", "Data-Owner-Id": randomUUID(), "X-Request-Id": randomUUID() };
    const beforeMs = Date.now();
    const id = await stage.scene.publisher.publish("shops/17/sales", {}, headers);
    const request = await firstRequest(stage.receiver);
    expect(request.path).toBe(path);
    expect(request.headers).toMatchObject({
      "webhook-id": id,
      "fortellis-event-id": id,
      "data-owner-id": headers["Data-Owner-Id"],
      "source-owner-id": stage.scene.publishing.id,
      "origin-request-id": headers["X-Request-Id"],
      "x-request-id": headers["X-Request-Id"],
      "webhook-signature": expect.stringContaining(signatureOf(request, stage.signingSecret)),
    });
    expect(request.headers).not.toHaveProperty("partition-key");
    const deliveredTimestamp = String(request.headers.deliveredtimestamp);
    expect(deliveredTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/);
    expect(Math.abs(Date.parse(deliveredTimestamp) - beforeMs)).toBeLessThan(10_000);
  });

  it("in format fortellis carries the publisher's Origin-Request-Id where there is one", async () => {
    const stage = await setStage(accept, { format: "fortellis" });
    await stage.scene.publisher.publish("orders", {}, { "Origin-Request-Id": "order-17" });
    expect((await firstRequest(stage.receiver)).headers["origin-request-id"]).toBe("order-17");
  });

  it("carries a token of the app that the JWKS proves", async () => {
    const stage = await setStage();
    await stage.scene.publisher.publish("orders", {});
    const { headers } = await firstRequest(stage.receiver);
    const token = String(headers.authorization).replace(/^Bearer /, "");
    const issuer = `${relay.origin}/oauth2/default`;
    const metadata = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
    const keys = createRemoteJWKSet(new URL((metadata as { jwks_uri: string }).jwks_uri));
    const { payload } = await jwtVerify(token, keys, { issuer, audience: "api_providers", algorithms: ["RS256"] });
    const { apiKey } = stage.scene.app;
    expect(payload).toMatchObject({ sub: apiKey, cid: apiKey, client_id: apiKey, scp: ["delivery"] });
  });
});

describe("a failed attempt", () => {
  it.each([300, 304, 400, 401, 404, 422, 500, 502])("is one answered %i, and is repeated", async (status) => {
    const stage = await setStage((response, _, count) => response.writeHead(count === 1 ? status : 200).end());
    const id = await stage.scene.publisher.publish("orders", {});
    await untilRequests(stage.receiver, 2);
    await vi.waitFor(async () => expect((await stage.progress()).backlog).toBe(0), ARRIVE);
    expect(idsOf(stage.receiver)).toEqual([id, id]);
    const [first, second] = stage.receiver.requests;
    expect(first?.body).toEqual(second?.body);
    for (const request of stage.receiver.requests) {
      expect(signaturesOf(request)).toContain(signatureOf(request, stage.signingSecret));
    }
  });

  it("is a redirect, which nobody follows", async () => {
    const elsewhere = await listen();
    const stage = await setStage((response, _, count) =>
      response.writeHead(count <= 2 ? 307 : 204, { location: `${elsewhere.url}/stolen` }).end(),
    );
    await stage.scene.publisher.publish("orders", {});
    await untilRequests(stage.receiver, 3);
    expect(elsewhere.requests).toEqual([]);
  });

  it("holds back later events of its key, and nothing else", async () => {
    let isSick = true;
    const stage = await setStage((response, { headers }) => {
      response.writeHead(isSick && headers["partition-key"] === "sick" ? 500 : 204).end();
    });
    const { publisher } = stage.scene;
    const first = await publisher.publish("orders", {}, { partitionKey: "sick" });
    const second = await publisher.publish("orders", {}, { partitionKey: "sick" });
    const others = [
      await publisher.publish("orders", {}, { partitionKey: "well" }),
      await publisher.publish("orders", {}),
    ];
    await vi.waitFor(() => expect(idsOf(stage.receiver)).toEqual(expect.arrayContaining(others)), ARRIVE);
    await vi.waitFor(
      () => expect(idsOf(stage.receiver).filter((id) => id === first).length).toBeGreaterThan(1),
      ARRIVE,
    );
    expect(idsOf(stage.receiver)).not.toContain(second);
    expect(await stage.progress()).toMatchObject({ backlog: 2, blockedKeys: 1 });
    isSick = false;
    await vi.waitFor(() => expect(idsOf(stage.receiver)).toContain(second), ARRIVE);
    await vi.waitFor(async () => expect(await stage.progress()).toMatchObject({ backlog: 0, blockedKeys: 0 }), ARRIVE);
  });

  it("is the last where maxAttempts says so: the event is dead, and its key goes on", async () => {
    const retry = { maxAttempts: 2 };
    const stage = await setStage(
      (response, { body }) => response.writeHead(body.toString().includes("poison") ? 500 : 204).end(),
      { retry },
    );
    const { publisher } = stage.scene;
    const poison = await publisher.publish("orders", "poison", { partitionKey: "k" });
    const next = await publisher.publish("orders", "fine", { partitionKey: "k" });
    await vi.waitFor(() => expect(idsOf(stage.receiver)).toEqual([poison, poison, next]), ARRIVE);
    await vi.waitFor(async () => expect(await stage.progress()).toMatchObject({ backlog: 0, dead: 1 }), ARRIVE);
  });
});

describe("410 Gone", () => {
  it("disables the subscription at once", async () => {
    const stage = await setStage((response) => response.writeHead(410).end());
    const { publisher } = stage.scene;
    await publisher.publish("orders", {}, { partitionKey: "k" });
    await vi.waitFor(async () => expect((await stage.progress()).status).toBe("disabled"), ARRIVE);
    const attempts = stage.receiver.requests.length;
    const witness = await listen();
    await subscribe(stage.scene, { endpoint: witness.url });
    for (let n = 0; n < 5; n++) await publisher.publish("orders", { n });
    await untilRequests(witness, 5);
    expect(stage.receiver.requests.length).toBe(attempts);
    expect((await stage.progress()).backlog).toBe(6);
  });

  it("in format fortellis is a failure as any other", async () => {
    const stage = await setStage((response, _, count) => response.writeHead(count <= 2 ? 410 : 204).end(), {
      format: "fortellis",
    });
    await stage.scene.publisher.publish("orders", {});
    await untilRequests(stage.receiver, 3);
    expect((await stage.progress()).status).toBe("active");
  });

  it("is over when the subscriber resumes", async () => {
    const stage = await setStage((response, _, count) => response.writeHead(count === 1 ? 410 : 204).end());
    const id = await stage.scene.publisher.publish("orders", {});
    await vi.waitFor(async () => expect((await stage.progress()).status).toBe("disabled"), ARRIVE);
    await stage.scene.subscribing.client.call("POST", `/v1/subscriptions/${stage.id}/resume`, {});
    await vi.waitFor(
      async () => expect(await stage.progress()).toMatchObject({ status: "active", backlog: 0 }),
      ARRIVE,
    );
    expect(new Set(idsOf(stage.receiver))).toEqual(new Set([id]));
  });
});

describe("Retry-After", () => {
  const PAUSE_MS = 4_000;
  it.each([
    [429, () => "4"],
    [503, () => "4"],
    [503, () => new Date(Date.now() + PAUSE_MS + 1_000).toUTCString()],
  ])("with %i pauses the whole subscription", async (status, retryAfter) => {
    const timesMs: number[] = [];
    const stage = await setStage((response, _, count) => {
      timesMs.push(Date.now());
      if (count === 1) response.writeHead(status, { "retry-after": retryAfter() }).end();
      else response.writeHead(204).end();
    });
    const { publisher } = stage.scene;
    await publisher.publish("orders", {}, { partitionKey: "a" });
    await untilRequests(stage.receiver, 1);
    for (const partitionKey of ["b", "c"]) await publisher.publish("orders", {}, { partitionKey });
    await untilRequests(stage.receiver, 4);
    const [first = 0, second = 0] = timesMs;
    expect(second - first).toBeGreaterThanOrEqual(PAUSE_MS - 100);
  });
});

describe("a subscription", () => {
  it("that is paused keeps its backlog, and gets it in order when it is resumed", async () => {
    const stage = await setStage();
    const act = (action: string) =>
      stage.scene.subscribing.client.call("POST", `/v1/subscriptions/${stage.id}/${action}`, {});
    await act("pause");
    const ids: string[] = [];
    for (let n = 0; n < 30; n++) ids.push(await stage.scene.publisher.publish("orders", { n }, { partitionKey: "k" }));
    expect(await stage.progress()).toMatchObject({ status: "paused", backlog: 30 });
    expect(stage.receiver.requests).toEqual([]);
    await act("resume");
    await vi.waitFor(() => expect(idsOf(stage.receiver)).toEqual(ids), ARRIVE);
  });

  it("starts at the latest event, at the earliest, or at a time", async () => {
    const { scene, receiver: before } = await setStage();
    const early = await scene.publisher.publish("orders", 1, { partitionKey: "k" });
    await untilRequests(before, 1);
    await new Promise((resolve) => setTimeout(resolve, 5)); // two events in the same millisecond have no time between them
    const between = new Date().toISOString();
    const late = await scene.publisher.publish("orders", 2, { partitionKey: "k" });
    const [latest, earliest, atTime] = [await listen(), await listen(), await listen()];
    await subscribe(scene, { endpoint: latest.url });
    await subscribe(scene, { endpoint: earliest.url, start: "earliest" });
    await subscribe(scene, { endpoint: atTime.url, start: between });
    const next = await scene.publisher.publish("orders", 3, { partitionKey: "k" });
    await vi.waitFor(() => expect(idsOf(earliest)).toEqual([early, late, next]), ARRIVE);
    await vi.waitFor(() => expect(idsOf(atTime)).toEqual([late, next]), ARRIVE);
    await vi.waitFor(() => expect(idsOf(latest)).toEqual([next]), ARRIVE);
  });

  it("that is deleted gets nothing more", async () => {
    const stage = await setStage((response) => response.writeHead(500).end());
    await stage.scene.publisher.publish("orders", {});
    await untilRequests(stage.receiver, 1);
    await stage.scene.subscribing.client.call("DELETE", `/v1/subscriptions/${stage.id}`);
    const witness = await listen((response, _, count) => response.writeHead(count <= 3 ? 500 : 204).end());
    await subscribe(stage.scene, { endpoint: witness.url, start: "earliest" });
    const attempts = stage.receiver.requests.length;
    await untilRequests(witness, 4);
    expect(stage.receiver.requests.length - attempts).toBeLessThanOrEqual(1); // one may have been on its way
  });

  it("whose endpoint is changed is retried at the new one", async () => {
    const stage = await setStage((response) => response.writeHead(500).end());
    const id = await stage.scene.publisher.publish("orders", {});
    await untilRequests(stage.receiver, 1);
    const moved = await listen();
    await stage.scene.subscribing.client.call("PATCH", `/v1/subscriptions/${stage.id}`, { endpoint: moved.url });
    await vi.waitFor(() => expect(idsOf(moved)).toEqual([id]), ARRIVE);
  });
});

describe("consent", () => {
  async function setConsentStage(answer: Answer) {
    const receiver = await listen(answer);
    const scene = await setScene(relay, { access: "consent" });
    const { id } = await subscribe(scene, { endpoint: receiver.url });
    const owner = await relay.operator.createOrganization("Owner Ltd");
    const publish = (n: number) =>
      scene.publisher.publish("orders", { n }, { "Data-Owner-Id": owner.id, partitionKey: "k" });
    return { receiver, scene, id, owner, publish };
  }

  it("is needed before an event is accepted", async () => {
    const { receiver, owner, id, publish } = await setConsentStage(accept);
    await publish(1);
    await owner.client.call("POST", "/v1/consents", { subscriptionId: id });
    const second = await publish(2);
    await vi.waitFor(() => expect(idsOf(receiver)).toContain(second), ARRIVE);
    expect(idsOf(receiver)).toEqual([second]);
  });

  it("that is revoked stops events that wait and events that are retried", async () => {
    const { receiver, scene, owner, id, publish } = await setConsentStage((response) => response.writeHead(500).end());
    const consent = await owner.client.call<{ id: string }>("POST", "/v1/consents", { subscriptionId: id });
    for (let n = 0; n < 5; n++) await publish(n);
    await untilRequests(receiver, 1);
    await owner.client.call("POST", `/v1/consents/${consent.id}/revoke`, {});
    const attempts = receiver.requests.length;
    const other = await relay.operator.createOrganization("Other Owner Ltd");
    await other.client.call("POST", "/v1/consents", { subscriptionId: id });
    const allowed = await scene.publisher.publish("orders", {}, { "Data-Owner-Id": other.id });
    await vi.waitFor(() => expect(idsOf(receiver).filter((got) => got === allowed).length).toBeGreaterThan(2), ARRIVE);
    const late = receiver.requests.slice(attempts).filter(({ headers }) => headers["data-owner-id"] === owner.id);
    expect(late).toEqual([]);
    expect((await readProgress(scene, id)).backlog).toBe(1);
  });
});
