import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { RELAY_API_ID } from "../../../src/domain/notice.ts";
import { keepRelayApi } from "../../../src/http/notices/relay-api.ts";
import { type Answer, type Json, type Organization, Relay } from "./relay.ts";

const MINUTE_MS = 60_000;

let relay: Relay;
let publisher: Organization;
let subscriber: Organization;
let owner: Organization;
let api: Json;
let subscription: Json;
let consent: Json;

/** A subscriber asks an owner for consent, who gives it and takes it back, a minute apart. */
beforeEach(async () => {
  const db = env.REGISTRY;
  await db.batch([db.prepare("DELETE FROM notice"), db.prepare("DELETE FROM api WHERE id = ?").bind(RELAY_API_ID)]);
  await keepRelayApi(db, 0);
  relay = new Relay();
  [publisher, subscriber, owner] = [
    await relay.organization("Publisher"),
    await relay.organization("Subscriber"),
    await relay.organization("Owner"),
  ];
  api = await publisher.api(undefined, { visibility: "public", access: "consent" });
  subscription = await subscriber.subscription(api.id);
  const asked = { body: { dataOwnerId: owner.id } };
  consent = (await subscriber.call("POST", `/v1/subscriptions/${subscription.id}/consents`, asked)).body;
  for (const decision of ["grant", "revoke"]) {
    relay.clock.nowMs += MINUTE_MS;
    await owner.call("POST", `/v1/consents/${consent.id}/${decision}`, { body: {} });
  }
});

const list = (query = "", as?: Organization): Promise<Answer> =>
  as ? as.call("GET", `/v1/notices${query}`) : relay.call("GET", `/v1/notices${query}`);

/** To whom, and what. */
const told = ({ body }: Answer): [string, string][] =>
  body.data.map(({ organizationId, type }: Json) => [organizationId, type]);

describe("GET /v1/notices", () => {
  it("says what the relay told the organization", async () => {
    const { status, body } = await list("", owner);
    const data = { apiId: api.id, subscriptionId: subscription.id, consentId: consent.id, dataOwnerId: owner.id };
    expect([status, body]).toEqual([
      200,
      {
        data: [
          {
            ...{ id: expect.stringMatching(/^[\da-f-]{36}$/), at: "2026-11-21T12:00:00.000Z" },
            ...{ type: "consent.requested", data, apiTitle: api.title, organizationId: owner.id },
          },
        ],
        nextCursor: null,
      },
    ]);
  });

  it("never says what it told others", async () => {
    expect(told(await list("", subscriber))).toEqual([[subscriber.id, "consent.revoked"]]);
    expect(told(await list("", publisher))).toEqual([[publisher.id, "consent.revoked"]]);
    expect(told(await list("", await relay.organization("Stranger")))).toEqual([]);
    const refused = await list(`?organizationId=${owner.id}`, subscriber);
    expect([refused.status, refused.body.errors[0].path]).toEqual([422, "organizationId"]);
    expect(told(await list(`?organizationId=${subscriber.id}`, subscriber))).toHaveLength(1);
  });

  it("tells the operator all, newest first, or of one organization", async () => {
    expect(told(await list())).toEqual([
      [publisher.id, "consent.revoked"],
      [subscriber.id, "consent.revoked"],
      [owner.id, "consent.requested"],
    ]);
    expect(told(await list(`?organizationId=${owner.id}`))).toEqual([[owner.id, "consent.requested"]]);
  });

  it("goes on behind its cursor, and is asked for a time", async () => {
    const first = await list("?limit=2");
    expect(told(await list(`?limit=2&cursor=${first.body.nextCursor}`))).toEqual([[owner.id, "consent.requested"]]);
    expect(told(await list("?to=2026-11-21T12:01:00Z"))).toEqual([[owner.id, "consent.requested"]]);
    expect(told(await list("?from=2026-11-21T12:01:00Z"))).toHaveLength(2);
  });

  it("has nothing to say where the relay has told nothing yet", async () => {
    await env.REGISTRY.prepare("DELETE FROM api WHERE id = ?").bind(RELAY_API_ID).run();
    expect((await list()).body).toEqual({ data: [], nextCursor: null });
  });

  it("shows a notice of another version of the relay as it is", async () => {
    const [event] = relay.logs.appended;
    if (!event) throw new Error("nothing was told");
    const body = { type: "relay.tomorrow", timestamp: "2026-11-21T12:00:00.000Z", data: { moon: "full" } };
    event.body = new TextEncoder().encode(JSON.stringify(body));
    expect((await list("", owner)).body.data).toMatchObject([{ type: "relay.tomorrow", data: { moon: "full" } }]);
  });

  it("is asked again where the log does not answer, and refuses what is no time", async () => {
    expect((await list("?from=now", owner)).status).toBe(422);
    relay.logs.isDown = (_, call) => call === "listStoredEvents";
    expect((await list("", owner)).status).toBe(503);
  });
});
