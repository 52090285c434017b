import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import type { LeaseCall } from "../../../src/domain/delivery.ts";
import type { NewEvent } from "../../../src/domain/event.ts";
import type { LogSubscription } from "../../../src/domain/subscription.ts";
import { isTakenOver, logName } from "../../../src/domain/topic.ts";
import { newEventId, newId } from "../../../src/kernel/ids.ts";
import { DAY_MS } from "../../../src/kernel/limits.ts";
import { topicLogs } from "../../../src/topic/client.ts";
import { BY_CONSENT, OPEN, settlesOf, subscriptionOf } from "../../support/log-fixture.ts";

const logs = topicLogs(env.TOPIC_LOG);

function newEvent(fields: Partial<NewEvent> = {}): NewEvent {
  return {
    id: newEventId(Date.now(), { topicNumber: 1, shard: 0 }),
    channel: "c",
    partitionKey: "k",
    dataOwnerId: null,
    subscriptionId: null,
    requestId: newId(),
    originRequestId: null,
    traceparent: null,
    cloudEvent: null,
    hops: 0,
    contentType: "application/json",
    body: new TextEncoder().encode('{"ü":"\\u0000"}'),
    idempotency: null,
    ...fields,
  };
}

const call = (fields: Partial<LeaseCall> = {}): LeaseCall => ({
  subscription: "s",
  slot: 0,
  token: "",
  nonce: newId(),
  ordinal: 1,
  settles: null,
  wantsMore: true,
  canReturn: true,
  ...fields,
});

async function lease(log: string, fields: Partial<LeaseCall> = {}) {
  const answer = await logs.settleAndLease(log, call(fields));
  if (!answer.ok || answer.value.kind !== "lease") throw new Error(`no lease but ${JSON.stringify(answer)}`);
  return answer.value.lease;
}

/** A subscription that nobody is woken for: the test is its only consumer. */
const quiet = async (log: string, topic = OPEN): Promise<void> => {
  await logs.putSubscription(log, topic, subscriptionOf({ id: "s" }), "earliest");
};

describe("a topic's log in workerd", () => {
  it("writes publishes that arrive together in one transaction", async () => {
    const log = logName(newId(), 0);
    const stub = env.TOPIC_LOG.getByName(log);
    await runInDurableObject(stub, async (object, state) => {
      let transactions = 0;
      const original = state.storage.transactionSync.bind(state.storage);
      state.storage.transactionSync = (work) => {
        transactions++;
        return original(work);
      };
      const appends = Array.from({ length: 50 }, () => object.append(OPEN, [newEvent()], false));
      const outcomes = (await Promise.all(appends)).flat();
      expect(outcomes.every(({ kind }) => kind === "accepted")).toBe(true);
      expect(transactions).toBe(1);
    });
  });

  it("tells of its attempts by the minute, also once it was evicted", async () => {
    const log = logName(newId(), 0);
    await quiet(log);
    await logs.append(log, OPEN, [newEvent(), newEvent()]);
    await logs.settleAndLease(log, call({ settles: settlesOf(await lease(log)), wantsMore: false }));
    await evictDurableObject(env.TOPIC_LOG.getByName(log));
    const query = { subscriptionId: "s", bucketMs: 60_000, buckets: 3 };
    const fromMs = Math.floor(Date.now() / 60_000 - 2) * 60_000;
    const answer = await logs.subscriptionHealth(log, { ...query, fromMs });
    if (!answer.ok || !answer.value) throw new Error("no answer");
    const { buckets, isComplete } = answer.value;
    expect([buckets.length, isComplete, buckets.at(-1)?.backlog]).toEqual([3, true, 0]);
    // The minute may have passed meanwhile.
    expect(buckets.flatMap(({ latenciesMs }) => latenciesMs)).toEqual([1, 1]);
    expect(buckets.reduce((sum, { attempts }) => sum + attempts, 0)).toBe(2);
    expect(await logs.subscriptionHealth(log, { ...query, subscriptionId: "stranger", fromMs })).toMatchObject({
      value: null,
    });
  });

  it("tells what it has sent, and lists events with their payloads", async () => {
    const log = logName(newId(), 0);
    await quiet(log);
    const [owned, other] = [newEvent({ dataOwnerId: "o" }), newEvent({ dataOwnerId: "p" })];
    await logs.append(log, OPEN, [owned, other]);
    await logs.settleAndLease(log, call({ settles: settlesOf(await lease(log)), wantsMore: false }));
    const range = { dataOwnerId: "o", fromMs: null, toMs: null, beforeSeq: null, limit: 10 };
    expect(await logs.listSent(log, { ...range, subscriptionId: "s" })).toMatchObject({
      value: { sent: [{ eventId: owned.id, status: "delivered" }], more: null },
    });
    const listed = await logs.listStoredEvents(log, { ...range, channel: null, partitionKey: null, requestId: null });
    expect(listed).toMatchObject({ value: { events: [{ id: owned.id, body: owned.body }], more: null } });
  });

  it("keeps events, leases and cursors when the object is evicted", async () => {
    const log = logName(newId(), 0);
    await quiet(log);
    const events = [newEvent(), newEvent()];
    await logs.append(log, OPEN, events);
    const nonce = newId();
    const before = await lease(log, { nonce });
    await evictDurableObject(env.TOPIC_LOG.getByName(log));
    const after = await lease(log, { nonce });
    expect(after.id).toBe(before.id);
    expect(after.items[0]?.events.map(({ id }) => id)).toEqual(events.map(({ id }) => id));
    expect(after.items[0]?.events[0]?.body).toEqual(events[0]?.body);
    await logs.settleAndLease(log, call({ nonce, ordinal: 2, settles: settlesOf(after) }));
    await evictDurableObject(env.TOPIC_LOG.getByName(log));
    const status = await logs.subscriptionStatus(log, "s");
    expect(status).toMatchObject({ ok: true, value: { backlog: 0, hour: { attempts: 2, failures: 0 } } });
  });

  it("hands subscriptions and half of its keys over to the shard that follows it, and tells it what it is told", async () => {
    const topicId = newId();
    const [first, second] = [logName(topicId, 0), logName(topicId, 1)];
    await quiet(first, BY_CONSENT);
    const moved = Array.from({ length: 20 }, (_, i) => `k${i}`).find((key) => isTakenOver(key, 1)) ?? "";
    const publish = async (log: string) => {
      const event = newEvent({ partitionKey: moved, dataOwnerId: "owner" });
      const answer = await logs.append(log, BY_CONSENT, [event]);
      return answer.ok ? answer.value[0]?.kind : null;
    };
    expect(await publish(first)).toBe("accepted");
    expect(await publish(second)).toBe("accepted");
    expect(await publish(first)).toBe("topic_changed");
    const consent = { subscriptionId: "s", dataOwnerId: "owner", version: 2, granted: true, expiresMs: null };
    expect(await logs.putConsent(first, consent)).toEqual({ ok: true, value: true });
    expect(await publish(second)).toBe("accepted");
    expect(await logs.subscriptionStatus(second, "s")).toMatchObject({ ok: true, value: { backlog: 1 } });
    // Its predecessor had nothing that it may deliver: the gate opens by itself.
    await vi.waitFor(async () => expect((await lease(second)).items).toHaveLength(1), {
      timeout: 10_000,
      interval: 200,
    });
    await logs.removeSubscription(first, "s", 9);
    expect(await logs.subscriptionStatus(second, "s")).toEqual({ ok: true, value: null });
  });

  it("has an alarm while there is work, and then one to forget what is old", async () => {
    const log = logName(newId(), 0);
    await quiet(log);
    const alarmOf = () => runInDurableObject(env.TOPIC_LOG.getByName(log), (_, state) => state.storage.getAlarm());
    await logs.append(log, OPEN, [newEvent()]);
    expect(await alarmOf()).toBeGreaterThan(Date.now());
    const nonce = newId();
    const only = await lease(log, { nonce });
    await logs.settleAndLease(log, call({ nonce, ordinal: 2, settles: settlesOf(only) }));
    expect(await runDurableObjectAlarm(env.TOPIC_LOG.getByName(log))).toBe(true);
    // Only to forget the event, in the time that its API keeps it.
    expect(await alarmOf()).toBeGreaterThan(Date.now() + (OPEN.retentionDays - 1) * DAY_MS);
  });

  it("answers a withdrawal only when no live lease holds that owner's events", async () => {
    const log = logName(newId(), 0);
    await quiet(log, BY_CONSENT);
    const consent = { subscriptionId: "s", dataOwnerId: "owner", expiresMs: null };
    await logs.putConsent(log, { ...consent, version: 1, granted: true });
    await logs.append(log, BY_CONSENT, [newEvent({ dataOwnerId: "owner" })]);
    const nonce = newId();
    const held = await lease(log, { nonce });
    let isAnswered = false;
    const withdrawal = logs.putConsent(log, { ...consent, version: 2, granted: false }).then(() => {
      isAnswered = true;
    });
    await logs.subscriptionStatus(log, "s");
    expect(isAnswered).toBe(false);
    await logs.settleAndLease(log, call({ nonce, ordinal: 2, settles: settlesOf(held, { failing: ["=k"] }) }));
    await withdrawal;
    expect(isAnswered).toBe(true);
    expect(await logs.subscriptionStatus(log, "s")).toMatchObject({ value: { backlog: 0 } });
  });

  it("checks filters without code generation, and logs the ones that cost too much, without what they looked at", async () => {
    const log = logName(newId(), 0);
    const filter = JSON.stringify({ properties: { data: { items: { pattern: "^(a+)+$" } } } });
    await logs.putSubscription(log, OPEN, subscriptionOf({ id: "s", filter }), "earliest");
    const lines = vi.spyOn(console, "log");
    const bodies = [["a"], ["b"], new Array(200_000).fill("a")].map((value) => JSON.stringify(value));
    const events = bodies.map((body) => newEvent({ body: new TextEncoder().encode(body) }));
    await logs.append(log, OPEN, events);
    const held = await lease(log);
    expect(held.items[0]?.events.map(({ id }) => id)).toEqual([events[0]?.id]);
    const said = lines.mock.calls.map(([line]) => String(line)).filter((line) => line.includes("filter_failed"));
    expect(JSON.parse(said[0] ?? "")).toEqual({
      what: "filter_failed",
      log,
      subscription: "s",
      exhausted: expect.any(Number),
      isBroken: false,
    });
    lines.mockRestore();
  });

  it("gives everything to a subscription of a version without filters, sent or stored", async () => {
    const log = logName(newId(), 0);
    const { filter: _, ...older } = subscriptionOf({ id: "s" });
    await logs.putSubscription(log, OPEN, older as LogSubscription, "earliest");
    const stub = env.TOPIC_LOG.getByName(log);
    await runInDurableObject(stub, (_object, { storage }) =>
      storage.sql.exec("UPDATE subscription SET config = ?", JSON.stringify(older)),
    );
    await evictDurableObject(stub);
    const event = newEvent();
    await logs.append(log, OPEN, [event]);
    expect((await lease(log)).items[0]?.events.map(({ id }) => id)).toEqual([event.id]);
  });

  it("says whether it knows the subscription of a consent", async () => {
    const log = logName(newId(), 0);
    const consent = { subscriptionId: "s", dataOwnerId: "owner", version: 1, granted: true, expiresMs: null };
    expect(await logs.putConsent(log, consent)).toEqual({ ok: true, value: false });
    await quiet(log, BY_CONSENT);
    expect(await logs.putConsent(log, consent)).toEqual({ ok: true, value: true });
    await logs.removeSubscription(log, "s", 9);
    expect(await logs.putConsent(log, { ...consent, version: 2 })).toEqual({ ok: true, value: false });
  });

  it("says so where a log after it does not know that subscription yet", async () => {
    const topicId = newId();
    const [first, second] = [logName(topicId, 0), logName(topicId, 1)];
    await quiet(first, BY_CONSENT);
    await logs.removeSubscription(second, "s", 2); // a change that the first has not heard of
    const consent = { subscriptionId: "s", dataOwnerId: "owner", version: 1, granted: true, expiresMs: null };
    expect(await logs.putConsent(first, consent)).toEqual({ ok: true, value: false });
    await logs.putSubscription(first, BY_CONSENT, subscriptionOf({ id: "s", version: 3 }), "earliest");
    expect(await logs.putConsent(first, consent)).toEqual({ ok: true, value: true });
  });

  it("writes one row an event, and one for the settle and the next lease of a batch", async () => {
    const log = logName(newId(), 0);
    await quiet(log);
    // The first batch of a day makes the day's table.
    await logs.append(log, OPEN, [newEvent()]);
    const first = await lease(log, { nonce: "first" });
    await logs.settleAndLease(log, call({ nonce: "first", ordinal: 2, settles: settlesOf(first) }));
    const stub = env.TOPIC_LOG.getByName(log);
    const rows = await runInDurableObject(stub, async (object, state) => {
      const { sql } = state.storage;
      const written: number[] = [];
      const original = sql.exec.bind(sql);
      sql.exec = ((query: string, ...bindings: unknown[]) => {
        const cursor = original(query, ...bindings);
        written.push(cursor.rowsWritten);
        return cursor;
      }) as typeof sql.exec;
      const count = async (work: () => unknown): Promise<number> => {
        written.length = 0;
        await work();
        return written.reduce((sum, n) => sum + n, 0);
      };
      const events = Array.from({ length: 10 }, () => newEvent({ partitionKey: null }));
      const appended = await count(() => object.append(OPEN, events, false));
      const nonce = newId();
      const leased = await count(() => object.settleAndLease(call({ nonce })));
      const answer = object.settleAndLease(call({ nonce }));
      if (answer.kind !== "lease") throw new Error("no lease");
      const settles = settlesOf(answer.lease);
      const settled = await count(() => object.settleAndLease(call({ nonce, ordinal: 2, settles })));
      return { appended, leased, settled };
    });
    expect(rows).toEqual({ appended: 10, leased: 1, settled: 2 });
  });
});
