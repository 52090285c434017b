import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { RELAY_API_ID, RELAY_ORGANIZATION_ID } from "../../../src/domain/notice.ts";
import { keepRelayApi } from "../../../src/http/notices/relay-api.ts";
import { sendNotices } from "../../../src/http/notices/send-notices.ts";
import { NOTICES_SENT_MAX } from "../../../src/kernel/limits.ts";
import { disableSubscription } from "../../../src/registry/disable-subscription.ts";
import { listNotices, writeNotice } from "../../../src/registry/notices.ts";
import { asyncApi, type Json, type Organization, Relay } from "./relay.ts";

const db = env.REGISTRY;

beforeEach(async () => {
  await db.batch([db.prepare("DELETE FROM notice"), db.prepare("DELETE FROM api WHERE id = ?").bind(RELAY_API_ID)]);
  expect(await keepRelayApi(db, 0)).toBe(true);
});

type World = { relay: Relay; publisher: Organization; subscriber: Organization; api: Json };

async function world(settings: Record<string, unknown> = {}): Promise<World> {
  const relay = new Relay();
  const publisher = await relay.organization("Publisher");
  const subscriber = await relay.organization("Subscriber");
  const api = await publisher.api(undefined, { visibility: "public", ...settings });
  return { relay, publisher, subscriber, api };
}

const send = ({ logs, clock }: Relay) => sendNotices({ db, logs, nowMs: clock.nowMs });

/** What was published, each with whom it is for. */
const published = ({ logs }: Relay): Json[] =>
  logs.appended.map(({ dataOwnerId, partitionKey, channel, body }) => ({
    ...{ to: dataOwnerId, partitionKey, channel },
    ...JSON.parse(new TextDecoder().decode(body)),
  }));

const act = (organization: Organization, path: string, body: object = {}) => organization.call("POST", path, { body });

describe("a change that others have to hear of", () => {
  it("tells the publisher who waits for approval, once", async () => {
    const { relay, publisher, subscriber, api } = await world({ approval: "manual" });
    const { id } = await subscriber.subscription(api.id, { channels: ["orders/created"] });
    await subscriber.call("PATCH", `/v1/subscriptions/${id}`, { body: { description: "the same" } });
    const pending = { apiId: api.id, subscriptionId: id, subscriberId: subscriber.id };
    const told = {
      ...{ to: publisher.id, partitionKey: id, channel: "relay/notices/subscription.pending" },
      ...{ type: "subscription.pending", timestamp: "2026-11-21T12:00:00.000Z", data: pending },
    };
    expect(published(relay)).toEqual([told]);
    await act(publisher, `/v1/subscriptions/${id}/approve`);
    await subscriber.call("PATCH", `/v1/subscriptions/${id}`, { body: { channels: null } });
    expect(published(relay)).toEqual([told, told]);
  });

  it("tells the subscriber what was disabled and why, and what was resumed", async () => {
    const { relay, subscriber, api } = await world();
    const { id } = await subscriber.subscription(api.id);
    await disableSubscription(db, id, "failing", 0);
    await disableSubscription(db, id, "failing", 0);
    await send(relay);
    await act(subscriber, `/v1/subscriptions/${id}/resume`);
    await act(subscriber, `/v1/subscriptions/${id}/resume`);
    await act(subscriber, `/v1/subscriptions/${id}/pause`);
    await act(subscriber, `/v1/subscriptions/${id}/resume`);
    const ids = { apiId: api.id, subscriptionId: id };
    expect(published(relay)).toMatchObject([
      { to: subscriber.id, type: "subscription.disabled", data: { ...ids, reason: "failing" } },
      { to: subscriber.id, type: "subscription.recovered", data: { ...ids, failingSince: null } },
    ]);
  });

  it("tells a data owner what it is asked, and subscriber and publisher what it takes back", async () => {
    const { relay, publisher, subscriber, api } = await world({ access: "consent" });
    const owner = await relay.organization("Owner");
    const { id } = await subscriber.subscription(api.id);
    const ask = () => act(subscriber, `/v1/subscriptions/${id}/consents`, { dataOwnerId: owner.id });
    const consent = (await ask()).body;
    await act(owner, `/v1/consents/${consent.id}/grant`);
    await ask();
    await act(owner, `/v1/consents/${consent.id}/revoke`);
    await act(owner, `/v1/consents/${consent.id}/revoke`);
    const data = { apiId: api.id, subscriptionId: id, consentId: consent.id, dataOwnerId: owner.id };
    expect(published(relay)).toMatchObject([
      { to: owner.id, type: "consent.requested", data },
      { to: subscriber.id, type: "consent.revoked", data },
      { to: publisher.id, type: "consent.revoked", data },
    ]);
  });

  it("tells each organization that subscribes of a version that breaks, whatever number of subscriptions it has", async () => {
    const { relay, publisher, subscriber, api } = await world();
    const other = await relay.organization("Other");
    await relay.organization("Nobody");
    for (const organization of [subscriber, subscriber, other]) await organization.subscription(api.id);
    const put = (channels: string[], force: boolean) =>
      publisher.call("PUT", `/v1/apis/${api.id}/spec?force=${force}`, { text: asyncApi(api.title, channels) });
    expect((await put(["orders/created"], false)).status).toBe(409);
    expect((await put(["orders/created", "orders/{id}/changed", "orders/paid"], true)).status).toBe(200);
    expect(published(relay)).toEqual([]);
    await put(["orders/paid"], true);
    await put(["orders/paid"], true);
    const data = { apiId: api.id, version: "1.2.0", breakingChanges: 2 };
    const notices = published(relay);
    expect(notices.map(({ to }) => to).sort()).toEqual([subscriber.id, other.id].sort());
    for (const notice of notices) expect(notice).toMatchObject({ type: "api.version.breaking", data });
  });

  it("tells nobody of a version of an API that is hidden from them", async () => {
    const { relay, publisher, subscriber, api } = await world();
    for (const organization of [subscriber, publisher]) await organization.subscription(api.id);
    await publisher.call("PATCH", `/v1/apis/${api.id}`, { body: { visibility: "private" } });
    const put = await publisher.call("PUT", `/v1/apis/${api.id}/spec?force=true`, {
      text: asyncApi(api.title, ["other"]),
    });
    expect(put.status).toBe(200);
    expect(published(relay).map(({ to }) => to)).toEqual([publisher.id]);
  });

  it("tells nothing of what was refused, and nothing of subscriptions to the notices themselves", async () => {
    const { relay, publisher, subscriber, api } = await world();
    const { id } = await subscriber.subscription(api.id);
    expect((await act(publisher, `/v1/subscriptions/${id}/resume`)).status).toBe(404);
    const own = await subscriber.subscription(RELAY_API_ID);
    await disableSubscription(db, own.id, "gone", 0);
    await act(subscriber, `/v1/subscriptions/${own.id}/resume`);
    await send(relay);
    expect(published(relay)).toEqual([]);
  });
});

describe("the outbox", () => {
  const notice = (subscriptionId: string) =>
    ({
      type: "subscription.recovered",
      data: { apiId: "api", subscriptionId, channel: null, failingSince: null },
    }) as const;

  it("keeps what the log does not take, and sends it later under the same key", async () => {
    const { relay, subscriber, api } = await world({ approval: "manual" });
    relay.logs.isDown = (_, call) => call === "append";
    expect((await subscriber.subscription(api.id)).status).toBe("pending");
    expect(published(relay)).toEqual([]);
    const [waiting] = await listNotices(db, 1);
    relay.logs.isDown = () => false;
    await send(relay);
    await send(relay);
    expect(relay.logs.appended.map(({ idempotency }) => idempotency?.key)).toEqual([waiting?.key]);
    expect(await listNotices(db, 1)).toEqual([]);
  });

  it("is sent in its order, however much there is", async () => {
    const relay = new Relay();
    const names = Array.from({ length: NOTICES_SENT_MAX + 5 }, (_, i) => `s${i}`);
    await db.batch(names.flatMap((name) => writeNotice(db, "organization", notice(name), 0)));
    await send(relay);
    expect(published(relay).map(({ partitionKey }) => partitionKey)).toEqual(names);
    expect(new Set(relay.logs.appended.map(({ idempotency }) => idempotency?.key)).size).toBe(names.length);
  });

  it("waits as long as there is no API to publish on", async () => {
    const relay = new Relay();
    await db.batch(writeNotice(db, "organization", notice("s"), 0));
    await db.prepare("DELETE FROM api WHERE id = ?").bind(RELAY_API_ID).run();
    await send(relay);
    expect(published(relay)).toEqual([]);
    await keepRelayApi(db, 0);
    await send(relay);
    expect(published(relay)).toHaveLength(1);
  });
});

describe("the relay's own API", () => {
  it("is there once, as the document of this version says, and lets out what is addressed and nothing else", async () => {
    expect(await keepRelayApi(db, 1)).toBe(false);
    const { subscriber } = await world();
    const { body } = await subscriber.call("GET", `/v1/directory/${RELAY_API_ID}`);
    expect(body.channels).toMatchObject([{ address: "relay/notices/{notice}" }]);
    const { id } = await subscriber.subscription(RELAY_API_ID);
    const [known] = [...subscriber.relay.logs.logsOf(id).values()];
    expect(known?.topic).toMatchObject({ access: "consent", isAddressed: true });
    expect(known?.subscription).toMatchObject({ organizationId: subscriber.id });
  });

  it("follows the document, and leaves a newer one alone", async () => {
    const { subscriber } = await world();
    const channelsOf = async () => (await subscriber.call("GET", `/v1/directory/${RELAY_API_ID}`)).body.channels;
    const now = await channelsOf();
    await db.batch([
      db.prepare("UPDATE api_version SET version = '0.9' WHERE api_id = ?").bind(RELAY_API_ID),
      db.prepare("UPDATE topic SET messages = '[]' WHERE api_id = ?").bind(RELAY_API_ID),
    ]);
    expect(await keepRelayApi(db, 1)).toBe(true);
    expect(await channelsOf()).toEqual(now);
    expect((await subscriber.call("GET", `/v1/directory/${RELAY_API_ID}/versions`)).body.data).toHaveLength(2);
    const newer = `INSERT INTO api_version (api_id, version, spec_version, document, media_type, changes, created_ms)
      SELECT api_id, '99.0.0', spec_version, document, media_type, changes, 2 FROM api_version WHERE api_id = ? LIMIT 1`;
    await db.prepare(newer).bind(RELAY_API_ID).run();
    expect(await keepRelayApi(db, 3)).toBe(false);
  });

  it("belongs to an organization that nobody gets a token of, not even from the operator", async () => {
    const relay = new Relay();
    const path = `/v1/organizations/${RELAY_ORGANIZATION_ID}`;
    expect((await relay.call("GET", path)).status).toBe(404);
    expect((await relay.call("POST", `${path}/tokens`, { body: { name: "mine", role: "admin" } })).status).toBe(404);
    expect((await relay.call("GET", "/v1/organizations?limit=100")).text).not.toContain(RELAY_ORGANIZATION_ID);
    const taken = { name: "Mine", id: RELAY_ORGANIZATION_ID };
    expect((await relay.call("POST", "/v1/organizations", { body: taken })).status).toBe(409);
    // A new relay has not made it yet.
    await db.batch([
      db.prepare("DELETE FROM api WHERE id = ?").bind(RELAY_API_ID),
      db.prepare("DELETE FROM organization WHERE id = ?").bind(RELAY_ORGANIZATION_ID),
    ]);
    expect((await relay.call("POST", "/v1/organizations", { body: taken })).status).toBe(409);
  });
});
