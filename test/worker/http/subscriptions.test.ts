import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { unseal } from "../../../src/kernel/sealed-box.ts";
import { type Organization, outbox, Relay } from "./relay.ts";

type World = { relay: Relay; publisher: Organization; subscriber: Organization };

async function world(): Promise<World> {
  const relay = new Relay();
  return {
    relay,
    publisher: await relay.organization("Publisher"),
    subscriber: await relay.organization("Subscriber"),
  };
}

describe("subscribing", () => {
  it("tells every log of the API before it is answered", async () => {
    const { relay, publisher, subscriber } = await world();
    const api = await publisher.api(undefined, { visibility: "public", access: "consent" });
    const app = await subscriber.app();
    const body = {
      apiId: api.id,
      endpoint: "https://receiver.example/hook?a=1",
      format: "fortellis",
      eventPath: "event",
      retry: { initialSeconds: 2, maxAttempts: 5 },
      start: "2026-11-01T00:00:00Z",
      timeoutSeconds: 5,
      headers: { "X-Tenant": "7" },
      description: "Repair orders",
      metadata: { team: "blue" },
    };
    const answer = await subscriber.call("POST", `/v1/apps/${app.id}/subscriptions`, { body });
    expect(answer.status).toBe(201);
    const { signingSecret, ...shown } = answer.body;
    expect(signingSecret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(shown).toMatchObject({
      ...body,
      start: "2026-11-01T00:00:00.000Z",
      status: "active",
      channels: null,
      retry: { initialSeconds: 2, multiplier: 2, maxDelaySeconds: 300, maxAttempts: 5 },
    });

    const known = [...relay.logs.logsOf(answer.body.id)];
    expect(known).toHaveLength(2);
    for (const [log, { topic, subscription, start }] of known) {
      expect(log).toMatch(/^[0-9a-f-]{36}\/0$/);
      expect(topic).toMatchObject({ version: 2, access: "consent", organizationId: publisher.id });
      expect(start).toEqual({ atMs: Date.parse("2026-11-01T00:00:00Z") });
      expect(subscription).toMatchObject({ id: answer.body.id, version: 1, active: true });
      expect(subscription.target).toMatchObject({
        endpoint: body.endpoint,
        format: "fortellis",
        eventPath: "event",
        timeoutSeconds: 5,
        headers: { "X-Tenant": "7" },
        appClientId: app.apiKey,
      });
      const [newest] = subscription.target?.sealedSigningSecrets ?? [];
      expect(await unseal(env.RELAY_MASTER_KEY, newest?.sealed ?? "")).toBe(signingSecret);
    }
    expect(await outbox()).toEqual([]);
    expect(relay.logs.mostConcurrent).toBeLessThanOrEqual(6);
    const { results } = await env.REGISTRY.prepare("SELECT * FROM subscription").all();
    expect(JSON.stringify(results)).not.toContain(signingSecret);
  });

  it("goes to the logs of the channels it names only, six at once at most", async () => {
    const { relay, publisher } = await world();
    const channels = Array.from({ length: 20 }, (_, i) => `channel/${i}`);
    const api = await publisher.api(channels);
    const some = await publisher.subscription(api.id, { channels: ["/channel/1", "channel/2"] });
    expect(some.channels).toEqual(["channel/1", "channel/2"]);
    expect(relay.logs.logsOf(some.id).size).toBe(2);
    const all = await publisher.subscription(api.id);
    expect(relay.logs.logsOf(all.id).size).toBe(20);
    expect(relay.logs.mostConcurrent).toBe(6);
  });

  it("needs no endpoint", async () => {
    const { relay, publisher } = await world();
    const api = await publisher.api();
    const subscription = await publisher.subscription(api.id, { endpoint: undefined });
    expect(subscription).toMatchObject({
      endpoint: null,
      status: "active",
      signingSecret: expect.stringMatching(/^whsec_/),
    });
    for (const { subscription: known } of relay.logs.logsOf(subscription.id).values()) expect(known.target).toBeNull();
  });

  it("needs an API that the organization may see, and an app of its own", async () => {
    const { publisher, subscriber } = await world();
    const [hidden, open] = [await publisher.api(), await publisher.api(undefined, { visibility: "public" })];
    const [app, foreignApp] = [await subscriber.app(), await publisher.app()];
    const tries = async (appId: string, apiId: string) =>
      (await subscriber.call("POST", `/v1/apps/${appId}/subscriptions`, { body: { apiId } })).status;
    expect(await tries(app.id, hidden.id)).toBe(404);
    expect(await tries(app.id, crypto.randomUUID())).toBe(404);
    expect(await tries(foreignApp.id, open.id)).toBe(404);
    expect(await tries(app.id, open.id)).toBe(201);
  });

  it.each([
    ["apiId", { apiId: "7" }],
    ["channels.0", { channels: ["nowhere"] }],
    ["channels", { channels: [] }],
    ["endpoint", { endpoint: "ftp://receiver.example/" }],
    ["endpoint", { endpoint: "https://user:password@receiver.example/" }],
    ["format", { format: "soap" }],
    ["eventPath", { eventPath: "event" }],
    ["retry.multiplier", { retry: { multiplier: 0.5 } }],
    ["retry.forever", { retry: { forever: true } }],
    ["start", { start: "yesterday" }],
    ["start", { start: "2026-11-21T12:00:01Z" }],
    ["timeoutSeconds", { timeoutSeconds: 31 }],
    ["timeoutSeconds", { timeoutSeconds: 1.5 }],
    ["headers.Webhook-Signature", { headers: { "Webhook-Signature": "v1,x" } }],
    ["headers.host", { headers: { host: "other.example" } }],
    ["headers.AUTHORIZATION", { headers: { AUTHORIZATION: "Bearer x" } }],
    ["headers.Transfer-Encoding", { headers: { "Transfer-Encoding": "chunked" } }],
    ["headers.X-A", { headers: { "X-A": "a\r\nX-B: b" } }],
    ["headers.X-A", { headers: { "X-A": "grün" } }],
    ["headers.X A", { headers: { "X A": "a" } }],
    ["headers", { headers: { "X-A": "1", "x-a": "2" } }],
    ["headers", { headers: Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`X-${i}`, "1"])) }],
    ["metadata", { metadata: Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`k${i}`, "1"])) }],
    ["description", { description: "a\u0000b" }],
    ["rateLimit.perSecond", { rateLimit: { perSecond: 0 } }],
    ["status", { status: "active" }],
    ["appId", { appId: crypto.randomUUID() }],
  ])("is refused where %s is wrong: %j", async (path, wrong) => {
    const { publisher } = await world();
    const api = await publisher.api();
    const app = await publisher.app();
    const answer = await publisher.call("POST", `/v1/apps/${app.id}/subscriptions`, {
      body: { apiId: api.id, ...wrong },
    });
    expect([answer.status, answer.body.errors[0].path]).toEqual([422, path]);
    expect((await publisher.call("GET", "/v1/subscriptions")).body.data).toEqual([]);
  });

  it("refuses private endpoints where they are not allowed, at creation and at change", async () => {
    const { relay, publisher } = await world();
    const api = await publisher.api();
    const subscription = await publisher.subscription(api.id, { endpoint: "http://127.0.0.1:9000/hook" });
    relay.env.ALLOW_PRIVATE_ENDPOINTS = "false";
    const app = await publisher.app();
    const body = { apiId: api.id, endpoint: "http://127.0.0.1:9000/hook" };
    const created = await publisher.call("POST", `/v1/apps/${app.id}/subscriptions`, { body });
    expect([created.status, created.body.errors[0].path]).toEqual([422, "endpoint"]);
    const patched = await publisher.call("PATCH", `/v1/subscriptions/${subscription.id}`, {
      body: { endpoint: "https://localhost/" },
    });
    expect([patched.status, patched.body.errors[0].path]).toEqual([422, "endpoint"]);
  });
});

describe("approval", () => {
  it("keeps the logs ignorant until the publisher approves", async () => {
    const { relay, publisher, subscriber } = await world();
    const api = await publisher.api(undefined, { visibility: "public", approval: "manual" });
    const subscription = await subscriber.subscription(api.id);
    expect(subscription.status).toBe("pending");
    expect(relay.logs.calls.filter((call) => call.startsWith("putSubscription"))).toEqual([]);
    expect((await subscriber.call("POST", `/v1/subscriptions/${subscription.id}/approve`, { body: {} })).status).toBe(
      404,
    );
    expect((await subscriber.call("POST", `/v1/subscriptions/${subscription.id}/resume`, { body: {} })).status).toBe(
      409,
    );

    const waiting = await publisher.call("GET", `/v1/apis/${api.id}/subscriptions`);
    expect(waiting.body.data).toMatchObject([
      { id: subscription.id, status: "pending", organizationId: subscriber.id },
    ]);
    expect(waiting.text).not.toContain("receiver.example");

    const approved = await publisher.call("POST", `/v1/subscriptions/${subscription.id}/approve`, { body: {} });
    expect([approved.status, approved.body.status]).toEqual([200, "active"]);
    expect(approved.text).not.toContain("receiver.example");
    expect(relay.logs.logsOf(subscription.id).size).toBe(2);
    expect((await publisher.call("POST", `/v1/subscriptions/${subscription.id}/approve`)).status).toBe(200);
  });

  it("is for the channels that the publisher saw", async () => {
    const { relay, publisher, subscriber } = await world();
    const api = await publisher.api(["a", "b", "secret"], { visibility: "public", approval: "manual" });
    const { id } = await subscriber.subscription(api.id, { channels: ["a", "b"] });
    const patch = async (channels: string[] | null) =>
      (await subscriber.call("PATCH", `/v1/subscriptions/${id}`, { body: { channels } })).body.status;
    const approve = () => publisher.call("POST", `/v1/subscriptions/${id}/approve`, { body: {} });
    const active = () => [...relay.logs.logsOf(id).values()].filter((known) => known.subscription.active).length;
    await approve();
    expect(await patch(["b"])).toBe("active");
    expect(await patch(null)).toBe("pending");
    expect(active()).toBe(0);
    expect((await subscriber.call("POST", `/v1/subscriptions/${id}/resume`, { body: {} })).status).toBe(409);
    expect((await approve()).body.status).toBe("active");
    expect(active()).toBe(3);
    await publisher.call("PATCH", `/v1/apis/${api.id}`, { body: { approval: "auto" } });
    expect([await patch(["a"]), await patch(null)]).toEqual(["active", "active"]);
  });

  it("is withdrawn by the publisher, and not to be had back by the subscriber", async () => {
    const { relay, publisher, subscriber } = await world();
    const api = await publisher.api(["a"], { visibility: "public", approval: "manual" });
    const { id } = await subscriber.subscription(api.id);
    const step = (organization: typeof publisher, name: string) =>
      organization.call("POST", `/v1/subscriptions/${id}/${name}`, { body: {} });
    await step(publisher, "approve");
    expect((await step(publisher, "reject")).body.status).toBe("rejected");
    for (const { subscription } of relay.logs.logsOf(id).values()) expect(subscription.active).toBe(false);
    expect((await step(subscriber, "resume")).status).toBe(409);
    expect((await step(subscriber, "approve")).status).toBe(404);
    const patched = await subscriber.call("PATCH", `/v1/subscriptions/${id}`, { body: { channels: ["a"] } });
    expect(patched.body.status).toBe("rejected");
  });

  it("is refused for good, or until the publisher thinks again", async () => {
    const { relay, publisher, subscriber } = await world();
    const api = await publisher.api(undefined, { visibility: "public", approval: "manual" });
    const subscription = await subscriber.subscription(api.id);
    const step = (name: string) => publisher.call("POST", `/v1/subscriptions/${subscription.id}/${name}`, { body: {} });
    expect((await step("reject")).body.status).toBe("rejected");
    expect(relay.logs.logsOf(subscription.id).size).toBe(0);
    expect((await step("approve")).body.status).toBe("active");
    expect(relay.logs.logsOf(subscription.id).size).toBe(2);
  });

  it("is not needed for one's own API", async () => {
    const { publisher } = await world();
    const api = await publisher.api(undefined, { approval: "manual" });
    expect((await publisher.subscription(api.id)).status).toBe("active");
  });
});

describe("the list of subscriptions", () => {
  it("is of all apps or of one, newest first and page by page, and never of anybody else's", async () => {
    const { publisher, subscriber } = await world();
    const api = await publisher.api(undefined, { visibility: "public" });
    const [app, another] = [await subscriber.app(), await subscriber.app()];
    const body = { apiId: api.id, endpoint: "https://receiver.example/" };
    const ids: string[] = [];
    for (const { id } of [app, another, app, app])
      ids.unshift((await subscriber.call("POST", `/v1/apps/${id}/subscriptions`, { body })).body.id);
    const list = async (query: string, as = subscriber) => {
      const { status, body } = await as.call("GET", `/v1/subscriptions${query}`);
      expect(status).toBe(200);
      return { ids: body.data.map(({ id }: { id: string }) => id), next: body.nextCursor };
    };
    const [third, second, , first] = ids;
    expect(await list("")).toEqual({ ids, next: null });
    expect(await list(`?appId=${another.id}`)).toEqual({ ids: [ids[2]], next: null });
    const page = await list(`?appId=${app.id}&limit=2`);
    expect(page).toEqual({ ids: [third, second], next: expect.any(String) });
    expect(await list(`?appId=${app.id}&limit=2&cursor=${page.next}`)).toEqual({ ids: [first], next: null });
    expect(await list(`?appId=${app.id}`, publisher)).toEqual({ ids: [], next: null });
    expect(await list(`?appId=${crypto.randomUUID()}`)).toEqual({ ids: [], next: null });
    expect((await subscriber.call("GET", "/v1/subscriptions?appId=")).status).toBe(422);
  });
});
