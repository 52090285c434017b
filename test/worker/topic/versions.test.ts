import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { logName } from "../../../src/domain/topic.ts";
import { newEventId, newId } from "../../../src/kernel/ids.ts";
import { topicLogs } from "../../../src/topic/client.ts";
import calls1 from "../../fixtures/versions/log-1/calls.json";
import calls2 from "../../fixtures/versions/log-2/calls.json";
import calls3 from "../../fixtures/versions/log-3/calls.json";
import calls6 from "../../fixtures/versions/log-6/calls.json";
import { Relay } from "../http/relay.ts";

/** A log is an object in workerd, as callers of other versions meet it. */
const VERSIONS = { 1: calls1, 2: calls2, 3: calls3, 6: calls6 };

type Method = (...values: unknown[]) => Promise<unknown>;

/** Calls a method as another version would: with what that version knew of. */
const callAs = (log: string, method: string, ...values: unknown[]): Promise<unknown> =>
  (env.TOPIC_LOG.getByName(log) as unknown as Record<string, Method>)[method]?.(...values) ?? Promise.resolve();

const bytesOf = (event: { body: { base64: string } }) => ({
  ...event,
  body: Uint8Array.from(atob(event.body.base64), (char) => char.charCodeAt(0)),
});

describe.each(Object.entries(VERSIONS))("an isolate of version %s at a log of today", (_, said) => {
  it("subscribes, publishes, leases and settles", async () => {
    const log = logName(newId(), 0);
    await callAs(log, "putTopic", said.topic);
    await callAs(log, "putSubscription", said.topic, { ...said.subscription, target: null }, "earliest");
    expect(await callAs(log, "append", said.topic, [bytesOf(said.event)], false)).toEqual([
      { kind: "accepted", eventId: "event-1" },
    ]);
    // With an endpoint only now: nobody is woken before this caller asks.
    await callAs(log, "putSubscription", said.topic, { ...said.subscription, version: 2 }, "earliest");
    const ask = { ...said.call, ordinal: 1, settles: null };
    const leased = (await callAs(log, "settleAndLease", ask)) as typeof said.lease;
    expect(leased).toMatchObject({ kind: "lease", lease: { items: [{ key: "=k", events: [{ id: "event-1" }] }] } });
    const settles = { ...said.call.settles, leaseId: leased.lease.id };
    await callAs(log, "settleAndLease", { ...said.call, settles });
    expect(await callAs(log, "subscriptionStatus", "s")).toMatchObject({ backlog: 0, dead: 0 });
  });

  it("does not make the log forget: it says nothing of how long events are kept", async () => {
    const log = logName(newId(), 0);
    const id = newEventId(Date.now(), { topicNumber: 1, shard: 0 });
    await callAs(log, "append", said.topic, [{ ...bytesOf(said.event), id }], false);
    await callAs(log, "putTopic", { ...said.topic, version: 2 });
    await runDurableObjectAlarm(env.TOPIC_LOG.getByName(log));
    expect(await topicLogs(env.TOPIC_LOG).readEvent(log, id)).toMatchObject({ ok: true, value: { hops: 0 } });
  });
});

/** The logs as objects that do not have these methods yet: a deployment reaches isolates before objects. */
const logsWithout = (...missing: string[]) =>
  topicLogs({
    getByName: (name: string) =>
      new Proxy(env.TOPIC_LOG.getByName(name), {
        get: (stub, method) =>
          Reflect.get(stub, missing.includes(String(method)) ? `${String(method)}OfTomorrow` : method),
      }),
  } as typeof env.TOPIC_LOG);

describe("an isolate of today at a log that does not have its methods yet", () => {
  it("gets no answer, and the others as ever", async () => {
    const logs = logsWithout("listDeliveries");
    const log = logName(newId(), 0);
    const query = { subscriptionId: "s", status: null, partitionKey: null, fromMs: null, toMs: null, beforeSeq: null };
    expect(await logs.listDeliveries(log, { ...query, limit: 1 })).toEqual({
      ok: false,
      error: { reason: "log_unavailable" },
    });
    expect(await logs.subscriptionStatus(log, "s")).toEqual({ ok: true, value: null });
  });

  it("says 503 with Retry-After", async () => {
    const relay = new Relay();
    const older = logsWithout("listDeliveries", "retryDead");
    Object.assign(relay.logs, { listDeliveries: older.listDeliveries, retryDead: older.retryDead });
    const [publisher, subscriber] = [await relay.organization(), await relay.organization()];
    const api = await publisher.api(["orders"], { visibility: "public" });
    const { id } = await subscriber.subscription(api.id);
    const calls = [
      ["GET", `/v1/subscriptions/${id}/deliveries`],
      ["POST", `/v1/subscriptions/${id}/retry-dead`],
    ] as const;
    for (const [method, path] of calls) {
      const answer = await subscriber.call(method, path, method === "POST" ? { body: {} } : {});
      expect([answer.status, answer.headers.get("Retry-After")]).toEqual([503, "1"]);
      expect(answer.body.type).toBe("https://relay.test/problems/log-unavailable");
    }
  });

  it("shows a subscription's status as far as the log tells", async () => {
    const relay = new Relay();
    const told = topicLogs({ getByName: () => ({ subscriptionStatus: async () => calls1.status }) } as never);
    relay.logs.subscriptionStatus = (log, subscription) => told.subscriptionStatus(log, subscription);
    const publisher = await relay.organization();
    const api = await publisher.api(["orders"]);
    const { id } = await publisher.subscription(api.id);
    const answer = await publisher.call("GET", `/v1/subscriptions/${id}`);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ backlog: 1, blockedKeys: 1, blocked: [], circuit: { state: "closed" } });
  });
});
