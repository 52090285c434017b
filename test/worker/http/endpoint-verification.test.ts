import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { verifyDueEndpoints } from "../../../src/http/subscriptions/endpoint-verification.ts";
import { CHALLENGE_TRIES_MAX, CHALLENGES_PER_TICK_MAX } from "../../../src/kernel/limits.ts";
import { type Answer, type Json, type Organization, Relay } from "./relay.ts";

/** Endpoints that have to agree first, on a relay that asks every one of them. */

const HOOK = "https://receiver.example/hook";
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

type Asked = { url: string; method: string; headers: Headers };

let relay: Relay;
let publisher: Organization;
let subscriber: Organization;
let api: Json;
let asked: Asked[];
let answer: (asked: Asked) => Response | Promise<Response>;

const agree = (headers: Record<string, string> = {}): Response =>
  new Response(null, { status: 200, headers: { "WebHook-Allowed-Origin": "relay.test", ...headers } });

beforeEach(async () => {
  await env.REGISTRY.prepare("DELETE FROM endpoint_challenge").run();
  relay = new Relay();
  relay.waits = false;
  relay.env.ALLOW_PRIVATE_ENDPOINTS = "false";
  relay.env.ENDPOINT_VERIFICATION = "required";
  publisher = await relay.organization("Publisher");
  subscriber = await relay.organization("Subscriber");
  api = await publisher.api(["orders"], { visibility: "public" });
  asked = [];
  answer = () => agree();
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    const request = { url, method: init.method ?? "GET", headers: new Headers(init.headers) };
    asked.push(request);
    return answer(request);
  });
});
afterEach(async () => {
  await relay.settle();
  vi.unstubAllGlobals();
});

const refuse = () => {
  answer = () => new Response(null, { status: 405 });
};

async function subscribe(settings: Record<string, unknown> = {}): Promise<Json> {
  return subscriber.subscription(api.id, { endpoint: HOOK, ...settings });
}

/** A subscription whose endpoint has been asked. */
async function settled(settings: Record<string, unknown> = {}): Promise<Json> {
  const { id } = await subscribe(settings);
  await relay.settle();
  return read(id);
}

const read = async (id: string): Promise<Json> => (await subscriber.call("GET", `/v1/subscriptions/${id}`)).body;

const act = (id: string, action: string, who = subscriber): Promise<Answer> =>
  who.call("POST", `/v1/subscriptions/${id}/${action}`, { body: {} });

const patch = (id: string, body: Record<string, unknown>): Promise<Answer> =>
  subscriber.call("PATCH", `/v1/subscriptions/${id}`, { body });

/** What the log of the API's one channel knows of a subscription. */
const inLog = (id: string) => [...relay.logs.logsOf(id).values()][0]?.subscription;

const tick = (): Promise<void> => verifyDueEndpoints({ env: relay.env, logs: relay.logs, nowMs: relay.clock.nowMs });

async function auditActions(who: Organization): Promise<string[]> {
  const { body } = await who.call("GET", "/v1/audit");
  return body.data.map(({ action, actor }: Json) => `${action} ${actor.split(":")[0]}`);
}

describe("a new subscription", () => {
  it("is unverified when it is answered, known to its logs, and gets nothing yet", async () => {
    const { promise, resolve } = Promise.withResolvers<Response>();
    answer = () => promise;
    const created = await subscribe();
    expect(created).toMatchObject({ status: "unverified", verification: "challenge", verifiedAt: null });
    expect(inLog(created.id)).toMatchObject({ active: false });
    resolve(agree());
    await relay.settle();
    expect((await read(created.id)).status).toBe("active");
  });

  it("asks its endpoint once, and is active as soon as that agrees", async () => {
    const subscription = await settled({ headers: { "X-Own": "secret" } });
    expect(subscription).toMatchObject({ status: "active", allowedRate: null, verificationError: null });
    expect(subscription.verifiedAt).toBe(new Date(relay.clock.nowMs).toISOString());
    expect(inLog(subscription.id)).toMatchObject({ active: true, rateLimit: null });
    expect(asked.map(({ url, method, headers }) => [method, url, Object.fromEntries(headers)])).toEqual([
      [
        "OPTIONS",
        HOOK,
        { "webhook-request-origin": "relay.test", "user-agent": expect.stringMatching(/^event-relay/) },
      ],
    ]);
    for (const organization of [publisher, subscriber]) {
      expect(await auditActions(organization)).toContain("subscription.verify relay");
    }
  });

  it("asks at the URL as registered, whatever its format", async () => {
    await settled({ format: "fortellis" });
    expect(asked[0]?.url).toBe(HOOK);
  });

  it("asks for the rate that it wants, and keeps the lower one that it is allowed", async () => {
    answer = () => agree({ "WebHook-Allowed-Rate": "120" });
    const subscription = await settled({ rateLimit: { perSecond: 10, burst: 50 } });
    expect(asked[0]?.headers.get("webhook-request-rate")).toBe("600");
    expect(subscription).toMatchObject({ allowedRate: 120, rateLimit: { perSecond: 10, burst: 50 } });
    expect(inLog(subscription.id)?.rateLimit).toEqual({ perSecond: 2, burst: 2 });
  });

  it("keeps the rate that it wants where more is allowed", async () => {
    answer = () => agree({ "WebHook-Allowed-Rate": "6000" });
    const { id } = await settled({ rateLimit: { perSecond: 10, burst: 50 } });
    expect(inLog(id)?.rateLimit).toEqual({ perSecond: 10, burst: 50 });
  });

  it("says why its endpoint did not agree", async () => {
    refuse();
    const subscription = await settled();
    expect(subscription).toMatchObject({
      status: "unverified",
      verificationError: "The endpoint answered 405 to OPTIONS.",
    });
    expect(inLog(subscription.id)).toMatchObject({ active: false });
    expect(await auditActions(subscriber)).not.toContain("subscription.verify relay");
  });

  it("may not do without (422)", async () => {
    const app = await subscriber.app();
    const body = { apiId: api.id, endpoint: HOOK, verification: "none" };
    const refused = await subscriber.call("POST", `/v1/apps/${app.id}/subscriptions`, { body });
    expect(refused).toMatchObject({
      status: 422,
      body: { errors: [{ path: "verification", message: expect.stringContaining("has not agreed") }] },
    });
  });

  it("without an endpoint is active at once, and is asked when it gets one", async () => {
    const { id, status } = await subscribe({ endpoint: null });
    expect([status, asked]).toEqual(["active", []]);
    expect((await patch(id, { endpoint: HOOK })).body).toMatchObject({
      status: "unverified",
      verification: "challenge",
    });
    await relay.settle();
    expect((await read(id)).status).toBe("active");
  });

  it("asks nobody where verification is optional, unless it says so itself", async () => {
    relay.env.ENDPOINT_VERIFICATION = "optional";
    expect(await settled()).toMatchObject({ status: "active", verification: "none" });
    expect(asked).toEqual([]);
    expect(await settled({ verification: "challenge" })).toMatchObject({ status: "active", verification: "challenge" });
    expect(asked).toHaveLength(1);
  });

  it("asks nobody on a relay that allows private endpoints", async () => {
    relay.env.ALLOW_PRIVATE_ENDPOINTS = "true";
    expect(await settled()).toMatchObject({ status: "active", verification: "none" });
    expect(asked).toEqual([]);
  });

  it("is not asked again when its creation is repeated with the same key", async () => {
    const app = await subscriber.app();
    const request = { headers: { "Idempotency-Key": "once" }, body: { apiId: api.id, endpoint: HOOK } };
    for (let i = 0; i < 2; i++) await subscriber.call("POST", `/v1/apps/${app.id}/subscriptions`, request);
    await relay.settle();
    expect(asked).toHaveLength(1);
  });
});

describe("a changed endpoint", () => {
  const OTHER = "https://other.example/hook";

  it("stops deliveries to the old one before the change is answered, and is asked", async () => {
    answer = () => agree({ "WebHook-Allowed-Rate": "60" });
    const { id } = await settled();
    refuse();
    const patched = await patch(id, { endpoint: OTHER });
    expect(patched.body).toMatchObject({ status: "unverified", verifiedAt: null, allowedRate: null });
    expect(inLog(id)).toMatchObject({ active: false, rateLimit: null });
    await relay.settle();
    expect(asked.at(-1)?.url).toBe(OTHER);
    expect(await read(id)).toMatchObject({ status: "unverified", verificationError: expect.any(String) });
  });

  it("is not believed because the one before it agrees, late", async () => {
    const { promise, resolve } = Promise.withResolvers<Response>();
    answer = ({ url }) => (url === HOOK ? promise : new Response(null, { status: 404 }));
    const { id } = await subscribe();
    await patch(id, { endpoint: OTHER });
    resolve(agree());
    await relay.settle();
    expect(await read(id)).toMatchObject({
      status: "unverified",
      endpoint: OTHER,
      verifiedAt: null,
      verificationError: "The endpoint answered 404 to OPTIONS.",
    });
    expect(inLog(id)).toMatchObject({ active: false });
  });

  it("is not blamed for what the one before it says, late", async () => {
    const { promise, resolve } = Promise.withResolvers<Response>();
    answer = ({ url }) => (url === HOOK ? promise : new Response(null, { status: 404 }));
    const { id } = await subscribe();
    await patch(id, { endpoint: OTHER });
    const why = "The endpoint answered 404 to OPTIONS.";
    await vi.waitFor(async () => expect((await read(id)).verificationError).toBe(why));
    resolve(new Response(null, { status: 405 }));
    await relay.settle();
    expect((await read(id)).verificationError).toBe(why);
  });

  it("of a paused subscription is asked when that goes on", async () => {
    const { id } = await settled();
    await act(id, "pause");
    expect((await patch(id, { endpoint: OTHER })).body.status).toBe("paused");
    await relay.settle();
    expect(asked).toHaveLength(1);
    expect((await act(id, "resume")).body.status).toBe("unverified");
    await relay.settle();
    expect((await read(id)).status).toBe("active");
  });

  it("that is taken away leaves nothing to ask", async () => {
    refuse();
    const { id } = await settled();
    expect((await patch(id, { endpoint: null })).body).toMatchObject({ status: "active", verificationError: null });
    relay.clock.nowMs += HOUR_MS;
    await tick();
    expect(asked).toHaveLength(1);
  });

  it("is asked although the subscription is from before endpoints had to agree", async () => {
    relay.env.ENDPOINT_VERIFICATION = "optional";
    const { id } = await settled();
    relay.env.ENDPOINT_VERIFICATION = "required";
    expect((await patch(id, { description: "the same endpoint" })).body.status).toBe("active");
    expect((await patch(id, { verification: "none" })).status).toBe(422);
    expect((await patch(id, { endpoint: OTHER })).body.status).toBe("unverified");
  });

  it("need not agree where verification is taken back and may be", async () => {
    relay.env.ENDPOINT_VERIFICATION = "optional";
    refuse();
    const { id } = await settled({ verification: "challenge" });
    expect((await patch(id, { verification: "none" })).body.status).toBe("active");
    expect((await patch(id, { verification: "challenge" })).body.status).toBe("unverified");
  });
});

describe("with manual approval", () => {
  beforeEach(async () => {
    await publisher.call("PATCH", `/v1/apis/${api.id}`, { body: { approval: "manual" } });
  });

  it("the publisher comes first, then the endpoint", async () => {
    const { id, status } = await settled();
    expect([status, asked]).toEqual(["pending", []]);
    expect((await act(id, "verify")).status).toBe(409);
    expect((await act(id, "approve", publisher)).body.status).toBe("unverified");
    expect(inLog(id)).toMatchObject({ active: false });
    await relay.settle();
    expect((await read(id)).status).toBe("active");
  });

  it("a rejection ends the asking, and another approval begins it again", async () => {
    refuse();
    const { id } = await settled();
    await act(id, "approve", publisher);
    await relay.settle();
    expect((await act(id, "reject", publisher)).body.status).toBe("rejected");
    relay.clock.nowMs += HOUR_MS;
    await tick();
    expect(asked).toHaveLength(1);
    expect((await act(id, "verify")).status).toBe(409);
    answer = () => agree();
    await act(id, "approve", publisher);
    await relay.settle();
    expect((await read(id)).status).toBe("active");
  });

  it("an endpoint that agreed before is not asked by another approval", async () => {
    const { id } = await settled();
    await act(id, "approve", publisher);
    await relay.settle();
    await act(id, "reject", publisher);
    expect((await act(id, "approve", publisher)).body.status).toBe("active");
    expect(asked).toHaveLength(1);
  });
});

describe("an unverified subscription", () => {
  let id: string;
  beforeEach(async () => {
    refuse();
    id = (await settled()).id;
  });

  it("can be paused, is asked nothing then, and goes on waiting", async () => {
    expect((await act(id, "pause")).body).toMatchObject({ status: "paused" });
    relay.clock.nowMs += HOUR_MS;
    await tick();
    expect(asked).toHaveLength(1);
    expect((await act(id, "resume")).body.status).toBe("unverified");
    await relay.settle();
    expect(asked).toHaveLength(2);
  });

  it("gets no sample", async () => {
    expect((await act(id, "test")).status).toBe(409);
    expect(asked).toHaveLength(1);
  });

  it("can be deleted", async () => {
    expect((await subscriber.call("DELETE", `/v1/subscriptions/${id}`)).status).toBe(204);
    const { results } = await env.REGISTRY.prepare("SELECT * FROM endpoint_challenge WHERE subscription_id = ?")
      .bind(id)
      .all();
    expect(results).toEqual([]);
  });
});

describe("verify", () => {
  it("asks now, and answers the active subscription", async () => {
    refuse();
    const { id } = await settled();
    answer = () => agree({ "WebHook-Allowed-Rate": "30" });
    const verified = await act(id, "verify");
    expect(verified).toMatchObject({
      status: 200,
      body: { status: "active", allowedRate: 30, verificationError: null, verifiedAt: expect.any(String) },
    });
    expect(inLog(id)).toMatchObject({ active: true, rateLimit: { perSecond: 0.5, burst: 1 } });
    expect(await auditActions(subscriber)).toContain("subscription.verify token");
    expect(await auditActions(publisher)).toContain("subscription.verify organization");
  });

  it("says what the endpoint said where that does not agree (409), and changes nothing", async () => {
    refuse();
    const { id } = await settled();
    answer = () => new Response(null, { status: 200 });
    const detail = "The endpoint's answer has no WebHook-Allowed-Origin.";
    const refused = await act(id, "verify");
    expect(refused).toMatchObject({ status: 409, body: { detail } });
    expect(refused.body.type).toMatch(/\/problems\/endpoint-not-agreed$/);
    expect(await read(id)).toMatchObject({ status: "unverified", verificationError: detail });
  });

  it("leaves an active subscription active where its endpoint is away, and takes over another rate", async () => {
    const { id } = await settled();
    refuse();
    expect((await act(id, "verify")).status).toBe(409);
    expect(await read(id)).toMatchObject({ status: "active", verificationError: null });
    answer = () => agree({ "WebHook-Allowed-Rate": "60" });
    expect((await act(id, "verify")).body).toMatchObject({ status: "active", allowedRate: 60 });
    expect(inLog(id)?.rateLimit).toEqual({ perSecond: 1, burst: 1 });
  });

  it("keeps a paused subscription paused", async () => {
    refuse();
    const { id } = await settled();
    await act(id, "pause");
    answer = () => agree();
    expect((await act(id, "verify")).body).toMatchObject({ status: "paused", verifiedAt: expect.any(String) });
    expect((await act(id, "resume")).body.status).toBe("active");
  });

  it("is not for a subscription without an endpoint, or whose endpoint is not asked (409)", async () => {
    const { id } = await subscribe({ endpoint: null });
    expect((await act(id, "verify")).status).toBe(409);
    relay.env.ENDPOINT_VERIFICATION = "optional";
    expect((await act((await subscribe()).id, "verify")).status).toBe(409);
    expect(asked).toEqual([]);
  });

  it("is the subscriber's (404), and not a viewer's (403)", async () => {
    const { id } = await settled();
    expect((await act(id, "verify", publisher)).status).toBe(404);
    const { token } = await subscriber.tokenFor("viewer");
    expect((await relay.call("POST", `/v1/subscriptions/${id}/verify`, { token })).status).toBe(403);
  });
});

describe("cron", () => {
  it("asks an endpoint again that was away, and then its subscription is active", async () => {
    answer = () => Promise.reject(new TypeError("connection refused"));
    const { id } = await settled();
    expect(await read(id)).toMatchObject({ verificationError: "The endpoint cannot be reached." });
    answer = () => agree();
    await tick();
    expect((await read(id)).status).toBe("unverified");
    relay.clock.nowMs += MINUTE_MS;
    await tick();
    expect((await read(id)).status).toBe("active");
    expect(inLog(id)).toMatchObject({ active: true });
  });

  it("asks ever less often, and no more after a day", async () => {
    refuse();
    await settled();
    const askedAtMinutes: number[] = [];
    const startMs = relay.clock.nowMs;
    for (let minute = 1; minute < 3 * 24 * 60; minute++) {
      relay.clock.nowMs = startMs + minute * MINUTE_MS;
      asked = [];
      await tick();
      if (asked.length > 0) askedAtMinutes.push(minute);
    }
    expect(askedAtMinutes.slice(0, 8)).toEqual([1, 3, 7, 15, 31, 63, 127, 247]);
    expect(askedAtMinutes).toHaveLength(CHALLENGE_TRIES_MAX);
    expect(askedAtMinutes.at(-1)).toBeGreaterThan(23 * 60);
    expect(askedAtMinutes.at(-1)).toBeLessThan(26 * 60);
  });

  it("asks so many in one run, and the others in the next", async () => {
    refuse();
    await settled();
    await env.REGISTRY.batch(
      Array.from({ length: CHALLENGES_PER_TICK_MAX }, () => crypto.randomUUID()).flatMap((id) => [
        env.REGISTRY.prepare(
          `INSERT INTO subscription (id, app_id, api_id, organization_id, status, endpoint, format, retry, start,
             timeout_seconds, headers, metadata, sealed_signing_secrets, revision, created_ms, updated_ms, verification)
           SELECT ?, app_id, api_id, organization_id, status, endpoint, format, retry, start, timeout_seconds, headers,
             metadata, sealed_signing_secrets, revision, created_ms, updated_ms, verification
           FROM subscription WHERE status = 'unverified' AND app_id IN
             (SELECT id FROM app WHERE organization_id = ?) LIMIT 1`,
        ).bind(id, subscriber.id),
        env.REGISTRY.prepare("INSERT INTO endpoint_challenge (subscription_id, tries, due_ms) VALUES (?, 0, 0)").bind(
          id,
        ),
      ]),
    );
    relay.clock.nowMs += MINUTE_MS;
    asked = [];
    await tick();
    expect(asked).toHaveLength(CHALLENGES_PER_TICK_MAX);
    await tick();
    expect(asked).toHaveLength(CHALLENGES_PER_TICK_MAX + 1);
  });
});
