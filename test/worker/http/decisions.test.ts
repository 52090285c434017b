import { beforeEach, describe, expect, it } from "vitest";
import { Browser } from "./browser.ts";
import { type Json, type Organization, outbox, Relay } from "./relay.ts";

let relay: Relay;
let acme: Organization;
let stranger: Organization;
let app: Json;

beforeEach(async () => {
  relay = new Relay();
  acme = await relay.organization("Acme");
  stranger = await relay.organization("Stranger");
  app = await acme.app();
});

describe("what is foreign", () => {
  it.each([
    ["is no JSON", "{"],
    ["breaks every rule", '{"name":7}'],
    ["is too large", JSON.stringify({ name: "x".repeat(70_000) })],
    ["is right", '{"name":"Mine"}'],
  ])("is not there, though the body %s", async (_, text) => {
    const foreign = await stranger.call("PATCH", `/v1/apps/${app.id}`, { text });
    const missing = await stranger.call("PATCH", `/v1/apps/${crypto.randomUUID()}`, { text });
    expect([foreign.status, foreign.text]).toEqual([404, missing.text]);
    expect((await acme.call("GET", `/v1/apps/${app.id}`)).body.name).toBe("Reader");
  });

  it("is not there, though the query is wrong or the idempotency key malformed", async () => {
    const api = await acme.api();
    expect((await stranger.call("GET", `/v1/apis/${api.id}/shares?limit=0`)).status).toBe(404);
    expect((await acme.call("GET", `/v1/apis/${api.id}/shares?limit=0`)).status).toBe(422);
    const call = (id: string) =>
      stranger.call("POST", `/v1/apps/${id}/credentials`, { body: {}, headers: { "Idempotency-Key": "tab\there" } });
    expect((await call(app.id)).text).toBe((await call(crypto.randomUUID())).text);
  });

  it("is not there where the body names it, either", async () => {
    const api = await acme.api();
    const own = await stranger.app();
    const subscribe = (apiId: string) => stranger.call("POST", `/v1/apps/${own.id}/subscriptions`, { body: { apiId } });
    const [foreign, missing] = [await subscribe(api.id), await subscribe(crypto.randomUUID())];
    expect([foreign.status, foreign.text]).toEqual([404, missing.text]);
    const consent = { body: { subscriptionId: crypto.randomUUID() } };
    expect((await stranger.call("POST", "/v1/consents", consent)).status).toBe(404);
  });
});

describe("a change is decided on what is so", () => {
  /** A body that ends when this has been done. */
  const bodyAfter = (doing: () => Promise<unknown>, text = '{"name":"late"}') =>
    new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        await doing();
        controller.enqueue(new TextEncoder().encode(text));
        controller.close();
      },
    });

  it("when it is written, not when its body began to come", async () => {
    const text = bodyAfter(async () => expect((await acme.call("DELETE", `/v1/apps/${app.id}`)).status).toBe(204));
    const late = await acme.call("POST", `/v1/apps/${app.id}/credentials`, { text });
    expect([late.status, late.body.detail]).toEqual([404, "There is no such app."]);
  });

  it("by who calls then: not by a token that was revoked while the body came", async () => {
    const { id, token } = await acme.tokenFor("developer");
    const text = bodyAfter(() => acme.call("DELETE", `/v1/organizations/${acme.id}/tokens/${id}`));
    expect((await relay.call("POST", "/v1/apps", { token, text })).status).toBe(401);
    expect((await acme.call("GET", "/v1/apps")).body.data).toHaveLength(1);
  });

  it("nor by a session that was signed out of while the body came", async () => {
    const browser = new Browser(relay);
    await browser.signIn(acme.token);
    const { csrfToken } = browser.session;
    const signOut = () => browser.send("DELETE", "/session", { headers: { "X-CSRF-Token": csrfToken } });
    const late = await browser.call(acme.id, "POST", "/v1/apps", { text: bodyAfter(signOut) });
    expect(late.status).toBe(401);
    expect((await acme.call("GET", "/v1/apps")).body.data).toHaveLength(1);
  });

  it("nor by a portal link that was revoked while the body came", async () => {
    const api = await acme.api(["orders/created"]);
    const subscription = await acme.subscription(api.id);
    const { url, id } = await acme.portalLink({ appId: subscription.appId, role: "developer" });
    const text = bodyAfter(() => acme.call("DELETE", `/v1/organizations/${acme.id}/portal-links/${id}`), "{}");
    const path = `/v1/subscriptions/${subscription.id}/pause`;
    expect((await relay.call("POST", path, { token: url.split("#")[1], text })).status).toBe(401);
  });
});

describe("what is gone", () => {
  it("gives an idempotency key its first answer, to the caller who had it, and to nobody else", async () => {
    const call = (organization: Organization, body: unknown) =>
      organization.call("POST", `/v1/apps/${app.id}/credentials`, { body, headers: { "Idempotency-Key": "k" } });
    const first = await call(acme, {});
    await acme.call("DELETE", `/v1/apps/${app.id}`);
    const again = await call(acme, {});
    expect([again.status, again.text]).toEqual([201, first.text]);
    expect((await call(acme, { name: "other" })).status).toBe(422);
    expect((await call(stranger, {})).status).toBe(404);
  });

  it("is made to be gone from the logs by whoever may delete it, and by nobody else", async () => {
    const api = await acme.api();
    const { id } = await acme.subscription(api.id);
    const path = `/v1/subscriptions/${id}`;
    relay.logs.isDown = () => true;
    expect((await acme.call("DELETE", path)).status).toBe(503);
    relay.logs.isDown = () => false;
    const { token: viewer } = await acme.tokenFor("viewer");
    expect((await relay.call("DELETE", path, { token: viewer })).status).toBe(404);
    expect((await stranger.call("DELETE", path)).status).toBe(404);
    expect((await relay.call("DELETE", path)).status).toBe(403);
    expect(await outbox()).toHaveLength(2);
    const { token: developer } = await acme.tokenFor("developer");
    expect((await relay.call("DELETE", path, { token: developer })).status).toBe(204);
    expect(await outbox()).toEqual([]);
    expect((await acme.call("DELETE", path)).status).toBe(404);
  });
});
