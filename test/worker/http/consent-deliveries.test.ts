import { beforeEach, describe, expect, it } from "vitest";
import type { SentEvent, SentQuery } from "../../../src/domain/sent-events.ts";
import { type Answer, type Json, type Organization, Relay, START_MS } from "./relay.ts";

let relay: Relay;
let publisher: Organization;
let subscriber: Organization;
let owner: Organization;
let api: Json;
let consent: Json;
/** What the logs were asked. */
let asked: (SentQuery & { log: string })[];
/** What they have, all of them together. */
let sent: SentEvent[];
beforeEach(async () => {
  relay = new Relay();
  [publisher, subscriber, owner] = [
    await relay.organization("Publisher"),
    await relay.organization("Subscriber"),
    await relay.organization("Owner"),
  ];
  api = await publisher.api(["orders/created", "orders/paid"], { visibility: "public", access: "consent" });
  const { id: subscriptionId } = await subscriber.subscription(api.id, { channels: ["orders/paid"] });
  consent = (await owner.call("POST", "/v1/consents", { body: { subscriptionId } })).body;
  [asked, sent] = [[], []];
  relay.logs.sentOf = (log, query) => {
    asked.push({ ...query, log });
    return asked.length === 1 ? { sent, more: null } : null;
  };
});

const list = (query = "", as = owner): Promise<Answer> =>
  as.call("GET", `/v1/consents/${consent.id}/deliveries${query}`);

const event = (seq: number, fields: Partial<SentEvent> = {}): SentEvent => ({
  ...{ seq, eventId: `event-${seq}`, channel: "orders/paid", acceptedMs: START_MS + seq },
  ...{ status: "delivered", deliveredMs: START_MS + 1_000 },
  ...fields,
});

describe("GET /v1/consents/{id}/deliveries", () => {
  it("says which events went out, and nothing of what is in them or where they went", async () => {
    sent = [event(2), event(1, { status: "failing", deliveredMs: null })];
    const { status, body } = await list();
    expect(status).toBe(200);
    expect(body).toEqual({
      data: [
        {
          ...{ eventId: "event-2", channel: "orders/paid", acceptedAt: "2026-11-21T12:00:00.002Z" },
          ...{ status: "delivered", deliveredAt: "2026-11-21T12:00:01.000Z" },
        },
        {
          ...{ eventId: "event-1", channel: "orders/paid", acceptedAt: "2026-11-21T12:00:00.001Z" },
          ...{ status: "failing", deliveredAt: null },
        },
      ],
      nextCursor: null,
    });
  });

  it("asks every log of the API for the events of this owner, whatever else the query says", async () => {
    const stranger = crypto.randomUUID();
    await list(`?from=2026-11-21T00:00:00Z&to=2026-11-22T00:00:00Z&dataOwnerId=${stranger}`);
    expect(asked).toHaveLength(2);
    for (const query of asked) {
      expect(query).toMatchObject({ subscriptionId: consent.subscriptionId, dataOwnerId: owner.id });
      expect([query.fromMs, query.toMs]).toEqual([Date.parse("2026-11-21"), Date.parse("2026-11-22")]);
    }
  });

  it("goes on behind its cursor", async () => {
    sent = [event(3), event(2), event(1)];
    const first = await list("?limit=2");
    expect(first.body.data.map(({ eventId }: Json) => eventId)).toEqual(["event-3", "event-2"]);
    const [{ log = "" } = {}] = asked.splice(0);
    await list(`?limit=2&cursor=${first.body.nextCursor}`);
    expect(asked.find((query) => query.log === log)).toMatchObject({ beforeSeq: 2 });
  });

  it("stays readable when the consent is revoked and the API is hidden from the subscriber", async () => {
    await owner.call("POST", `/v1/consents/${consent.id}/revoke`, { body: {} });
    await publisher.call("PATCH", `/v1/apis/${api.id}`, { body: { visibility: "private" } });
    sent = [event(1)];
    expect((await list()).body.data).toHaveLength(1);
  });

  it("is the data owner's alone", async () => {
    const others = [publisher, subscriber, await relay.organization("Stranger")];
    for (const other of others) expect((await list("", other)).status).toBe(404);
    expect(asked).toEqual([]);
  });

  it("is asked again where a log does not answer, and refuses what is no time or cursor", async () => {
    for (const query of ["?from=yesterday", "?cursor=%20", "?limit=101"]) expect((await list(query)).status).toBe(422);
    relay.logs.isDown = (_, call) => call === "listSent";
    expect((await list()).status).toBe(503);
  });
});
