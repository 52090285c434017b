import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { RelayError } from "../../src/dev/relay-client.ts";
import { type Receiver, startReceiver } from "../support/receivers.ts";
import {
  documentOf,
  type Organization,
  type Scene,
  setScene,
  startTestRelay,
  type TestRelay,
} from "../support/relay.ts";
import { ARRIVE, accept } from "../support/stage.ts";

/** The relay's own events, on an API that every organization can subscribe to like to any other. */

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into as they come.
type Json = any;

let relay: TestRelay;
const receivers: Receiver[] = [];

beforeAll(async () => {
  relay = await startTestRelay();
  await relay.runCron();
});
afterAll(async () => {
  await relay?.close();
  for (const receiver of receivers) await receiver.close();
});

async function receiver(answer: Parameters<typeof startReceiver>[0] = accept): Promise<Receiver> {
  const made = await startReceiver(answer);
  receivers.push(made);
  return made;
}

/** The relay's API, as an organization finds it in the directory. */
async function findNoticeApi({ client }: Organization): Promise<Json> {
  const { data } = await client.call<{ data: Json[] }>("GET", "/v1/directory?q=Event%20Relay&tag=notices");
  expect(data).toHaveLength(1);
  return data[0];
}

type Listener = { signingSecret: string; receiver: Receiver; notices(): Json[] };

/** Subscribes an organization to its notices, from the first one on. */
async function listen(organization: Organization): Promise<Listener> {
  const made = await receiver();
  const api = await findNoticeApi(organization);
  const app = await organization.client.createApp("operations");
  const subscription = { apiId: api.id, endpoint: made.url, start: "earliest" };
  const { signingSecret } = await organization.client.subscribe(app.id, subscription);
  return { signingSecret, receiver: made, notices: () => made.requests.map(({ body }) => JSON.parse(body.toString())) };
}

const arrive = (listener: Listener, notice: object): Promise<unknown> =>
  vi.waitFor(() => expect(listener.notices()).toContainEqual(expect.objectContaining(notice)), ARRIVE);

const typesOf = (listener: Listener): string[] => listener.notices().map(({ type }) => type);

const subscribe = ({ subscribing, app, api }: Scene, settings: Record<string, unknown> = {}) =>
  subscribing.client.subscribe(app.id, { apiId: api.id, ...settings });

const act = ({ client }: Organization, path: string, body: unknown = {}): Promise<Json> =>
  client.call("POST", path, body);

describe("the relay's own API", () => {
  it("tells publisher and subscriber each what concerns it, signed, in order, and nobody else", async () => {
    const scene = await setScene(relay);
    const { publishing, subscribing, publisher, api } = scene;
    const bystander = await relay.operator.createOrganization("Bystanding Ltd");
    const [ofPublisher, ofSubscriber, ofBystander] = [
      await listen(publishing),
      await listen(subscribing),
      await listen(bystander),
    ];
    await publishing.client.call("PATCH", `/v1/apis/${api.id}`, { approval: "manual" });
    let status = 503;
    const endpoint = await receiver((response) => response.writeHead(status).end());
    const retry = { initialSeconds: 1, multiplier: 1, maxDelaySeconds: 1, maxAttempts: 1 };
    const { id } = await subscribe(scene, { endpoint: endpoint.url, retry });
    await arrive(ofPublisher, {
      type: "subscription.pending",
      data: { apiId: api.id, subscriptionId: id, subscriberId: subscribing.id },
    });
    await act(publishing, `/v1/subscriptions/${id}/approve`);

    const given = await publisher.publish("orders", { order: 1 }, { partitionKey: "k" });
    const ids = { apiId: api.id, subscriptionId: id };
    const dead = { ...ids, channel: "orders", count: 1, firstEventId: given, lastEventId: given };
    await arrive(ofSubscriber, { type: "delivery.dead", data: dead });

    status = 410;
    await publisher.publish("orders", { order: 2 }, { partitionKey: "k" });
    await arrive(ofSubscriber, { type: "subscription.disabled", data: { ...ids, reason: "gone" } });
    await act(subscribing, `/v1/subscriptions/${id}/resume`);
    await arrive(ofSubscriber, { type: "subscription.recovered", data: { ...ids, channel: null, failingSince: null } });

    await publishing.client.call(
      "PUT",
      `/v1/apis/${api.id}/spec?force=true`,
      documentOf(["returns"]),
      "application/yaml",
    );
    await arrive(ofSubscriber, { type: "api.version.breaking" });

    // Over a minute's gap another dead one may still come: the order of what is there is what counts.
    const ofTheSubscription = typesOf(ofSubscriber).filter((type) => type.startsWith("subscription."));
    expect(ofTheSubscription).toEqual(["subscription.disabled", "subscription.recovered"]);
    expect(typesOf(ofSubscriber).indexOf("delivery.dead")).toBe(0);
    expect(typesOf(ofPublisher)).toEqual(["subscription.pending"]);
    expect(typesOf(ofBystander)).toEqual([]);

    const [first] = ofSubscriber.receiver.requests;
    expect(() =>
      new Webhook(ofSubscriber.signingSecret).verify(
        first?.body.toString() ?? "",
        first?.headers as Record<string, string>,
      ),
    ).not.toThrow();
    expect(first?.headers).toMatchObject({
      "event-channel": "relay/notices/delivery.dead",
      "partition-key": id,
      "data-owner-id": subscribing.id,
    });
    expect(JSON.parse(first?.body.toString() ?? "")).toEqual({
      type: "delivery.dead",
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      data: dead,
    });
  });

  it("asks data owners, and tells subscriber and publisher when they take their consent back", async () => {
    const scene = await setScene(relay, { access: "consent" });
    const owner = await relay.operator.createOrganization("Owning Ltd");
    const [ofPublisher, ofSubscriber, ofOwner] = [
      await listen(scene.publishing),
      await listen(scene.subscribing),
      await listen(owner),
    ];
    const { id: subscriptionId } = await subscribe(scene, { endpoint: (await receiver()).url });
    const consent = await act(scene.subscribing, `/v1/subscriptions/${subscriptionId}/consents`, {
      dataOwnerId: owner.id,
    });
    const data = { apiId: scene.api.id, subscriptionId, consentId: consent.id, dataOwnerId: owner.id };
    await arrive(ofOwner, { type: "consent.requested", data });
    await act(owner, `/v1/consents/${consent.id}/grant`);
    await act(owner, `/v1/consents/${consent.id}/revoke`);
    for (const listener of [ofSubscriber, ofPublisher]) {
      await arrive(listener, { type: "consent.revoked", data });
      expect(typesOf(listener)).toEqual(["consent.revoked"]);
    }
    expect(typesOf(ofOwner)).toEqual(["consent.requested"]);
  });

  it("tells nothing of subscriptions to itself", async () => {
    const organization = await relay.operator.createOrganization("Listening Ltd");
    const { receiver: gone } = { receiver: await receiver((response) => response.writeHead(410).end()) };
    const api = await findNoticeApi(organization);
    const app = await organization.client.createApp("gone");
    const own = await listen(organization);
    const { id } = await organization.client.subscribe(app.id, {
      apiId: api.id,
      endpoint: gone.url,
      start: "earliest",
    });
    const other = await setScene(relay, { access: "consent" });
    const subscription = await subscribe(other);
    await act(other.subscribing, `/v1/subscriptions/${subscription.id}/consents`, { dataOwnerId: organization.id });
    const isDisabled = async () => {
      const { status } = await organization.client.call("GET", `/v1/subscriptions/${id}`);
      expect(status).toBe("disabled");
    };
    await vi.waitFor(isDisabled, ARRIVE);
    await act(organization, `/v1/subscriptions/${id}/resume`);
    await arrive(own, { type: "consent.requested" });
    expect(typesOf(own)).toEqual(["consent.requested"]);
  });

  it("shows its document and its channel to everybody", async () => {
    const organization = await relay.operator.createOrganization("Reading Ltd");
    const api = await findNoticeApi(organization);
    expect(api).toMatchObject({ title: "Event Relay" });
    const shown = await organization.client.call<Json>("GET", `/v1/directory/${api.id}`);
    expect(shown.channels.map(({ address }: Json) => address)).toEqual(["relay/notices/{notice}"]);
    expect(shown.channels[0].messages.map(({ name }: Json) => name)).toContain("delivery.dead");
  });

  it("is nobody's to publish to, to change or to delete", async () => {
    const organization = await relay.operator.createOrganization("Hostile Ltd");
    const api = await findNoticeApi(organization);
    const statusOf = (call: Promise<unknown>): Promise<number> =>
      call.then(
        () => 200,
        (error) => (error instanceof RelayError ? error.status : 0),
      );
    const path = `/v1/apis/${api.id}`;
    const { client } = organization;
    const attempts = [
      client.call("GET", path),
      client.call("PATCH", path, { visibility: "private" }),
      client.call("DELETE", path),
      client.call("PUT", `${path}/spec?force=true`, documentOf(["orders"]), "application/yaml"),
      client.call("POST", `${path}/credentials`, {}),
      client.call("PUT", `${path}/shares/${organization.id}`, {}),
      client.call("GET", `${path}/subscriptions`),
      client.call("GET", `${path}/events`),
    ];
    expect(await Promise.all(attempts.map(statusOf))).toEqual(attempts.map(() => 404));
    const { publisherId } = await client.call<Json>("GET", `/v1/directory/${api.id}`);
    const relayId = publisherId ?? "00000000-0000-8000-8000-000000000001";
    const asOperator = [
      relay.operator.call("GET", `/v1/organizations/${relayId}`),
      relay.operator.call("POST", `/v1/organizations/${relayId}/tokens`, { name: "mine", role: "admin" }),
      relay.operator.call("GET", `/v1/organizations/${relayId}/tokens`),
    ];
    expect(await Promise.all(asOperator.map(statusOf))).toEqual([404, 404, 404]);
    const taken = relay.operator.call("POST", "/v1/organizations", { name: "Taken Ltd", id: relayId });
    expect(await statusOf(taken)).toBe(409);
    const { data } = await relay.operator.call<{ data: Json[] }>("GET", "/v1/organizations");
    expect(data.map(({ id }) => id)).not.toContain(relayId);
  });
});
