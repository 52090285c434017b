import { describe, expect, it } from "vitest";
import {
  PUBLISHER_CACHE_FRESH_MS,
  PUBLISHER_CACHE_STALE_MS,
  PUBLISHER_QUICK_READS_MAX,
} from "../../../src/kernel/limits.ts";
import { CountedPublisher } from "./counted-publisher.ts";

describe("a warm publish", () => {
  it("reads no database and calls the log once", async () => {
    const publisher = new CountedPublisher();
    const { token } = await publisher.register();
    expect((await publisher.publish("/orders/created", token)).status).toBe(200);
    publisher.queries = 0;
    publisher.logs.calls.length = 0;
    for (let i = 0; i < 5; i++) expect((await publisher.publish("/orders/created", token)).status).toBe(200);
    expect(publisher.queries).toBe(0);
    expect(publisher.logs.calls).toHaveLength(5);
    expect(publisher.logs.appended).toHaveLength(6);
  });

  it("costs one query when the isolate does not know the publisher, and one in the background when it is stale", async () => {
    const publisher = new CountedPublisher();
    const { token } = await publisher.register();
    publisher.queries = 0;
    await publisher.publish("/orders/created", token);
    expect(publisher.queries).toBe(1);
    publisher.relay.clock.nowMs += PUBLISHER_CACHE_FRESH_MS;
    await publisher.publish("/orders/created", token);
    expect(publisher.queries).toBe(2);
    await publisher.publish("/orders/created", token);
    expect(publisher.queries).toBe(2);
  });

  it("never reaches an object for a channel that is unknown, and can't be made to read the registry at will", async () => {
    const publisher = new CountedPublisher();
    const { token } = await publisher.register();
    await publisher.publish("/orders/created", token);
    publisher.queries = 0;
    publisher.logs.calls.length = 0;
    for (let i = 0; i < 50; i++) expect((await publisher.publish(`/nowhere/${i}`, token)).status).toBe(404);
    expect(publisher.logs.calls).toEqual([]);
    expect(publisher.queries).toBe(PUBLISHER_QUICK_READS_MAX);
  });
});

describe("while the registry is away", () => {
  it("a publisher that is known goes on publishing, and one that is not is asked to come again", async () => {
    const publisher = new CountedPublisher();
    const { api, token } = await publisher.register();
    expect((await publisher.publish("/orders/created", token)).status).toBe(200);
    const stranger = await publisher.token(crypto.randomUUID());
    publisher.isRegistryAway = true;
    for (const waitedMs of [0, PUBLISHER_CACHE_FRESH_MS, PUBLISHER_CACHE_STALE_MS, 10 * PUBLISHER_CACHE_STALE_MS]) {
      publisher.relay.clock.nowMs += waitedMs;
      const fresh = await publisher.token(api.credentials.clientId);
      expect((await publisher.publish("/orders/created", fresh)).status).toBe(200);
    }
    const refused = await publisher.publish("/orders/created", stranger);
    expect(refused.status).toBe(503);
    expect(refused.headers.get("Retry-After")).not.toBeNull();
  });
});

describe("an idempotency key", () => {
  it("belongs to the channel as it is published to", async () => {
    const publisher = new CountedPublisher();
    const { token } = await publisher.register();
    for (const id of ["1", "2", "1"])
      await publisher.publish(`/orders/${id}/changed`, token, { "Idempotency-Key": "k" });
    const keys = publisher.logs.appended.map(({ idempotency }) => idempotency?.key);
    expect(keys[0]).toBe(keys[2]);
    expect(keys[0]).not.toBe(keys[1]);
  });
});

describe("credentials that were withdrawn", () => {
  it("publish nothing more once that is answered, whatever the isolate remembers", async () => {
    const publisher = new CountedPublisher();
    const organization = await publisher.relay.organization();
    const api = await organization.api();
    const made = await organization.call("POST", `/v1/apis/${api.id}/credentials`, { body: { name: "second" } });
    const token = await publisher.token(made.body.clientId);
    expect((await publisher.publish("/orders/created", token)).status).toBe(200);
    const revoked = await organization.call("DELETE", `/v1/apis/${api.id}/credentials/${made.body.clientId}`);
    expect(revoked.status).toBe(204);
    expect((await publisher.publish("/orders/created", token)).status).toBe(401);
    const first = await publisher.token(api.credentials.clientId);
    expect((await publisher.publish("/orders/created", first)).status).toBe(200);
    expect((await organization.call("DELETE", `/v1/apis/${api.id}`)).status).toBe(204);
    expect((await publisher.publish("/orders/created", first)).status).toBe(401);
    expect(publisher.logs.appended).toHaveLength(2);
  });

  it("limited to channels publish to no other", async () => {
    const publisher = new CountedPublisher();
    const organization = await publisher.relay.organization();
    const api = await organization.api(["orders/created", "orders/{id}/changed"]);
    const body = { name: "limited", channels: ["orders/{id}/changed"] };
    const made = await organization.call("POST", `/v1/apis/${api.id}/credentials`, { body });
    const token = await publisher.token(made.body.clientId);
    expect((await publisher.publish("/orders/7/changed", token)).status).toBe(200);
    expect((await publisher.publish("/orders/created", token)).status).toBe(403);
    expect(publisher.logs.appended.map(({ channel }) => channel)).toEqual(["orders/7/changed"]);
  });
});

describe("an event", () => {
  it("carries the concrete path, the correlation ids and the trace, and an id that names its log", async () => {
    const publisher = new CountedPublisher();
    const { token } = await publisher.register();
    const requestId = crypto.randomUUID();
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    await publisher.publish("/orders/a%2Fb%20c/changed", token, {
      "X-Request-Id": requestId,
      "Origin-Request-Id": "from-the-dms",
      partitionKey: "k",
      traceparent,
    });
    expect(publisher.logs.appended).toEqual([]);
    await publisher.publish("/orders/b%20c/changed", token, {
      "X-Request-Id": requestId,
      "Origin-Request-Id": "from-the-dms",
      partitionKey: "k",
      traceparent,
    });
    expect(publisher.logs.appended).toMatchObject([
      { channel: "orders/b c/changed", requestId, originRequestId: "from-the-dms", partitionKey: "k", traceparent },
    ]);
  });

  it("carries the state of its trace, as far as both are well formed", async () => {
    const publisher = new CountedPublisher();
    const { token } = await publisher.register();
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const sent = [
      { traceparent, tracestate: "rojo=1 , congo=2" },
      { traceparent, tracestate: "no state" },
      { traceparent: "00-broken", tracestate: "rojo=1" },
    ];
    for (const headers of sent) expect((await publisher.publish("/orders/created", token, headers)).status).toBe(200);
    expect(publisher.logs.appended.map(({ traceparent, tracestate }) => [traceparent, tracestate])).toEqual([
      [traceparent, "rojo=1,congo=2"],
      [traceparent, null],
      [null, null],
    ]);
  });
});
