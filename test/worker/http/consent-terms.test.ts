import { beforeEach, describe, expect, it } from "vitest";
import { type Json, type Organization, Relay } from "./relay.ts";

let relay: Relay;
let publisher: Organization;
let subscriber: Organization;
let owner: Organization;
let subscription: Json;

beforeEach(async () => {
  relay = new Relay();
  publisher = await relay.organization("Publisher");
  subscriber = await relay.organization("Subscriber");
  owner = await relay.organization("Owner");
  const api = await publisher.api(["a", "b"], { visibility: "public", access: "consent" });
  subscription = await subscriber.subscription(api.id);
});

async function ask(terms: Record<string, unknown> = {}): Promise<string> {
  const body = { dataOwnerId: owner.id, ...terms };
  return (await subscriber.call("POST", `/v1/subscriptions/${subscription.id}/consents`, { body })).body.id;
}

const grant = (id: string, body?: unknown) => owner.call("POST", `/v1/consents/${id}/grant`, { body });

const EARLIER = "2026-12-01T00:00:00.000Z";
const LATER = "2027-01-01T00:00:00.000Z";

describe("a grant", () => {
  it.each([
    [{}, { channels: ["a"] }, { channels: ["a"], expiresAt: null }, 1],
    [{}, { expiresAt: EARLIER }, { channels: null, expiresAt: EARLIER }, 2],
    [{ channels: ["a", "b"], expiresAt: LATER }, { channels: ["b"], expiresAt: EARLIER }, { channels: ["b"] }, 1],
    [{ expiresAt: LATER }, { channels: ["/b", "b"] }, { channels: ["b"], expiresAt: LATER }, 1],
    [{ channels: ["a"] }, {}, { channels: ["a"], expiresAt: null }, 1],
    [{ channels: ["a"] }, undefined, { channels: ["a"], expiresAt: null }, 1],
    [{}, { channels: null, expiresAt: null }, { channels: null, expiresAt: null }, 2],
  ])("of what was asked with %j may be narrower: %j", async (asked, terms, granted, logs) => {
    const id = await ask(asked);
    const answer = await grant(id, terms);
    expect([answer.status, answer.body]).toMatchObject([200, { id, status: "granted", ...granted }]);
    expect(relay.logs.grantsOf(subscription.id)).toHaveLength(logs);
    expect((await owner.call("GET", `/v1/consents/${id}`)).body).toEqual(answer.body);
  });

  it.each([
    ["channels", { channels: ["a"] }, { channels: ["a", "b"] }],
    ["channels", { channels: ["a"] }, { channels: ["b"] }],
    ["channels", { channels: ["a"] }, { channels: null }],
    ["expiresAt", { expiresAt: EARLIER }, { expiresAt: LATER }],
    ["expiresAt", { expiresAt: EARLIER }, { expiresAt: null }],
    ["expiresAt", {}, { expiresAt: "2026-11-21T12:00:00Z" }],
    ["channels.0", {}, { channels: ["nowhere"] }],
    ["channels", {}, { channels: [] }],
    ["status", {}, { status: "granted" }],
  ])("that would widen %s, or is wrong otherwise, is refused: %j, %j", async (path, asked, terms) => {
    const id = await ask(asked);
    const answer = await grant(id, terms);
    expect([answer.status, answer.body.errors?.[0].path]).toEqual([422, path]);
    expect((await owner.call("GET", `/v1/consents/${id}`)).body.status).toBe("requested");
    expect(relay.logs.grantsOf(subscription.id)).toEqual([]);
  });

  it("that is given may be narrowed further, and never widened by its id again", async () => {
    const id = await ask();
    await grant(id);
    expect(relay.logs.grantsOf(subscription.id)).toHaveLength(2);
    expect((await grant(id, { channels: ["a"] })).body).toMatchObject({ status: "granted", channels: ["a"] });
    expect(relay.logs.grantsOf(subscription.id)).toHaveLength(1);
    expect((await grant(id)).body.channels).toEqual(["a"]);
    expect((await grant(id, { channels: ["a", "b"] })).status).toBe(422);
    const { data } = (await owner.call("GET", "/v1/audit?action=consent.grant")).body;
    expect(data).toHaveLength(2);
  });

  it("of channels that the API has no longer is given as it was asked for", async () => {
    const id = await ask({ channels: ["a"] });
    const only = await publisher.call("GET", "/v1/apis");
    const spec = await publisher.call("GET", `/v1/apis/${only.body.data[0].id}/spec`);
    const { a: _, ...channels } = JSON.parse(spec.text).channels;
    const text = JSON.stringify({ ...JSON.parse(spec.text), channels });
    expect((await publisher.call("PUT", `/v1/apis/${only.body.data[0].id}/spec?force=true`, { text })).status).toBe(
      200,
    );
    expect((await grant(id)).body).toMatchObject({ status: "granted", channels: ["a"] });
    expect((await grant(id, { channels: ["b"] })).status).toBe(422);
  });
});

describe("consents", () => {
  it("are read by those whom they concern", async () => {
    const id = await ask({ channels: ["a"] });
    const seen = await owner.call("GET", `/v1/consents/${id}`);
    expect([seen.status, seen.body]).toMatchObject([
      200,
      { app: { name: "Reader" }, subscriberId: subscriber.id, publisherId: publisher.id, channels: ["a"] },
    ]);
    for (const organization of [subscriber, publisher]) {
      expect((await organization.call("GET", `/v1/consents/${id}`)).body).toEqual(seen.body);
    }
  });

  it("are listed for one subscription, with a status, and never others'", async () => {
    const other = await subscriber.subscription(subscription.apiId);
    const id = await ask();
    const given = await owner.call("POST", "/v1/consents", { body: { subscriptionId: other.id } });
    const list = async (organization: Organization, query: string) =>
      (await organization.call("GET", `/v1/consents?${query}`)).body.data.map((row: { id: string }) => row.id);
    for (const organization of [owner, subscriber]) {
      expect(await list(organization, `subscriptionId=${subscription.id.toUpperCase()}`)).toEqual([id]);
      expect(await list(organization, `subscriptionId=${other.id}`)).toEqual([given.body.id]);
      expect(await list(organization, `subscriptionId=${other.id}&status=requested`)).toEqual([]);
      expect(await list(organization, "")).toEqual([given.body.id, id]);
    }
    expect(await list(publisher, `subscriptionId=${subscription.id}`)).toEqual([]);
    expect((await owner.call("GET", "/v1/consents?subscriptionId=7")).status).toBe(422);
  });
});
