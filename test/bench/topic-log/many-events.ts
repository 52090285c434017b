import type { LeaseAnswer, LeaseCall } from "../../../src/domain/delivery.ts";
import { DAY_MS } from "../../../src/kernel/limits.ts";
import { putSubscription, removeSubscription } from "../../../src/topic/engine/controls.ts";
import { retryDead, skipDelivery } from "../../../src/topic/engine/delivery-controls.ts";
import { forgetOld } from "../../../src/topic/engine/retention.ts";
import { lookAfterAll } from "../../../src/topic/engine/upkeep.ts";
import { listDeliveries } from "../../../src/topic/queries/deliveries.ts";
import { findEvent, listEvents } from "../../../src/topic/queries/events.ts";
import { measureStatus } from "../../../src/topic/queries/status.ts";
import { transact } from "../../../src/topic/state/open-log.ts";
import type { Operation, Scenario } from "./scenario.ts";
import { type Cost, keyOf, type Stage } from "./stage.ts";

/** Subscriptions with a backlog of all events, one whose every key has failed, one that has given all of them up. */
const READERS = ["reader-1", "reader-2", "reader-3"];
const FAILING = "failing";
const GIVEN_UP = "given-up";

const [READER = ""] = READERS;
const PAGE = 100;
const TOGETHER = 100;
const RETRY_SLOT = 1;

/** A log of many events, each with a key of its own. */
export const MANY_EVENTS: Scenario = {
  name: "events",
  grow(stage, from, to) {
    if (from === 0) for (const id of [...READERS, FAILING, GIVEN_UP]) stage.subscribe({ id });
    stage.fill(to);
    stage.fail(FAILING, from, to);
    stage.bury(GIVEN_UP, from, to);
  },
  operations: operations(),
};

function operations(): Operation[] {
  return [
    {
      name: "append an event",
      measure: (stage) => stage.measure(200, () => stage.append([stage.event({ partitionKey: newKey() })])),
    },
    {
      name: `append ${TOGETHER} together`,
      measure: (stage) =>
        stage.measure(20, () =>
          stage.append(Array.from({ length: TOGETHER }, () => stage.event({ partitionKey: newKey() }))),
        ),
    },
    { name: "lease and settle 100 of the backlog", measure: leaseBacklog },
    { name: "retry a failing key", measure: (stage) => settleRetries(stage, false) },
    { name: "deliver a key that had failed", measure: (stage) => settleRetries(stage, true) },
    { name: "lease past 100 events of blocked keys", measure: leasePastBlocked },
    {
      name: "status, all events outstanding",
      measure: (stage) => stage.measure(10, () => measureStatus(stage.log, READER)),
    },
    {
      name: "status, all keys blocked",
      measure: (stage) => stage.measure(10, () => measureStatus(stage.log, FAILING)),
    },
    { name: "newest 100 events", measure: (stage) => stage.measure(50, () => listEvents(stage.log, eventQuery())) },
    {
      name: "search for a key's events",
      measure: (stage) => stage.measure(10, () => listEvents(stage.log, eventQuery({ partitionKey: keyOf(1) }))),
    },
    {
      name: "find an event by its id",
      measure: (stage, events) => stage.measure(50, (i) => findEvent(stage.log, someId(stage, events, i))),
    },
    {
      name: "newest 100 deliveries",
      measure: (stage) => stage.measure(20, () => listDeliveries(stage.log, deliveryQuery(READER))),
    },
    {
      name: "100 failing deliveries",
      measure: (stage) => stage.measure(10, () => listDeliveries(stage.log, deliveryQuery(FAILING, "failing"))),
    },
    {
      name: "skip an event",
      measure: (stage, events) => stage.measure(50, (i) => skipDelivery(stage.log, READER, events - i)),
    },
    { name: "bring 1,000 dead ones back", measure: bringBack },
    { name: "seek to a time", measure: seek },
    {
      name: "the alarm",
      measure(stage) {
        // The first one of an instance looks among all lanes for the oldest event, to know when it is late.
        lookAfterAll(stage.log);
        return stage.measure(20, () => lookAfterAll(stage.log));
      },
    },
    { name: "open the log", measure: (stage) => stage.measure(10, () => stage.reopen()) },
    { name: "forget all events", measure: forget },
  ];
}

let keys = 0;
const newKey = (): string => `new-${++keys}`;

const someId = (stage: Stage, events: number, i: number): string => {
  const row = stage.log.events.describe(1 + ((i * 7_919) % events));
  return row?.id ?? "";
};

const eventQuery = (fields: { partitionKey?: string } = {}) => ({
  ...{ channel: null, partitionKey: null, dataOwnerId: null, requestId: null },
  ...{ fromMs: null, toMs: null, beforeSeq: null, limit: PAGE },
  ...fields,
});

const deliveryQuery = (subscriptionId: string, status: "failing" | null = null) => ({
  ...{ subscriptionId, status, partitionKey: null },
  ...{ fromMs: null, toMs: null, beforeSeq: null, limit: PAGE },
});

/** What a consumer reports that has tried all of a lease, each event with this outcome. */
function settlesOf(answer: LeaseAnswer, delivered: boolean): NonNullable<LeaseCall["settles"]> {
  if (answer.kind !== "lease") throw new Error(`no lease but ${answer.kind}`);
  const { id: leaseId, epoch, items } = answer.lease;
  const attempt = { ...{ atMs: 0, delivered, status: delivered ? 204 : 503, ms: 20, excerpt: "" }, gone: false };
  const reports = items.map(({ key, events }) => ({
    key,
    attempts: events.map(({ seq }) => ({
      ...{ ...attempt, seq, error: delivered ? null : ("status" as const), retryAfterSeconds: null },
    })),
  }));
  return { leaseId, epoch, reports };
}

/** The window has grown to its bound by then. */
const WARM_UP_CALLS = 4;
const MEASURED_CALLS = 5;

function leaseBacklog(stage: Stage): Promise<Cost> {
  let answer: LeaseAnswer = { kind: "done" };
  const settle = (subscription: string, nonce: string, ordinal: number): void => {
    answer = stage.call(subscription, { nonce, ordinal, settles: settlesOf(answer, true) });
  };
  const ordinals = MEASURED_CALLS + 1;
  return stage.measure(
    READERS.length * MEASURED_CALLS,
    (i) => settle(READERS[Math.floor(i / MEASURED_CALLS)] ?? "", "lease", ordinals + (i % MEASURED_CALLS)),
    (i) => {
      if (i % MEASURED_CALLS > 0) return;
      const reader = READERS[i / MEASURED_CALLS] ?? "";
      answer = stage.call(reader, { nonce: "lease" });
      for (let ordinal = 2; ordinal < 2 + WARM_UP_CALLS; ordinal++) settle(reader, "lease", ordinal);
    },
  );
}

/** The retry slot's lease of one key is settled, and another taken. */
async function settleRetries(stage: Stage, delivered: boolean): Promise<Cost> {
  let ordinal = 1;
  const call = { slot: RETRY_SLOT, nonce: `retry, ${delivered}` };
  let answer: LeaseAnswer = stage.call(FAILING, call);
  const settle = (isDelivered: boolean, wantsMore = true): void => {
    const settles = settlesOf(answer, isDelivered);
    answer = stage.call(FAILING, { ...call, ordinal: ++ordinal, settles, wantsMore });
  };
  settle(false);
  const cost = await stage.measure(
    20,
    () => settle(delivered),
    // After a failure a lease is one event.
    () => settle(false),
  );
  settle(false, false);
  return cost;
}

function leasePastBlocked(stage: Stage, events: number): Promise<Cost> {
  return stage.measure(
    10,
    () => stage.call(FAILING),
    (i) => {
      stage.passTo(FAILING, stage.log.events.lastSeq);
      const blocked = Array.from({ length: TOGETHER }, (_, j) => keyOf(events - i * TOGETHER - j));
      stage.append(blocked.map((partitionKey) => stage.event({ partitionKey })));
    },
  );
}

function bringBack(stage: Stage): Promise<Cost> {
  return stage.measure(1, () => {
    const brought = retryDead(stage.log, GIVEN_UP, { fromMs: null, toMs: null, channel: null });
    if (brought?.retried !== 1_000) throw new Error(`${brought?.retried} were brought back`);
  });
}

function seek(stage: Stage, events: number): Promise<Cost> {
  const toMs = stage.log.events.acceptedMs(Math.floor(events / 2)) ?? 0;
  const config = stage.log.subscriptions.get(READER)?.config;
  if (!config) throw new Error("nobody to seek for");
  return stage.measure(5, (i) => {
    const seekTo = { n: i + 1, toMs, toEventId: null };
    putSubscription(stage.log, stage.topic, { ...config, version: 2 + i, seek: seekTo }, "latest");
  });
}

function forget(stage: Stage): Promise<Cost> {
  for (const id of [...READERS, FAILING, GIVEN_UP]) removeSubscription(stage.log, id, 100);
  stage.nowMs += ((stage.topic.retentionDays ?? 0) + 1) * DAY_MS;
  return stage.measure(1, () => transact(stage.log, () => forgetOld(stage.log)));
}
