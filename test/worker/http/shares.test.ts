import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { type Organization, outbox, Relay } from "./relay.ts";

type World = { relay: Relay; acme: Organization; partner: Organization; other: Organization };

async function world(): Promise<World> {
  const relay = new Relay();
  return {
    relay,
    acme: await relay.organization("Acme"),
    partner: await relay.organization("Partner"),
    other: await relay.organization("Other"),
  };
}

const share = (owner: Organization, apiId: string, organizationId: string) =>
  owner.call("PUT", `/v1/apis/${apiId}/shares/${organizationId}`);

const unshare = (owner: Organization, apiId: string, organizationId: string) =>
  owner.call("DELETE", `/v1/apis/${apiId}/shares/${organizationId}`);

const listed = async (viewer: Organization): Promise<string[]> =>
  (await viewer.call("GET", "/v1/directory?limit=100")).body.data.map((row: { id: string }) => row.id);

async function subscribe(subscriber: Organization, apiId: string): Promise<number> {
  const app = await subscriber.app();
  return (await subscriber.call("POST", `/v1/apps/${app.id}/subscriptions`, { body: { apiId } })).status;
}

const actions = async (viewer: Organization, apiId: string): Promise<string[]> =>
  (await viewer.call("GET", "/v1/audit")).body.data
    .filter((entry: { subject: string }) => entry.subject === apiId)
    .map((entry: { action: string }) => entry.action);

describe("a private API that is shared", () => {
  it("is seen and subscribed to by that organization, and by nobody else", async () => {
    const { acme, partner, other } = await world();
    const api = await acme.api();
    const paths = ["", "/asyncapi.yaml", "/asyncapi.json"].map((end) => `/v1/directory/${api.id}${end}`);
    for (const path of paths) expect((await partner.call("GET", path)).status).toBe(404);
    expect(await subscribe(partner, api.id)).toBe(404);

    const answer = await share(acme, api.id, partner.id.toUpperCase());
    expect([answer.status, answer.body]).toEqual([
      200,
      { organizationId: partner.id, organizationName: "Partner", createdAt: "2026-11-21T12:00:00.000Z" },
    ]);
    for (const path of paths) expect((await partner.call("GET", path)).status).toBe(200);
    expect(await listed(partner)).toContain(api.id);
    expect(await subscribe(partner, api.id)).toBe(201);

    for (const path of paths) expect((await other.call("GET", path)).status).toBe(404);
    expect(await listed(other)).not.toContain(api.id);
    expect(await subscribe(other, api.id)).toBe(404);
    expect((await partner.call("GET", `/v1/apis/${api.id}`)).status).toBe(404);
  });

  it("is shared once, however often and by however many at once", async () => {
    const { relay, acme, partner } = await world();
    const api = await acme.api();
    const answers = await Promise.all([1, 2, 3].map(() => share(acme, api.id, partner.id)));
    relay.clock.nowMs += 60_000;
    answers.push(await share(acme, api.id, partner.id));
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200]);
    expect(new Set(answers.map((answer) => answer.text)).size).toBe(1);
    expect((await acme.call("GET", `/v1/apis/${api.id}/shares`)).body.data).toHaveLength(1);
    expect(await actions(acme, api.id)).toEqual(["api.share", "api.register"]);
  });

  it("is hidden again when the share ends", async () => {
    const { acme, partner } = await world();
    const api = await acme.api();
    await share(acme, api.id, partner.id);
    expect((await unshare(acme, api.id, partner.id)).status).toBe(204);
    expect((await partner.call("GET", `/v1/directory/${api.id}`)).status).toBe(404);
    expect(await listed(partner)).not.toContain(api.id);
    expect(await subscribe(partner, api.id)).toBe(404);
    expect((await unshare(acme, api.id, partner.id)).status).toBe(404);
  });

  it("gives nothing more to subscriptions of an organization that it is not shared with any more", async () => {
    const { relay, acme, partner, other } = await world();
    const api = await acme.api();
    for (const organization of [partner, other]) await share(acme, api.id, organization.id);
    const [gone, stays, own] = [
      await partner.subscription(api.id),
      await other.subscription(api.id),
      await acme.subscription(api.id),
    ];
    const known = () => [gone, stays, own].map(({ id }) => relay.logs.logsOf(id).size);
    expect(known()).toEqual([2, 2, 2]);
    await unshare(acme, api.id, partner.id);
    expect(known()).toEqual([0, 2, 2]);
    const seen = await partner.call("GET", `/v1/subscriptions/${gone.id}`);
    expect(seen.body).toMatchObject({ status: "active", apiVisible: false, backlog: 0 });
    await share(acme, api.id, partner.id);
    expect(known()).toEqual([2, 2, 2]);
    expect((await partner.call("GET", `/v1/subscriptions/${gone.id}`)).body.apiVisible).toBe(true);
  });

  it("takes nothing up that was changed while it was hidden, before it is shared again", async () => {
    const { relay, acme, partner, other } = await world();
    const api = await acme.api(undefined, { access: "consent" });
    await share(acme, api.id, partner.id);
    const { id } = await partner.subscription(api.id);
    await unshare(acme, api.id, partner.id);
    expect((await partner.call("PATCH", `/v1/subscriptions/${id}`, { body: { timeoutSeconds: 3 } })).status).toBe(200);
    expect((await partner.call("POST", `/v1/subscriptions/${id}/pause`)).status).toBe(200);
    expect((await partner.call("POST", `/v1/subscriptions/${id}/resume`)).status).toBe(200);
    const consent = await other.call("POST", "/v1/consents", { body: { subscriptionId: id } });
    expect(consent.status).toBe(201);
    expect([relay.logs.logsOf(id).size, relay.logs.grantsOf(id).length]).toEqual([0, 0]);
    await share(acme, api.id, partner.id);
    expect([relay.logs.logsOf(id).size, relay.logs.grantsOf(id).length]).toEqual([2, 2]);
    expect(await outbox()).toEqual([]);
  });

  it("and a public one that becomes private, are alike to subscribers", async () => {
    const { relay, acme, partner, other } = await world();
    const api = await acme.api(undefined, { visibility: "public" });
    await share(acme, api.id, partner.id);
    const [shared, unshared] = [await partner.subscription(api.id), await other.subscription(api.id)];
    const known = () => [shared, unshared].map(({ id }) => relay.logs.logsOf(id).size);
    const patch = (visibility: string) => acme.call("PATCH", `/v1/apis/${api.id}`, { body: { visibility } });
    await patch("private");
    expect(known()).toEqual([2, 0]);
    await patch("public");
    expect(known()).toEqual([2, 2]);
  });

  it("is listed for its publisher newest first, page by page", async () => {
    const { acme, partner, other } = await world();
    const api = await acme.api();
    const path = `/v1/apis/${api.id}/shares`;
    expect((await acme.call("GET", path)).body).toEqual({ data: [], nextCursor: null });
    await share(acme, api.id, partner.id);
    await share(acme, api.id, other.id);
    const first = await acme.call("GET", `${path}?limit=1`);
    expect(first.body.data).toMatchObject([{ organizationId: other.id, organizationName: "Other" }]);
    const second = await acme.call("GET", `${path}?limit=1&cursor=${first.body.nextCursor}`);
    expect(second.body).toMatchObject({ data: [{ organizationId: partner.id }], nextCursor: null });
  });

  it("says so in the audit of both organizations, and in no other", async () => {
    const { acme, partner, other } = await world();
    const api = await acme.api();
    await share(acme, api.id, partner.id);
    await unshare(acme, api.id, partner.id);
    expect(await actions(acme, api.id)).toEqual(["api.unshare", "api.share", "api.register"]);
    expect(await actions(partner, api.id)).toEqual(["api.unshare", "api.share"]);
    expect(await actions(other, api.id)).toEqual([]);
    const { actor, address } = (await partner.call("GET", "/v1/audit")).body.data[0];
    expect([actor, address]).toEqual([`organization:${acme.id}`, null]);
  });

  it("takes its shares with it when it is deleted", async () => {
    const { acme, partner } = await world();
    const api = await acme.api();
    await share(acme, api.id, partner.id);
    expect((await acme.call("DELETE", `/v1/apis/${api.id}`)).status).toBe(204);
    expect(await env.REGISTRY.prepare("SELECT * FROM api_share WHERE api_id = ?").bind(api.id).first()).toBeNull();
  });
});

describe("a share", () => {
  it("needs an organization that exists, and is not the publisher's own", async () => {
    const { acme } = await world();
    const api = await acme.api();
    expect((await share(acme, api.id, crypto.randomUUID())).status).toBe(404);
    expect((await share(acme, api.id, "partner")).status).toBe(404);
    expect((await share(acme, crypto.randomUUID(), acme.id)).status).toBe(404);
    expect((await share(acme, api.id, acme.id)).status).toBe(409);
    expect((await acme.call("GET", `/v1/apis/${api.id}/shares`)).body.data).toEqual([]);
  });

  it("takes no fields", async () => {
    const { acme, partner } = await world();
    const path = `/v1/apis/${(await acme.api()).id}/shares/${partner.id}`;
    expect((await acme.call("PUT", path, { body: { role: "admin" } })).status).toBe(422);
    expect((await acme.call("PUT", path, { text: "{" })).status).toBe(400);
    expect((await acme.call("PUT", path, { body: {} })).status).toBe(200);
  });

  it("is its publisher's alone to give, to see and to end", async () => {
    const { acme, partner, other } = await world();
    const api = await acme.api(undefined, { visibility: "public" });
    await share(acme, api.id, partner.id);
    for (const stranger of [partner, other]) {
      const answers = await Promise.all([
        share(stranger, api.id, other.id),
        unshare(stranger, api.id, partner.id),
        stranger.call("GET", `/v1/apis/${api.id}/shares`),
      ]);
      expect(answers.map((answer) => answer.status)).toEqual([404, 404, 404]);
    }
    expect((await acme.call("GET", `/v1/apis/${api.id}/shares`)).body.data).toHaveLength(1);
  });

  it("is given by developers, seen by viewers, and nothing to anybody else", async () => {
    const { relay, acme, partner } = await world();
    const api = await acme.api();
    await share(acme, api.id, partner.id);
    const path = `/v1/apis/${api.id}/shares`;
    const { token: viewer } = await acme.tokenFor("viewer");
    const as = async (method: string, end: string, token: string | null) =>
      (await relay.call(method, `${path}${end}`, { token })).status;
    expect(await as("GET", "", viewer)).toBe(200);
    expect(await as("PUT", `/${partner.id}`, viewer)).toBe(403);
    expect(await as("DELETE", `/${partner.id}`, viewer)).toBe(403);
    expect(await as("PUT", `/${partner.id}`, null)).toBe(401);
    expect(await as("PUT", `/${partner.id}`, "test-operator-token")).toBe(403);
  });

  it("ends nothing for an API that is public, or one's own", async () => {
    const { acme, partner } = await world();
    const api = await acme.api();
    await share(acme, api.id, partner.id);
    await acme.call("PATCH", `/v1/apis/${api.id}`, { body: { visibility: "public" } });
    await unshare(acme, api.id, partner.id);
    expect(await listed(partner)).toContain(api.id);
    await acme.call("PATCH", `/v1/apis/${api.id}`, { body: { visibility: "private" } });
    expect(await listed(partner)).not.toContain(api.id);
    expect(await listed(acme)).toContain(api.id);
  });
});
