import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { AppendOutcome } from "../../../src/domain/append-outcome.ts";
import { BATCH, eventOf, OWNER, openPublisher, STRUCTURED } from "./cloud-events.ts";
import { CountedPublisher } from "./counted-publisher.ts";

describe("a batch", () => {
  it("goes to its log in one call, and is answered in its order", async () => {
    const { send, stored, calls } = await openPublisher();
    const before = calls.length;
    const events = ["a", "b", "c"].map((id) => eventOf({ id, data: id, partitionkey: id }));
    const { status, body } = await send(BATCH, events);
    expect(status).toBe(200);
    expect(body).toEqual({ eventIds: stored().map(({ id }) => id) });
    expect(stored().map((event) => [event.body, event.partitionKey])).toEqual([
      ['"a"', "a"],
      ['"b"', "b"],
      ['"c"', "c"],
    ]);
    expect(calls.length).toBe(before + 1);
  });

  it("of nothing is nothing", async () => {
    const { send, calls } = await openPublisher();
    const before = calls.length;
    expect(await send(BATCH, "[]")).toMatchObject({ status: 200, body: { eventIds: [] } });
    expect(calls.length).toBe(before);
  });

  it("takes its key and its owner from the headers for all events that say nothing else", async () => {
    const { send, stored } = await openPublisher();
    await send({ ...BATCH, partitionKey: "k", "Data-Owner-Id": OWNER }, [
      eventOf(),
      eventOf({ id: "2", partitionkey: "k" }),
    ]);
    expect(stored().map(({ partitionKey, dataOwnerId }) => [partitionKey, dataOwnerId])).toEqual([
      ["k", OWNER],
      ["k", OWNER],
    ]);
  });

  it("with bad events is refused as a whole, and each of them is named", async () => {
    const { send, calls } = await openPublisher();
    const before = calls.length;
    const { status, body } = await send(BATCH, [
      eventOf(),
      eventOf({ type: "" }),
      7,
      eventOf({ datacontenttype: "text/plain" }),
      eventOf({ data_base64: "*" }),
    ]);
    expect(status).toBe(400);
    expect(body.errors?.map(({ path }) => path)).toEqual(["/1/type", "/2", "/3/datacontenttype", "/4/data_base64"]);
    expect(calls.length).toBe(before);
  });

  it("with data that is no JSON is refused, and the place is said", async () => {
    const { send, calls } = await openPublisher();
    const before = calls.length;
    const { status, body } = await send(BATCH, [eventOf(), eventOf({ id: "2", data_base64: btoa("{") })]);
    expect(status).toBe(400);
    expect(body.errors).toMatchObject([{ path: "/1" }]);
    expect(calls.length).toBe(before);
  });

  it("of more events than it may have, or of no list, is refused", async () => {
    const { send } = await openPublisher();
    const events = Array.from({ length: 101 }, (_, i) => eventOf({ id: String(i) }));
    expect((await send(BATCH, events)).status).toBe(400);
    expect((await send(BATCH, events.slice(1))).status).toBe(200);
    expect((await send(BATCH, eventOf())).status).toBe(400);
  });

  it.each<[string, AppendOutcome[], number, string[]]>([
    ["a conflict", [{ kind: "companion_refused" }, { kind: "idempotency_conflict" }], 422, ["/1"]],
    ["no data owner", [{ kind: "data_owner_required" }, { kind: "data_owner_required" }], 400, ["/0", "/1"]],
    ["an unknown subscription", [{ kind: "companion_refused" }, { kind: "subscription_not_found" }], 404, ["/1"]],
  ])("that its log refuses for %s is refused for that", async (_, outcomes, status, paths) => {
    const { publisher, send } = await openPublisher();
    publisher.logs.append = async () => ({ ok: true, value: outcomes });
    const answer = await send(BATCH, [eventOf(), eventOf({ id: "2" })]);
    expect(answer.status).toBe(status);
    expect(answer.body.errors?.map(({ path }) => path)).toEqual(paths);
  });

  it("for which a log has no room is refused with 507, and not to be repeated at once", async () => {
    const { publisher, send } = await openPublisher();
    publisher.logs.append = async () => ({ ok: true, value: [{ kind: "storage_full" }, { kind: "storage_full" }] });
    const answer = await send(BATCH, [eventOf({ id: "1" }), eventOf({ id: "2" })]);
    expect([answer.status, answer.headers.get("Retry-After")]).toEqual([507, null]);
    expect(answer.body.type).toMatch(/\/problems\/storage-full$/);
  });

  it("that a log does not take is to be repeated", async () => {
    const { publisher, send } = await openPublisher();
    publisher.logs.append = async () => ({ ok: false, error: { reason: "log_unavailable" } });
    const answer = await send(BATCH, [eventOf()]);
    expect(answer.status).toBe(503);
    expect(answer.body.errors).toBeUndefined();
  });
});

describe("a batch for a topic of several logs", () => {
  async function openSharded() {
    const opened = await openPublisher();
    await env.REGISTRY.prepare("UPDATE topic SET shards = 8").run();
    return opened;
  }

  const events = Array.from({ length: 30 }, (_, i) =>
    eventOf({ id: `${i}`, data: i, ...(i % 2 && { partitionkey: `k${i}` }) }),
  );

  it("goes to each of them in one call, and is answered in its own order", async () => {
    const { send, stored, calls } = await openSharded();
    const before = calls.length;
    const { body } = await send(BATCH, events);
    const logs = calls.slice(before);
    expect(logs.length).toBeGreaterThan(1);
    expect(new Set(logs).size).toBe(logs.length);
    const dataOf = new Map(stored().map((event) => [event.id, event.body]));
    expect(body.eventIds?.map((id) => dataOf.get(id))).toEqual(events.map((_, i) => String(i)));
  });

  it("comes to the same ones when it is repeated, events without a key too", async () => {
    const { send, calls } = await openSharded();
    const before = calls.length;
    await send(BATCH, events);
    const first = calls.slice(before).toSorted();
    await send(BATCH, events);
    expect(calls.slice(before + first.length).toSorted()).toEqual(first);
  });

  it("is to be repeated where one of them does not answer", async () => {
    const { publisher, send, calls } = await openSharded();
    const before = calls.length;
    let asked = 0;
    publisher.logs.isDown = () => ++asked === 1;
    expect((await send(BATCH, events)).status).toBe(503);
    expect(calls.length).toBeGreaterThan(before + 1);
  });
});

describe("checked against its channel's messages", () => {
  const document = JSON.stringify({
    asyncapi: "2.6.0",
    info: { title: "Checked", version: "1" },
    channels: {
      "orders/created": { subscribe: { message: { name: "Order", payload: { type: "object", required: ["n"] } } } },
    },
  });

  it("is the data: in a batch each violation has its place in the batch", async () => {
    const publisher = new CountedPublisher();
    const { token, patch } = await publisher.registerDocument(document, { validation: "enforce" });
    const send = (headers: Record<string, string>, body: unknown) =>
      publisher.publish("/orders/created", token, headers, JSON.stringify(body));
    expect((await send(STRUCTURED, eventOf({ data: { n: 1 } }))).status).toBe(200);
    const single = await send(STRUCTURED, eventOf({ n: "1", data: {} }));
    expect(single.status).toBe(422);
    expect(await single.json()).toMatchObject({ errors: [{ path: "" }] });
    const batch = [eventOf({ data: { n: 1 } }), eventOf({ id: "2" }), eventOf({ id: "3", data: {} })];
    const refused = await send(BATCH, batch);
    expect(refused.status).toBe(422);
    expect(await refused.json()).toMatchObject({ errors: [{ path: "/1/data" }, { path: "/2/data" }] });
    await patch({ validation: "warn" });
    const warned = await send(BATCH, batch);
    expect(warned.status).toBe(200);
    expect(warned.headers.get("Event-Validation")).toBe('invalid; message="Order"; path="/1/data"');
    expect(publisher.logs.appended.slice(1).map(({ invalid }) => invalid)).toEqual([undefined, "marked", "marked"]);
  });
});
