import { beforeEach, describe, expect, it } from "vitest";
import { type Json, type Organization, Relay } from "./relay.ts";

let publisher: Organization;
let subscriber: Organization;
let owner: Organization;
let api: Json;
let subscription: Json;
let consent: Json;
beforeEach(async () => {
  const relay = new Relay();
  [publisher, subscriber, owner] = [
    await relay.organization("Workshop Software"),
    await relay.organization("Follow-up Apps"),
    await relay.organization("Smith & Sons"),
  ];
  api = await publisher.api(["orders/created"], { access: "consent" });
  await publisher.call("PUT", `/v1/apis/${api.id}/shares/${subscriber.id}`);
  subscription = await subscriber.subscription(api.id);
  const asked = { body: { dataOwnerId: owner.id } };
  consent = (await subscriber.call("POST", `/v1/subscriptions/${subscription.id}/consents`, asked)).body;
});

const firstOf = async (organization: Organization, path: string): Promise<Json> =>
  (await organization.call("GET", path)).body.data[0];

describe("names, where people would only see ids", () => {
  it("a subscriber reads which app subscribes to whose API, when it is made and later", async () => {
    const names = { appName: "Reader", apiTitle: api.title, publisherName: "Workshop Software" };
    expect(subscription).toMatchObject(names);
    expect(await firstOf(subscriber, "/v1/subscriptions")).toMatchObject(names);
    const read = await subscriber.call("GET", `/v1/subscriptions/${subscription.id}`);
    expect(read.body).toMatchObject(names);
  });

  it("of now: an app that is renamed has its new name", async () => {
    await subscriber.call("PATCH", `/v1/apps/${subscription.appId}`, { body: { name: "Writer" } });
    expect((await firstOf(subscriber, "/v1/subscriptions")).appName).toBe("Writer");
    expect((await firstOf(owner, "/v1/consents")).app.name).toBe("Writer");
  });

  it("a publisher reads who subscribes, and whom it shares with", async () => {
    expect(await firstOf(publisher, `/v1/apis/${api.id}/subscriptions`)).toMatchObject({
      app: { name: "Reader" },
      organizationName: "Follow-up Apps",
    });
    expect(await firstOf(publisher, `/v1/apis/${api.id}/shares`)).toMatchObject({ organizationName: "Follow-up Apps" });
  });

  it("a data owner reads who asks, and a subscriber whom it asks", async () => {
    const names = {
      ...{ app: { id: subscription.appId, name: "Reader" }, api: { id: api.id, title: api.title } },
      ...{ subscriberName: "Follow-up Apps", dataOwnerName: "Smith & Sons" },
    };
    expect(consent).toMatchObject(names);
    for (const organization of [owner, subscriber]) {
      expect(await firstOf(organization, "/v1/consents")).toMatchObject(names);
      expect((await organization.call("GET", `/v1/consents/${consent.id}`)).body).toMatchObject(names);
    }
    const granted = await owner.call("POST", `/v1/consents/${consent.id}/grant`, { body: {} });
    expect(granted.body).toMatchObject({ ...names, status: "granted" });
  });

  it("of a consent that is given at once, too", async () => {
    const { id: subscriptionId } = await publisher.subscription(api.id);
    const given = await publisher.call("POST", "/v1/consents", { body: { subscriptionId } });
    expect(given.body).toMatchObject({ subscriberName: "Workshop Software", dataOwnerName: "Workshop Software" });
  });
});
