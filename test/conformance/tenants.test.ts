import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RelayError } from "../../src/dev/relay-client.ts";
import { type Organization, type Scene, setScene, startTestRelay, type TestRelay } from "../support/relay.ts";

/** CONTRACT §2: what belongs to another organization is 404, and says nothing of itself. */

let relay: TestRelay;
let scene: Scene;
let stranger: Organization;
let strangersApp: { id: string };
let subscriptionId: string;
let consentId: string;
let privateApi: { id: string };

beforeAll(async () => {
  relay = await startTestRelay();
  scene = await setScene(relay, { access: "consent" });
  stranger = await relay.operator.createOrganization("Stranger Ltd");
  strangersApp = await stranger.client.createApp("a stranger's app");
  const subscription = { apiId: scene.api.id, endpoint: "http://127.0.0.1:9/" };
  subscriptionId = (await scene.subscribing.client.subscribe(scene.app.id, subscription)).id;
  const owner = await relay.operator.createOrganization("Owner Ltd");
  consentId = (await owner.client.call<{ id: string }>("POST", "/v1/consents", { subscriptionId })).id;
  const document = { asyncapi: "3.0.0", info: { title: "Secret", version: "1" }, channels: { a: { address: "a" } } };
  privateApi = await scene.publishing.client.registerApi(JSON.stringify(document));
});
afterAll(() => relay?.close());

async function refusalOf(method: string, path: string, body?: unknown): Promise<RelayError> {
  try {
    await stranger.client.call(method, path, body);
  } catch (error) {
    if (error instanceof RelayError) return error;
    throw error;
  }
  throw new Error(`${method} ${path} was not refused`);
}

async function expectNotFound(method: string, path: string, body?: unknown): Promise<void> {
  const { status, message } = await refusalOf(method, path, body);
  expect(`${method} ${path} ${status}`).toBe(`${method} ${path} 404`);
  for (const secret of ["Publishing Ltd", "Subscribing Ltd", "Owner Ltd", scene.publishing.id, scene.subscribing.id]) {
    expect(message.slice(message.indexOf("{"))).not.toContain(secret);
  }
}

describe("a stranger", () => {
  it("finds no organization but the own", async () => {
    await expectNotFound("GET", `/v1/organizations/${scene.publishing.id}`);
    await expectNotFound("GET", `/v1/organizations/${scene.publishing.id}/tokens`);
    await expectNotFound("POST", `/v1/organizations/${scene.publishing.id}/tokens`, { name: "mine", role: "admin" });
    expect(await stranger.client.call("GET", "/v1/organizations")).toMatchObject({ data: [{ id: stranger.id }] });
  });

  it("finds, changes and ends no API of another", async () => {
    const path = `/v1/apis/${scene.api.id}`;
    await expectNotFound("GET", path);
    await expectNotFound("PATCH", path, { visibility: "private" });
    await expectNotFound("GET", `${path}/spec`);
    await expectNotFound("GET", `${path}/credentials`);
    await expectNotFound("POST", `${path}/credentials`, { name: "mine" });
    await expectNotFound("DELETE", `${path}/credentials/${scene.api.credentials.clientId}`);
    await expectNotFound("GET", `${path}/subscriptions`);
    await expectNotFound("DELETE", path);
  });

  it("subscribes to no private API, and through no app of another", async () => {
    const endpoint = "http://127.0.0.1:9/";
    await expectNotFound("POST", `/v1/apps/${strangersApp.id}/subscriptions`, { apiId: privateApi.id, endpoint });
    await expectNotFound("POST", `/v1/apps/${scene.app.id}/subscriptions`, { apiId: scene.api.id, endpoint });
  });

  it("finds, changes and ends no app of another", async () => {
    const path = `/v1/apps/${scene.app.id}`;
    await expectNotFound("GET", path);
    await expectNotFound("PATCH", path, { name: "mine" });
    await expectNotFound("GET", `${path}/credentials`);
    await expectNotFound("POST", `${path}/credentials`, { name: "mine" });
    await expectNotFound("DELETE", path);
  });

  it("finds, changes and ends no subscription of another", async () => {
    const path = `/v1/subscriptions/${subscriptionId}`;
    await expectNotFound("GET", path);
    await expectNotFound("PATCH", path, { endpoint: "http://127.0.0.1:10/" });
    for (const action of ["pause", "resume", "approve", "reject"])
      await expectNotFound("POST", `${path}/${action}`, {});
    await expectNotFound("POST", `${path}/consents`, { dataOwnerId: stranger.id });
    await expectNotFound("DELETE", path);
    expect(await stranger.client.call("GET", "/v1/subscriptions")).toMatchObject({ data: [] });
  });

  it("decides on no consent of another's data", async () => {
    for (const action of ["grant", "deny", "revoke"]) {
      await expectNotFound("POST", `/v1/consents/${consentId}/${action}`, {});
    }
    expect(await stranger.client.call("GET", "/v1/consents")).toMatchObject({ data: [] });
  });

  it("reads of nobody else's changes in the audit", async () => {
    const { data } = await stranger.client.call<{ data: { subject: string }[] }>("GET", "/v1/audit");
    expect(data.map(({ subject }) => subject).sort()).toEqual([stranger.id, strangersApp.id].sort());
  });
});
