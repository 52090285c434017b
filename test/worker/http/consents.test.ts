import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { resendPushes } from "../../../src/http/call/control-plane-pushes.ts";
import { type Json, type Organization, outbox, Relay } from "./relay.ts";

type World = { relay: Relay; publisher: Organization; subscriber: Organization; owner: Organization; api: Json };

async function world(channels = ["a", "b"], settings: Record<string, unknown> = {}): Promise<World> {
  const relay = new Relay();
  const publisher = await relay.organization("Publisher");
  const subscriber = await relay.organization("Subscriber");
  const owner = await relay.organization("Owner");
  const api = await publisher.api(channels, { visibility: "public", access: "consent", ...settings });
  return { relay, publisher, subscriber, owner, api };
}

const ask = (w: World, id: string, terms: Record<string, unknown> = {}) =>
  w.subscriber.call("POST", `/v1/subscriptions/${id}/consents`, { body: { dataOwnerId: w.owner.id, ...terms } });

const decide = (organization: Organization, id: string, decision: string) =>
  organization.call("POST", `/v1/consents/${id}/${decision}`, { body: {} });

describe("a consent", () => {
  it("is asked for by the app, granted by the data owner, and revoked", async () => {
    const w = await world();
    const { id } = await w.subscriber.subscription(w.api.id);
    const asked = await ask(w, id);
    expect([asked.status, asked.body]).toMatchObject([
      201,
      { subscriptionId: id, dataOwnerId: w.owner.id, status: "requested", channels: null, expiresAt: null },
    ]);
    expect(w.relay.logs.grantsOf(id)).toEqual([]);

    const waiting = await w.owner.call("GET", "/v1/consents?status=requested");
    expect(waiting.body.data).toMatchObject([
      { id: asked.body.id, app: { name: "Reader" }, subscriberId: w.subscriber.id },
    ]);

    const granted = await decide(w.owner, asked.body.id, "grant");
    expect([granted.status, granted.body.status]).toEqual([200, "granted"]);
    expect(w.relay.logs.grantsOf(id)).toHaveLength(2);

    const revoked = await decide(w.owner, asked.body.id, "revoke");
    expect([revoked.status, revoked.body.status]).toEqual([200, "revoked"]);
    expect(w.relay.logs.grantsOf(id)).toEqual([]);
    const versions = [...w.relay.logs.consents.values()].map((consent) => consent.version);
    expect(versions).toEqual([3, 3]);
    expect(await outbox()).toEqual([]);
  });

  it("is given by the data owner at once", async () => {
    const w = await world();
    const { id } = await w.subscriber.subscription(w.api.id);
    const body = { subscriptionId: id, channels: ["/b"], expiresAt: "2026-12-01T00:00:00Z" };
    const given = await w.owner.call("POST", "/v1/consents", { body });
    expect([given.status, given.body]).toMatchObject([
      201,
      { status: "granted", channels: ["b"], expiresAt: "2026-12-01T00:00:00.000Z" },
    ]);
    expect(w.relay.logs.grantsOf(id)).toHaveLength(1);
    const consents = [...w.relay.logs.consents.values()];
    expect(consents.find((consent) => consent.granted)).toMatchObject({
      dataOwnerId: w.owner.id,
      expiresMs: Date.parse("2026-12-01T00:00:00Z"),
    });
    const widened = await w.owner.call("POST", "/v1/consents", { body: { subscriptionId: id } });
    expect(widened.body).toMatchObject({ id: given.body.id, channels: null, expiresAt: null });
    expect(w.relay.logs.grantsOf(id)).toHaveLength(2);
    const narrowed = await w.owner.call("POST", "/v1/consents", { body: { subscriptionId: id, channels: ["a"] } });
    expect(narrowed.status).toBe(201);
    expect(w.relay.logs.grantsOf(id)).toHaveLength(1);
  });

  it("is denied, asked for again, and granted then", async () => {
    const w = await world();
    const { id } = await w.subscriber.subscription(w.api.id);
    const asked = await ask(w, id);
    expect((await decide(w.owner, asked.body.id, "deny")).body.status).toBe("denied");
    expect((await decide(w.owner, asked.body.id, "revoke")).status).toBe(409);
    const again = await ask(w, id, { channels: ["a"] });
    expect(again.body).toMatchObject({ status: "requested", channels: ["a"] });
    expect((await decide(w.owner, again.body.id, "grant")).status).toBe(200);
    expect(w.relay.logs.grantsOf(id)).toHaveLength(1);
    expect((await decide(w.owner, again.body.id, "deny")).status).toBe(409);
  });

  it("that was asked for on other terms is not granted by the id of the first ones", async () => {
    const w = await world();
    const { id } = await w.subscriber.subscription(w.api.id);
    const expiresAt = "2027-01-01T00:00:00Z";
    const read = await ask(w, id, { channels: ["a", "b"], expiresAt });
    expect((await ask(w, id, { channels: ["b", "a"], expiresAt })).body.id).toBe(read.body.id);
    for (const terms of [{ channels: ["a", "b"] }, { channels: ["a"], expiresAt }, { expiresAt }, {}]) {
      const widened = await ask(w, id, terms);
      expect(widened.body.id).not.toBe(read.body.id);
    }
    expect((await decide(w.owner, read.body.id, "grant")).status).toBe(404);
    expect(w.relay.logs.grantsOf(id)).toEqual([]);
    const { data } = (await w.owner.call("GET", "/v1/consents")).body;
    expect(data).toMatchObject([{ status: "requested", channels: null, expiresAt: null }]);
    expect((await decide(w.owner, data[0].id, "grant")).status).toBe(200);
  });

  it("is not granted on the first terms while other ones are being asked for", async () => {
    const w = await world();
    const { id } = await w.subscriber.subscription(w.api.id);
    const read = await ask(w, id, { channels: ["a"] });
    const [granted] = await Promise.all([decide(w.owner, read.body.id, "grant"), ask(w, id)]);
    const { data } = (await w.owner.call("GET", "/v1/consents")).body;
    const isGranted = granted.status === 200;
    expect(data).toMatchObject([isGranted ? { status: "granted", channels: ["a"] } : { status: "requested" }]);
    expect(w.relay.logs.grantsOf(id)).toHaveLength(isGranted ? 1 : 0);
  });

  it("that is revoked is withdrawn from every log, though it is asked for anew meanwhile", async () => {
    const w = await world();
    const { id } = await w.subscriber.subscription(w.api.id);
    const { body } = await w.owner.call("POST", "/v1/consents", { body: { subscriptionId: id, channels: ["a"] } });
    w.relay.logs.isDown = () => true;
    expect((await decide(w.owner, body.id, "revoke")).status).toBe(503);
    expect((await ask(w, id)).status).toBe(201);
    w.relay.logs.isDown = () => false;
    await resendPushes({ db: env.REGISTRY, logs: w.relay.logs, nowMs: 1 });
    expect(w.relay.logs.grantsOf(id)).toEqual([]);
  });

  it("that is in force is neither lost nor widened by asking again", async () => {
    const w = await world();
    const { id } = await w.subscriber.subscription(w.api.id);
    const { body } = await w.owner.call("POST", "/v1/consents", { body: { subscriptionId: id, channels: ["a"] } });
    expect((await ask(w, id, { channels: ["a"] })).body).toMatchObject({ id: body.id, status: "granted" });
    expect((await ask(w, id)).status).toBe(409);
    expect((await ask(w, id, { channels: ["b"] })).status).toBe(409);
    expect(w.relay.logs.grantsOf(id)).toHaveLength(1);
  });

  it("is decided on by its data owner only", async () => {
    const w = await world();
    const { id } = await w.subscriber.subscription(w.api.id);
    const asked = await ask(w, id);
    for (const organization of [w.subscriber, w.publisher]) {
      for (const decision of ["grant", "deny", "revoke"]) {
        expect((await decide(organization, asked.body.id, decision)).status).toBe(404);
      }
    }
    expect((await w.subscriber.call("GET", "/v1/consents")).body.data).toMatchObject([{ status: "requested" }]);
    expect((await w.publisher.call("GET", "/v1/consents")).body.data).toEqual([]);
    expect(
      (await w.owner.call("POST", `/v1/subscriptions/${id}/consents`, { body: { dataOwnerId: w.owner.id } })).status,
    ).toBe(404);
  });

  it.each([
    ["dataOwnerId", { dataOwnerId: crypto.randomUUID() }],
    ["dataOwnerId", { dataOwnerId: "7" }],
    ["channels.0", { channels: ["nowhere"] }],
    ["expiresAt", { expiresAt: "2026-11-21T12:00:00Z" }],
    ["expiresAt", { expiresAt: 1 }],
    ["status", { status: "granted" }],
  ])("is refused where %s is wrong: %j", async (path, wrong) => {
    const w = await world();
    const { id } = await w.subscriber.subscription(w.api.id);
    const answer = await ask(w, id, wrong);
    expect([answer.status, answer.body.errors[0].path]).toEqual([422, path]);
  });

  it("is listed to who gives it and to who asks for it, each on its side", async () => {
    const w = await world();
    const { id } = await w.subscriber.subscription(w.api.id);
    await ask(w, id);
    const count = async (who: Organization, as: string): Promise<number> =>
      (await who.call("GET", `/v1/consents?as=${as}`)).body.data.length;
    expect([await count(w.owner, "dataOwner"), await count(w.owner, "subscriber")]).toEqual([1, 0]);
    expect([await count(w.subscriber, "dataOwner"), await count(w.subscriber, "subscriber")]).toEqual([0, 1]);
    expect([await count(w.publisher, "dataOwner"), await count(w.publisher, "subscriber")]).toEqual([0, 0]);
    expect((await w.owner.call("GET", "/v1/consents?as=publisher")).status).toBe(422);
  });

  it("is not granted after the time that was asked for", async () => {
    const w = await world();
    const { id } = await w.subscriber.subscription(w.api.id);
    const asked = await ask(w, id, { expiresAt: "2026-11-21T12:00:01Z" });
    w.relay.clock.nowMs += 1_000;
    expect((await decide(w.owner, asked.body.id, "grant")).status).toBe(409);
    const body = { subscriptionId: id, expiresAt: "2026-11-21T12:00:02Z" };
    const given = await w.owner.call("POST", "/v1/consents", { body });
    expect((await decide(w.owner, given.body.id, "grant")).status).toBe(200);
    w.relay.clock.nowMs += 1_000;
    expect((await decide(w.owner, given.body.id, "grant")).status).toBe(409);
    expect((await w.owner.call("GET", "/v1/consents?status=wrong")).status).toBe(422);
  });

  it("given while approval is pending reaches the logs with the subscription, and after it", async () => {
    const w = await world(["a", "b"], { approval: "manual" });
    const { id } = await w.subscriber.subscription(w.api.id);
    await w.owner.call("POST", "/v1/consents", { body: { subscriptionId: id, channels: ["b"] } });
    expect(w.relay.logs.calls).not.toContainEqual(expect.stringMatching(/^put(Subscription|Consent)/));
    expect((await w.publisher.call("POST", `/v1/subscriptions/${id}/approve`, { body: {} })).status).toBe(200);
    expect(w.relay.logs.grantsOf(id)).toHaveLength(1);
    const kinds = w.relay.logs.calls.map((call) => call.split(" ")[0]).filter((kind) => kind !== "putTopic");
    expect(kinds).toEqual(["putSubscription", "putSubscription", "putConsent", "putConsent"]);
  });

  it("holds on channels that the subscription joins later; a withdrawn one does not", async () => {
    const w = await world();
    const other = await w.relay.organization("Other owner");
    const { id } = await w.subscriber.subscription(w.api.id);
    await w.owner.call("POST", "/v1/consents", { body: { subscriptionId: id } });
    const withdrawn = await other.call("POST", "/v1/consents", { body: { subscriptionId: id } });
    const path = `/v1/subscriptions/${id}`;
    await w.subscriber.call("PATCH", path, { body: { channels: ["a"] } });
    await decide(other, withdrawn.body.id, "revoke");
    const before = w.relay.logs.calls.length;
    await w.subscriber.call("PATCH", path, { body: { channels: ["a", "b"] } });
    const grants = w.relay.logs.grantsOf(id);
    expect(grants).toHaveLength(2);
    expect(grants.every((grant) => grant.endsWith(w.owner.id))).toBe(true);
    // A log that had left may remember the old grant: it is told of the withdrawal as well.
    expect(w.relay.logs.calls.slice(before).filter((call) => call.startsWith("putConsent"))).toHaveLength(4);
  });

  it("that is revoked while a log is silent is answered 503 until that log has taken it", async () => {
    const w = await world();
    const { id } = await w.subscriber.subscription(w.api.id);
    const { body } = await w.owner.call("POST", "/v1/consents", { body: { subscriptionId: id } });
    const [down = ""] = w.relay.logs.logsOf(id).keys();
    w.relay.logs.isDown = (log) => log === down;
    expect((await decide(w.owner, body.id, "revoke")).status).toBe(503);
    expect(w.relay.logs.grantsOf(id)).toHaveLength(1);
    expect((await decide(w.owner, body.id, "revoke")).status).toBe(503);
    w.relay.logs.isDown = () => false;
    expect((await decide(w.owner, body.id, "revoke")).status).toBe(200);
    expect(w.relay.logs.grantsOf(id)).toEqual([]);
    expect(await resendPushes({ db: env.REGISTRY, logs: w.relay.logs, nowMs: 1 })).toEqual({ sent: 0, unsent: 0 });
  });

  it("that a log hears of before the subscription is told to it again", async () => {
    const w = await world(["a", "b"], { approval: "manual" });
    const { id } = await w.subscriber.subscription(w.api.id);
    await w.owner.call("POST", "/v1/consents", { body: { subscriptionId: id } });
    w.relay.logs.isDown = (_, call) => call === "putSubscription";
    expect((await w.publisher.call("POST", `/v1/subscriptions/${id}/approve`, { body: {} })).status).toBe(503);
    expect(await outbox()).toHaveLength(4);
    w.relay.logs.isDown = () => false;
    await resendPushes({ db: env.REGISTRY, logs: w.relay.logs, nowMs: 1 });
    expect(w.relay.logs.grantsOf(id)).toHaveLength(2);
    expect(await outbox()).toEqual([]);
  });

  it("is in the logs when an approval that failed half-way is answered at last", async () => {
    const w = await world(["a", "b"], { approval: "manual" });
    const { id } = await w.subscriber.subscription(w.api.id);
    await w.owner.call("POST", "/v1/consents", { body: { subscriptionId: id } });
    const approve = () => w.publisher.call("POST", `/v1/subscriptions/${id}/approve`, { body: {} });
    w.relay.logs.isDown = (_, call) => call === "putConsent";
    expect((await approve()).status).toBe(503);
    expect((await approve()).status).toBe(503);
    w.relay.logs.isDown = () => false;
    expect((await approve()).status).toBe(200);
    expect(w.relay.logs.grantsOf(id)).toHaveLength(2);
  });

  it("that is revoked is withdrawn from a log that has not heard yet that the subscription left it", async () => {
    const w = await world();
    const { id } = await w.subscriber.subscription(w.api.id);
    const { body } = await w.owner.call("POST", "/v1/consents", { body: { subscriptionId: id } });
    w.relay.logs.isDown = (_, call) => call === "removeSubscription";
    const left = await w.subscriber.call("PATCH", `/v1/subscriptions/${id}`, { body: { channels: ["a"] } });
    expect(left.status).toBe(503);
    expect(w.relay.logs.logsOf(id).size).toBe(2);
    expect((await decide(w.owner, body.id, "revoke")).status).toBe(200);
    expect(w.relay.logs.grantsOf(id)).toEqual([]);
    w.relay.logs.isDown = () => false;
    await resendPushes({ db: env.REGISTRY, logs: w.relay.logs, nowMs: 1 });
  });

  it("is one, however many ask at once", async () => {
    const w = await world();
    const { id } = await w.subscriber.subscription(w.api.id);
    const answers = await Promise.all([ask(w, id), ask(w, id), ask(w, id)]);
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
    expect((await w.owner.call("GET", "/v1/consents")).body.data).toHaveLength(1);
  });
});

describe("the audit", () => {
  it("tells each organization what touched it, and whose hand it was only to its own", async () => {
    const w = await world();
    const { id } = await w.subscriber.subscription(w.api.id);
    const headers = { "CF-Connecting-IP": "203.0.113.7", "X-Request-Id": crypto.randomUUID() };
    const given = await w.owner.call("POST", "/v1/consents", { body: { subscriptionId: id }, headers });
    const newest = async (organization: Organization) =>
      (await organization.call("GET", "/v1/audit?limit=1")).body.data[0];
    const entry = { action: "consent.grant", subject: given.body.id, requestId: headers["X-Request-Id"] };
    expect(await newest(w.owner)).toMatchObject({
      ...entry,
      actor: expect.stringMatching(/^token:/),
      address: "203.0.113.7",
    });
    for (const organization of [w.subscriber, w.publisher]) {
      expect(await newest(organization)).toMatchObject({
        ...entry,
        actor: `organization:${w.owner.id}`,
        address: null,
      });
    }
  });

  it("says nothing of what failed and nothing to others", async () => {
    const w = await world();
    const stranger = await w.relay.organization("Stranger");
    await stranger.call("POST", "/v1/apps", { body: {} });
    const { body } = await stranger.call("GET", "/v1/audit");
    expect(body.data.map((row: { action: string }) => row.action)).toEqual(["organization.create"]);
  });
});
