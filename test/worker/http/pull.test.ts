import { beforeEach, describe, expect, it } from "vitest";
import type { StoredEvent } from "../../../src/domain/event.ts";
import type { PullAnswer, PullCall } from "../../../src/domain/pull.ts";
import { newEventId } from "../../../src/kernel/ids.ts";
import { PULL_ANSWER_BYTES_MAX, PULL_SETTLED_MAX } from "../../../src/kernel/limits.ts";
import { type Answer, type Json, type Organization, Relay } from "./relay.ts";

let relay: Relay;
let subscriber: Organization;
let api: Json;
let app: Json;
let subscription: Json;
/** Of the API, by the first channel's name on. */
let topics: { id: string; number: number }[];

beforeEach(async () => {
  relay = new Relay();
  const publisher = await relay.organization("Publisher");
  subscriber = await relay.organization("Subscriber");
  api = await publisher.api(["a", "b"], { visibility: "public" });
  app = (await subscriber.call("POST", "/v1/apps", { body: { name: "Reader" } })).body;
  subscription = (await subscriber.call("POST", `/v1/apps/${app.id}/subscriptions`, { body: { apiId: api.id } })).body;
  const { results } = await relay.env.REGISTRY.prepare("SELECT id, number FROM topic WHERE api_id = ? ORDER BY address")
    .bind(api.id)
    .all<{ id: string; number: number }>();
  topics = results;
});

const path = (what: "events" | "ack"): string => `/v1/subscriptions/${subscription.id}/${what}`;

async function tokenOf({ apiKey, apiSecret }: Json): Promise<string> {
  const body = { grant_type: "client_credentials", client_id: apiKey, client_secret: apiSecret };
  const headers = { "Content-Type": "application/json" };
  return (await relay.call("POST", "/v1/token", { token: null, headers, body })).body.access_token;
}

const pull = (query = ""): Promise<Answer> => subscriber.call("GET", `${path("events")}${query}`);
const ack = (body: unknown): Promise<Answer> => subscriber.call("POST", path("ack"), { body });

const idOf = (topic: number): string =>
  newEventId(relay.clock.nowMs, { topicNumber: topics[topic]?.number ?? 0, shard: 0 });

function stored(topic: number, body: string, fields: Partial<StoredEvent> = {}): StoredEvent {
  return {
    ...{ id: idOf(topic), seq: 1, channel: "a", partitionKey: "k", dataOwnerId: null, requestId: "request" },
    ...{ originRequestId: null, traceparent: null, contentType: "application/json", cloudEvent: null, hops: 0 },
    ...{ acceptedMs: relay.clock.nowMs, body: new TextEncoder().encode(body) },
    ...fields,
  };
}

const lease = (...events: StoredEvent[]): PullAnswer => ({
  kind: "lease",
  lease: { slot: 100, leaseId: 1, remainingMs: 30_000, items: [{ key: "=k", attempt: 2, events }] },
});

const NOTHING: PullAnswer = { kind: "nothing", retryMs: null };

describe("GET /v1/subscriptions/{id}/events", () => {
  it("gives events with their payloads as they were published, byte for byte", async () => {
    const payload = '{ "n": 12345678901234567890.10, "n": 1e400, "text": "\\u2028 ü" }';
    const first = stored(0, payload, { dataOwnerId: "owner", traceparent: "00-1-2-03" });
    relay.logs.pulled = (log) => (log.startsWith(topics[0]?.id ?? "") ? lease(first, stored(0, "null")) : NOTHING);
    const answer = await pull();
    expect(answer.status).toBe(200);
    expect(answer.text).toContain(`"data":${payload}}`);
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
    expect(answer.body.retryAfterMs).toBe(0);
    expect(answer.body.events).toMatchObject([
      { id: first.id, channel: "a", partitionKey: "k", dataOwnerId: "owner", traceparent: "00-1-2-03", attempt: 2 },
      { attempt: 1, data: null, leaseExpiresAt: new Date(relay.clock.nowMs + 30_000).toISOString() },
    ]);
  });

  it("asks the logs in turn for what is missing, each time from another one on", async () => {
    const calls: PullCall[] = [];
    relay.logs.pulled = (_, call) => {
      calls.push(call);
      return calls.length % 2 === 1 ? lease(stored(0, "1")) : NOTHING;
    };
    for (let i = 0; i < 30; i++) await pull("?max=3&leaseSeconds=7");
    expect(calls.slice(0, 2)).toMatchObject([
      { subscription: subscription.id, max: 3, leaseSeconds: 7 },
      { max: 2, leaseSeconds: 7 },
    ]);
    expect(new Set(calls.map(({ nonce }) => nonce)).size).toBe(calls.length);
    const firsts = relay.logs.calls.filter((call) => call.startsWith("pullLease")).filter((_, i) => i % 2 === 0);
    expect(new Set(firsts).size).toBe(2);
  });

  it("asks no further log for more than an answer may have", async () => {
    relay.logs.pulled = () => lease(stored(0, `"${"x".repeat(PULL_ANSWER_BYTES_MAX)}"`));
    expect((await pull()).body.events).toHaveLength(1);
    relay.logs.pulled = () => lease(stored(0, "1"));
    expect((await pull("?max=1")).body).toMatchObject({ events: [{}], retryAfterMs: 0 });
  });

  it("keeps what is leased back no longer than a second, however slow the next log is", async () => {
    relay.logs.pulled = () => {
      relay.clock.nowMs += 1_000;
      return lease(stored(0, "1"));
    };
    expect((await pull()).body.events).toHaveLength(1);
  });

  it("says when there may be more, as far as any log knows", async () => {
    const retries = [5_000, 3_000];
    relay.logs.pulled = () => ({ kind: "nothing", retryMs: retries.pop() ?? null });
    expect((await pull()).body).toEqual({ events: [], retryAfterMs: 3_000 });
    expect((await pull()).body).toEqual({ events: [], retryAfterMs: null });
  });

  it("does without a log that is silent, unless nothing comes of the others", async () => {
    relay.logs.isDown = (log, call) => call === "pullLease" && log.startsWith(topics[1]?.id ?? "");
    relay.logs.pulled = () => lease(stored(0, "1"));
    expect((await pull()).body.events).toHaveLength(1);
    relay.logs.pulled = () => NOTHING;
    expect((await pull()).status).toBe(503);
  });

  it.each(["?max=0", "?max=101", "?max=x", "?max=1.5", "?leaseSeconds=0", "?leaseSeconds=301", "?max=1&max=2"])(
    "refuses %s",
    async (query) => {
      expect((await pull(query)).status).toBe(422);
      expect(relay.logs.calls.filter((call) => call.startsWith("pullLease"))).toEqual([]);
    },
  );

  it("is refused where the subscription has an endpoint, or is paused", async () => {
    await subscriber.call("POST", `/v1/subscriptions/${subscription.id}/pause`, { body: {} });
    const paused = await pull();
    expect(paused).toMatchObject({ status: 409, body: { detail: expect.stringContaining("paused") } });
    await subscriber.call("POST", `/v1/subscriptions/${subscription.id}/resume`, { body: {} });
    await subscriber.call("PATCH", `/v1/subscriptions/${subscription.id}`, {
      body: { endpoint: "https://receiver.example/hook" },
    });
    const sent = await pull();
    expect(sent).toMatchObject({ status: 409, body: { detail: expect.stringContaining("endpoint") } });
  });
});

describe("the subscription's own app", () => {
  const as = (token: string, method: string, what: "events" | "ack", body?: unknown): Promise<Answer> =>
    relay.call(method, path(what), { token, body });

  it("fetches and settles with an access token", async () => {
    relay.logs.pulled = () => lease(stored(0, "1"));
    const token = await tokenOf(app);
    expect((await as(token, "GET", "events")).body.events).toHaveLength(2);
    const id = idOf(0);
    expect((await as(token, "POST", "ack", { eventIds: [id] })).body).toEqual({ settled: [id], unknown: [] });
  });

  it("is no other app, not even one of the same organization", async () => {
    const other = (await subscriber.call("POST", "/v1/apps", { body: { name: "Other" } })).body;
    const token = await tokenOf(other);
    expect((await as(token, "GET", "events")).status).toBe(404);
    expect((await as(token, "POST", "ack", { eventIds: [idOf(0)] })).status).toBe(404);
    expect(relay.logs.calls.filter((call) => call.startsWith("pull"))).toEqual([]);
  });

  it("does so no more when its credentials are revoked, although the token goes on", async () => {
    const token = await tokenOf(app);
    await subscriber.call("DELETE", `/v1/apps/${app.id}/credentials/${app.apiKey}`);
    expect(await as(token, "GET", "events")).toMatchObject({ status: 401 });
  });

  it("gets of the channels that its credentials are limited to, and of no others", async () => {
    const limited = await subscriber.call("POST", `/v1/apps/${app.id}/credentials`, { body: { channels: ["b"] } });
    const token = await tokenOf(limited.body);
    await as(token, "GET", "events");
    expect(relay.logs.calls.filter((call) => call.startsWith("pull"))).toEqual([`pullLease ${topics[1]?.id}/0`]);
    const [forbidden, allowed] = [idOf(0), idOf(1)];
    const answer = await as(token, "POST", "ack", { eventIds: [forbidden, allowed] });
    expect(answer.body).toEqual({ settled: [allowed], unknown: [forbidden] });
  });
});

describe("POST /v1/subscriptions/{id}/ack", () => {
  it("tells each log what became of its own events", async () => {
    const told: unknown[] = [];
    relay.logs.pullSettle = async (log, settle) => {
      told.push([log, ...settle.outcomes.map(({ outcome }) => outcome)]);
      return { ok: true, value: { settled: settle.outcomes.map(({ eventId }) => eventId), unknown: [] } };
    };
    const [a1, a2, b, nowhere] = [idOf(0), idOf(0), idOf(1), crypto.randomUUID()];
    const answer = await ack({ eventIds: [a1, nowhere], failed: [b], released: [a2.toUpperCase()] });
    expect(answer.body).toEqual({ settled: [a1, b, a2], unknown: [nowhere] });
    expect(told).toHaveLength(2);
    expect(told).toContainEqual([`${topics[0]?.id}/0`, "delivered", "released"]);
    expect(told).toContainEqual([`${topics[1]?.id}/0`, "failed"]);
  });

  it("is to be repeated where a log does not answer", async () => {
    relay.logs.isDown = (_, call) => call === "pullSettle";
    expect((await ack({ eventIds: [idOf(0)] })).status).toBe(503);
  });

  it("goes on while the subscription is paused: what is done is done", async () => {
    await subscriber.call("POST", `/v1/subscriptions/${subscription.id}/pause`, { body: {} });
    expect((await ack({ eventIds: [idOf(0)] })).status).toBe(200);
  });

  it.each([
    ["nothing", {}],
    ["no event", { eventIds: [] }],
    ["what is no id", { eventIds: ["x"] }],
    ["too many", { eventIds: Array.from({ length: PULL_SETTLED_MAX + 1 }, () => crypto.randomUUID()) }],
    [
      "too many together",
      Object.fromEntries(
        ["eventIds", "failed"].map((name) => [name, Array.from({ length: 51 }, () => crypto.randomUUID())]),
      ),
    ],
    [
      "an event twice",
      { eventIds: ["019aa0d4-0000-7000-8000-000000000000"], failed: ["019AA0D4-0000-7000-8000-000000000000"] },
    ],
    ["a field that is none", { eventIds: [crypto.randomUUID()], all: true }],
  ])("refuses %s", async (_, body) => {
    expect((await ack(body)).status).toBe(422);
  });
});
