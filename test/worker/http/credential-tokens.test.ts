import { decodeJwt } from "jose";
import { beforeEach, describe, expect, it } from "vitest";
import { type Answer, type Json, type Organization, Relay } from "./relay.ts";

const JSON_TYPE = { "Content-Type": "application/json" };

let relay: Relay;
let publisher: Organization;
let api: Json;
beforeEach(async () => {
  relay = new Relay();
  publisher = await relay.organization("Publisher");
  api = await publisher.api(["orders/created", "orders/paid"]);
});

const pathOf = (clientId: string): string => `/v1/apis/${api.id}/credentials/${clientId}/tokens`;

const askForToken = (body?: Json, headers: Record<string, string> = {}): Promise<Answer> =>
  publisher.call("POST", pathOf(api.credentials.clientId), { body, headers });

const publish = (token: string, channel = "orders/created"): Promise<Answer> =>
  relay.call("POST", `/v2/events/${channel}`, { token, headers: JSON_TYPE, body: { id: "1" } });

describe("an access token that a member asks for", () => {
  it("publishes for ten minutes", async () => {
    const made = await askForToken();
    expect([made.status, made.body.expiresAt]).toEqual([201, "2026-11-21T12:10:00.000Z"]);
    expect((await publish(made.body.token)).status).toBe(200);
    relay.clock.nowMs += 600_000;
    expect((await publish(made.body.token)).status).toBe(401);
  });

  it("says what one of the token endpoint says, and holds as long as was asked for", async () => {
    const { clientId, clientSecret } = api.credentials;
    const text = JSON.stringify({ grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret });
    const given = await relay.call("POST", "/v1/token", { token: null, text, headers: JSON_TYPE });
    const { jti: _, exp, ...claims } = decodeJwt(given.body.access_token);
    const { jti: __, exp: sooner, ...own } = decodeJwt((await askForToken({ ttlSeconds: 60 })).body.token);
    expect(own).toEqual(claims);
    expect([exp, sooner].map((at) => (at ?? 0) - (own.iat ?? 0))).toEqual([3600, 60]);
  });

  it("is limited to what its credentials are limited to", async () => {
    const made = await publisher.call("POST", `/v1/apis/${api.id}/credentials`, {
      body: { channels: ["orders/paid"] },
    });
    const { token } = (await publisher.call("POST", pathOf(made.body.clientId))).body;
    expect([(await publish(token, "orders/paid")).status, (await publish(token)).status]).toEqual([200, 403]);
  });

  it("is in the audit with the credentials that it is of, and is not written down", async () => {
    const { token } = (await askForToken()).body;
    const audit = await publisher.call("GET", "/v1/audit?action=credentials.token");
    expect(audit.body.data).toMatchObject([{ subject: api.credentials.clientId }]);
    expect(audit.text).not.toContain(token);
  });

  it("opens nothing of the management API", async () => {
    const { token } = (await askForToken()).body;
    expect((await relay.call("GET", "/v1/apis", { token })).status).toBe(401);
  });

  it.each([0, 3_601, 1.5, "600", null])("lasts no %j seconds", async (ttlSeconds) => {
    expect((await askForToken({ ttlSeconds })).status).toBe(422);
  });

  it("is not there for credentials that were revoked, that are another API's or an app's", async () => {
    const other = await publisher.api();
    const app = await publisher.app();
    for (const clientId of [other.credentials.clientId, app.apiKey]) {
      expect((await publisher.call("POST", pathOf(clientId))).status).toBe(404);
    }
    const { token } = (await askForToken()).body;
    await publisher.call("DELETE", `/v1/apis/${api.id}/credentials/${api.credentials.clientId}`);
    expect((await askForToken()).status).toBe(404);
    expect((await publish(token)).status).toBe(401);
  });

  it("comes again with its idempotency key for as long as it is good, and never after that", async () => {
    const key = { "Idempotency-Key": "k" };
    const { token } = (await askForToken({}, key)).body;
    relay.clock.nowMs += 599_999;
    expect((await askForToken({}, key)).body.token).toBe(token);
    relay.clock.nowMs += 1;
    const next = await askForToken({}, key);
    expect(next.status).toBe(201);
    expect((await publish(next.body.token)).status).toBe(200);
  });
});
