import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { PORTAL_LINKS_PER_ORGANIZATION_MAX } from "../../../src/kernel/limits.ts";
import { dropExpiredPortalLinks, findFrameAncestors } from "../../../src/registry/portal-links.ts";
import { Browser } from "./browser.ts";
import { type Json, type Organization, Relay, START_MS } from "./relay.ts";

const slugOf = ({ status, body }: { status: number; body: { type: string } }) =>
  `${status} ${body.type.replace("https://relay.test/problems/", "")}`;

const tokenOf = ({ url }: { url: string }): string => url.split("#")[1] ?? "";

/** An organization with two apps, each with a subscription and a consent that it has asked for, and a link to the first. */
async function scene(role: "viewer" | "developer" = "developer") {
  const relay = new Relay();
  const acme = await relay.organization();
  const publisher = await relay.organization("Publisher");
  const api = await publisher.api(["orders/created"], { visibility: "public", access: "consent" });
  const [own, other] = [await subscribed(acme, publisher, api.id), await subscribed(acme, publisher, api.id)];
  const link = await acme.portalLink({ appId: own.appId, role });
  const call = (method: string, path: string, options: object = {}) =>
    relay.call(method, path, { token: tokenOf(link), ...options });
  return { relay, acme, publisher, api, own, other, link, call };
}

async function subscribed(acme: Organization, owner: Organization, apiId: string) {
  const { id, appId } = await acme.subscription(apiId);
  const asked = await acme.call("POST", `/v1/subscriptions/${id}/consents`, { body: { dataOwnerId: owner.id } });
  return { id, appId, consentId: asked.body.id };
}

const idsOf = (answer: Json): string[] => answer.body.data.map(({ id }: { id: string }) => id);

describe("a portal link", () => {
  it("is made for an app and for an hour, shown once, listed and revoked, each in the audit", async () => {
    const relay = new Relay();
    const acme = await relay.organization();
    const app = await acme.app();
    const path = `/v1/organizations/${acme.id}/portal-links`;
    const made = await acme.call("POST", path, { body: { appId: app.id } });
    expect(made.status).toBe(201);
    const { url, ...shown } = made.body;
    expect(shown).toEqual({
      ...{ id: expect.any(String), appId: app.id, role: "viewer", frameAncestors: [] },
      createdAt: new Date(START_MS).toISOString(),
      expiresAt: new Date(START_MS + 3600_000).toISOString(),
    });
    expect(url).toMatch(
      new RegExp(`^https://relay\\.test/portal/${shown.id}/o/${acme.id}/apps/${app.id}#rp_[\\w-]{43}$`),
    );
    expect((await acme.call("GET", path)).body).toEqual({ data: [shown], nextCursor: null });
    expect((await acme.call("GET", `${path}/${shown.id}`)).body).toEqual(shown);
    expect((await acme.call("DELETE", `${path}/${shown.id}`)).status).toBe(204);
    expect((await acme.call("GET", path)).body.data).toEqual([]);
    expect((await acme.call("DELETE", `${path}/${shown.id}`)).status).toBe(404);
    const { body } = await acme.call("GET", `/v1/audit?subject=${shown.id}`);
    expect(body.data.map(({ action }: { action: string }) => action)).toEqual([
      "portal-link.revoke",
      "portal-link.create",
    ]);
  });

  it("says whose pages may embed it, for as long as it is good", async () => {
    const { relay, acme, own } = await scene();
    const frameAncestors = ["https://app.example.com", "https://*.example.com:8443", "http://localhost:3000"];
    const link = await acme.portalLink({ appId: own.appId, frameAncestors, ttlSeconds: 60 });
    expect(link.frameAncestors).toEqual(frameAncestors);
    const asked = (id: string, atMs: number) => findFrameAncestors(env.REGISTRY, id, START_MS + atMs);
    expect(await asked(link.id, 59_999)).toEqual(frameAncestors);
    expect(await asked(link.id, 60_000)).toEqual([]);
    expect(await asked(crypto.randomUUID(), 0)).toEqual([]);
    expect(await asked("x' OR 1=1", 0)).toEqual([]);
    await relay.call("DELETE", `/v1/organizations/${acme.id}/portal-links/${link.id}`, { token: acme.token });
    expect(await asked(link.id, 0)).toEqual([]);
  });

  it("is not embedded by the developer's own machine where the relay is deployed", async () => {
    const { relay, acme, own } = await scene();
    relay.env.ALLOW_PRIVATE_ENDPOINTS = "false" as never;
    for (const origin of ["http://localhost:3000", "https://127.0.0.1"]) {
      const body = { appId: own.appId, frameAncestors: ["https://app.example.com", origin] };
      expect(slugOf(await acme.call("POST", `/v1/organizations/${acme.id}/portal-links`, { body }))).toBe(
        "422 body-invalid",
      );
    }
  });

  it.each([
    ["another way to be a frame's ancestor", { frameAncestors: ["https://a.example.com; script-src *"] }],
    ["everybody as ancestors", { frameAncestors: ["*"] }],
    ["too many ancestors", { frameAncestors: Array.from({ length: 11 }, (_, i) => `https://a${i}.example.com`) }],
    ["no time", { ttlSeconds: 0 }],
    ["half a second", { ttlSeconds: 0.5 }],
    ["more than a day", { ttlSeconds: 86_401 }],
    ["the role of an admin", { role: "admin" }],
    ["no app", { appId: undefined }],
    ["more than there is to say", { organizationId: "x" }],
  ])("is not made with %s", async (_, settings) => {
    const relay = new Relay();
    const acme = await relay.organization();
    const body = { appId: (await acme.app()).id, ...settings };
    expect(slugOf(await acme.call("POST", `/v1/organizations/${acme.id}/portal-links`, { body }))).toBe(
      "422 body-invalid",
    );
  });

  it("is not made for another organization's app, nor for one that is not there", async () => {
    const { relay, own } = await scene();
    const stranger = await relay.organization("Stranger");
    const path = `/v1/organizations/${stranger.id}/portal-links`;
    const foreign = await stranger.call("POST", path, { body: { appId: own.appId } });
    const missing = await stranger.call("POST", path, { body: { appId: crypto.randomUUID() } });
    expect([slugOf(foreign), foreign.text]).toEqual(["404 not-found", missing.text]);
  });

  it("is the same one for the same idempotency key, and a new one once that is over", async () => {
    const { relay, acme, own } = await scene();
    const path = `/v1/organizations/${acme.id}/portal-links`;
    const make = async () => {
      const headers = { "Idempotency-Key": "portal of user 7" };
      return (await acme.call("POST", path, { headers, body: { appId: own.appId, ttlSeconds: 60 } })).body.url;
    };
    const first = await make();
    expect(await make()).toBe(first);
    relay.clock.nowMs += 60_000;
    expect(await make()).not.toBe(first);
  });

  it("is kept as long as it is good, and no longer; so many at once", async () => {
    const { relay, acme, own, link } = await scene();
    const count = () =>
      env.REGISTRY.prepare("SELECT count(*) AS n FROM portal_link WHERE organization_id = ?").bind(acme.id).first("n");
    await env.REGISTRY.prepare(
      `WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
       INSERT INTO portal_link (id, organization_id, app_id, role, digest, frame_ancestors, created_ms, expires_ms)
       SELECT ?2 || i, ?2, ?3, 'viewer', ?2 || i, '[]', 0, ?4 FROM n`,
    )
      .bind(PORTAL_LINKS_PER_ORGANIZATION_MAX, acme.id, own.appId, START_MS + 60_000)
      .run();
    expect(await count()).toBe(PORTAL_LINKS_PER_ORGANIZATION_MAX);
    const make = () => acme.call("POST", `/v1/organizations/${acme.id}/portal-links`, { body: { appId: own.appId } });
    expect(slugOf(await make())).toBe("409 conflict");
    relay.clock.nowMs = START_MS + 60_000;
    await dropExpiredPortalLinks(env.REGISTRY, relay.clock.nowMs);
    expect([await count(), (await make()).status]).toEqual([1, 201]);
    await dropExpiredPortalLinks(env.REGISTRY, Date.parse(link.expiresAt) - 1);
    expect(await count()).toBe(2);
  });

  it("is not to be found in the registry", async () => {
    const { link } = await scene();
    const { results } = await env.REGISTRY.prepare("SELECT * FROM portal_link").all();
    expect(JSON.stringify(results)).toContain(link.id);
    expect(JSON.stringify(results)).not.toContain(tokenOf(link).slice(3));
  });
});

describe("whoever has a portal link", () => {
  it("sees its app, and of every list what belongs to that", async () => {
    const { acme, api, own, other, call } = await scene("viewer");
    expect(idsOf(await call("GET", "/v1/apps"))).toEqual([own.appId]);
    expect(idsOf(await call("GET", "/v1/subscriptions"))).toEqual([own.id]);
    expect(idsOf(await call("GET", `/v1/subscriptions?appId=${own.appId}`))).toEqual([own.id]);
    expect(idsOf(await call("GET", `/v1/subscriptions?appId=${other.appId}`))).toEqual([]);
    expect(idsOf(await call("GET", "/v1/consents"))).toEqual([own.consentId]);
    expect(idsOf(await call("GET", `/v1/consents?subscriptionId=${other.id}`))).toEqual([]);
    expect(idsOf(await call("GET", "/v1/directory"))).toContain(api.id);
    expect(idsOf(await acme.call("GET", "/v1/subscriptions"))).toEqual([other.id, own.id]);
    expect(idsOf(await acme.call("GET", "/v1/apps"))).toEqual([other.appId, own.appId]);
    expect(idsOf(await acme.call("GET", "/v1/consents"))).toEqual([other.consentId, own.consentId]);
  });

  it("subscribes, changes and repairs as a developer, in the name of the link", async () => {
    const { acme, publisher, own, link, call } = await scene("developer");
    const api = await publisher.api(["orders/created"], { visibility: "public" });
    const body = { apiId: api.id, endpoint: "https://receiver.example/hook" };
    const made = await call("POST", `/v1/apps/${own.appId}/subscriptions`, { body });
    expect(made.status).toBe(201);
    const { id } = made.body;
    expect((await call("PATCH", `/v1/subscriptions/${id}`, { body: { description: "ours" } })).status).toBe(200);
    expect((await call("POST", `/v1/subscriptions/${id}/pause`)).status).toBe(200);
    expect((await call("DELETE", `/v1/subscriptions/${id}`)).status).toBe(204);
    const mine = await acme.call("GET", `/v1/audit?subject=${id}`);
    expect(mine.body.data.map(({ actor }: { actor: string }) => actor)).toEqual(Array(4).fill(`portal:${link.id}`));
    const theirs = await publisher.call("GET", `/v1/audit?subject=${id}`);
    expect(theirs.body.data.map(({ actor }: { actor: string }) => actor)).toEqual(
      Array(4).fill(`organization:${acme.id}`),
    );
  });

  it("changes nothing as a viewer", async () => {
    const { own, api, call } = await scene("viewer");
    const body = { apiId: api.id, endpoint: "https://receiver.example/hook" };
    expect(slugOf(await call("POST", `/v1/apps/${own.appId}/subscriptions`, { body }))).toBe("403 role-missing");
    for (const action of ["pause", "resume", "rotate-secret", "retry-dead"]) {
      expect(slugOf(await call("POST", `/v1/subscriptions/${own.id}/${action}`))).toBe("403 role-missing");
    }
    expect(slugOf(await call("DELETE", `/v1/subscriptions/${own.id}`))).toBe("403 role-missing");
  });

  it("cannot tell another app of the organization from one that is not there", async () => {
    const { own, other, call } = await scene("developer");
    const id = crypto.randomUUID();
    const pairs = [
      [`/v1/apps/${other.appId}`, `/v1/apps/${id}`],
      [`/v1/subscriptions/${other.id}`, `/v1/subscriptions/${id}`],
      [`/v1/subscriptions/${other.id}/deliveries`, `/v1/subscriptions/${id}/deliveries`],
      [`/v1/consents/${other.consentId}`, `/v1/consents/${id}`],
    ] as const;
    for (const [foreign, missing] of pairs) {
      const [hidden, absent] = [await call("GET", foreign), await call("GET", missing)];
      expect([hidden.status, hidden.text]).toEqual([404, absent.text]);
    }
    expect((await call("DELETE", `/v1/subscriptions/${other.id}`)).status).toBe(404);
    expect((await call("GET", `/v1/subscriptions/${own.id}`)).status).toBe(200);
  });

  it("does nothing beyond its app, whatever its role", async () => {
    const { acme, publisher, own, call } = await scene("developer");
    const consent = (await publisher.call("GET", "/v1/consents")).body.data[0].id;
    for (const [method, path] of [
      ["GET", "/v1/organizations"],
      ["GET", `/v1/organizations/${acme.id}/tokens`],
      ["GET", `/v1/organizations/${acme.id}/portal-links`],
      ["POST", `/v1/organizations/${acme.id}/portal-links`],
      ["GET", "/v1/apis"],
      ["GET", "/v1/audit"],
      ["POST", "/v1/apps"],
      ["PATCH", `/v1/apps/${own.appId}`],
      ["GET", `/v1/apps/${own.appId}/credentials`],
      ["POST", `/v1/apps/${own.appId}/stream-tokens`],
      ["GET", `/v1/subscriptions/${own.id}/events`],
      ["POST", "/v1/consents"],
      ["POST", `/v1/consents/${consent}/grant`],
    ] as const) {
      const body = method === "GET" ? {} : { body: {} };
      expect(slugOf(await call(method, path, body)), `${method} ${path}`).toBe("403 role-missing");
    }
  });

  it("has nothing any more when the link has expired, was revoked, or its app is gone", async () => {
    const { relay, acme, own, link, call } = await scene();
    const again = await acme.portalLink({ appId: own.appId });
    await acme.call("DELETE", `/v1/organizations/${acme.id}/portal-links/${again.id}`);
    expect(slugOf(await relay.call("GET", "/v1/apps", { token: tokenOf(again) }))).toBe("401 token-invalid");
    relay.clock.nowMs = Date.parse(link.expiresAt) - 1;
    expect((await call("GET", "/v1/apps")).status).toBe(200);
    relay.clock.nowMs = Date.parse(link.expiresAt);
    expect(slugOf(await call("GET", "/v1/apps"))).toBe("401 token-expired");
    const last = await acme.portalLink({ appId: own.appId });
    await acme.call("DELETE", `/v1/apps/${own.appId}`);
    expect(slugOf(await relay.call("GET", "/v1/apps", { token: tokenOf(last) }))).toBe("401 token-invalid");
  });

  it("cannot sign in with it", async () => {
    const { relay, link } = await scene();
    expect(slugOf(await new Browser(relay).signIn(tokenOf(link)))).toBe("401 token-invalid");
  });
});
