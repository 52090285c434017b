import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from "vitest";
import type { LeaseAnswer } from "../../../src/domain/delivery.ts";
import type { NewEvent } from "../../../src/domain/event.ts";
import { logName } from "../../../src/domain/topic.ts";
import { newEventId, newId } from "../../../src/kernel/ids.ts";
import { topicLogs } from "../../../src/topic/client.ts";
import { TopicLog } from "../../../src/topic/topic-log.ts";
import { OPEN, settlesOf, subscriptionOf } from "../../support/log-fixture.ts";

const logs = topicLogs(env.TOPIC_LOG);
const TRACE = "0af7651916cd43dd8448eb211c80319c";

const newEvent = (fields: Partial<NewEvent> = {}): NewEvent => ({
  ...{ id: newEventId(Date.now(), { topicNumber: 1, shard: 0 }), channel: "c", partitionKey: null, dataOwnerId: null },
  ...{ subscriptionId: null, requestId: newId(), originRequestId: null, traceparent: null, cloudEvent: null, hops: 0 },
  ...{ contentType: "application/json", body: new TextEncoder().encode("{}"), idempotency: null },
  ...fields,
});

const call = (fields: object) => ({
  ...{ subscription: "s", slot: 0, token: "", nonce: "n", ordinal: 1, settles: null, wantsMore: true, canReturn: true },
  ...fields,
});

const leaseIn = (answer: LeaseAnswer) => {
  if (answer.kind !== "lease") throw new Error(`no lease but ${answer.kind}`);
  return answer.lease;
};

let lines: MockInstance<typeof console.log>;
beforeEach(() => {
  lines = vi.spyOn(console, "log").mockImplementation(() => {});
});
afterEach(() => void lines.mockRestore());

const linesOf = (what: string): unknown[] =>
  lines.mock.calls.map(([line]) => JSON.parse(String(line))).filter((line) => line.what === what);

/** An object whose deployment has this dataset, over the storage of one that has none. */
async function withDataset(
  writeDataPoint: AnalyticsEngineDataset["writeDataPoint"],
  work: (object: TopicLog) => Promise<void>,
): Promise<void> {
  const stub = env.TOPIC_LOG.getByName(logName(newId(), 0));
  await runInDurableObject(stub, async (_, state) => {
    const object = new TopicLog(state, { ...env, METRICS: { writeDataPoint } });
    // It opens its log first.
    await scheduler.wait(0);
    await work(object);
  });
  // The object that stands beside it knows nothing of what is stored now, and must not see the alarm.
  await evictDurableObject(stub);
}

describe("a log's metrics", () => {
  it("say what became of the events that publishers sent", async () => {
    const log = logName(newId(), 0);
    const repeated = { key: "k", bodyDigest: "one" };
    await logs.append(log, OPEN, [newEvent({ idempotency: repeated })]);
    await logs.append(log, OPEN, [newEvent({ idempotency: { ...repeated, bodyDigest: "another" } })]);
    await logs.append(log, OPEN, [newEvent({ invalid: "marked" }), newEvent()]);
    await logs.append(log, { ...OPEN, version: 9 }, [newEvent()]);
    await logs.append(log, OPEN, [newEvent()]);
    const metrics = await logs.metrics(log);
    expect(metrics).toMatchObject({
      value: {
        outcomes: { accepted: 4, idempotency_conflict: 1, topic_changed: 1 },
        counts: { batches: 5, appendCalls: 5, appendRetries: 0, invalid: 1, bodyBytes: 8 },
        gauges: { lastSeq: 4, storageBytes: expect.any(Number) },
      },
    });
  });

  it("count the runs of its alarm, and begin anew when the object does", async () => {
    const log = logName(newId(), 0);
    await logs.putSubscription(log, OPEN, subscriptionOf({ id: "s" }), "earliest");
    await logs.append(log, OPEN, [newEvent()]);
    await runDurableObjectAlarm(env.TOPIC_LOG.getByName(log));
    const before = await logs.metrics(log);
    expect(before).toMatchObject({ value: { counts: { alarmRuns: 1, alarmFailures: 0, batches: 1 } } });
    await evictDurableObject(env.TOPIC_LOG.getByName(log));
    const after = await logs.metrics(log);
    expect(after).toMatchObject({ value: { outcomes: {}, counts: { batches: 0 }, gauges: { lastSeq: 1 } } });
    expect(after.ok && before.ok && after.value.startedMs > before.value.startedMs).toBe(true);
  });

  it("cost no row, and no statement but one", async () => {
    const log = logName(newId(), 0);
    await logs.append(log, OPEN, [newEvent()]);
    await runInDurableObject(env.TOPIC_LOG.getByName(log), (object, state) => {
      const exec = vi.spyOn(state.storage.sql, "exec");
      object.metrics();
      const cursors = exec.mock.results.map(({ value }) => value as SqlStorageCursor<never>);
      expect(cursors.map(({ rowsWritten }) => rowsWritten)).toEqual([0]);
      exec.mockRestore();
    });
  });
});

describe("a group commit", () => {
  it("is one line, which names its requests and traces and nothing of its payloads", async () => {
    const log = logName(newId(), 0);
    const traceparent = `00-${TRACE}-b7ad6b7169203331-01`;
    const event = newEvent({
      traceparent,
      body: new TextEncoder().encode('{"the":"payload"}'),
      partitionKey: "the key",
    });
    await logs.append(log, OPEN, [event]);
    expect(linesOf("append")).toEqual([
      {
        ...{ what: "append", log, calls: 1, events: 1, accepted: 1, invalid: 0, bodyBytes: 17, retries: 0, lastSeq: 1 },
        ...{ requestIds: event.requestId, traceIds: TRACE, lastEventId: event.id },
      },
    ]);
  });
});

describe("where a dataset is bound", () => {
  const points: unknown[] = [];
  const record = (point: unknown): void => void points.push(point);
  beforeEach(() => void points.splice(0));

  it("a log writes one point for all that is committed together", () =>
    withDataset(record, async (object) => {
      await Promise.all(Array.from({ length: 20 }, () => object.append(OPEN, [newEvent()], false)));
      expect(points).toMatchObject([{ blobs: ["append", "publisher", ""], doubles: [20, 20, 20, 0, 40, 0] }]);
    }));

  it("and one for each settled lease, however often it is told of it", () =>
    withDataset(record, async (object) => {
      object.putSubscription(OPEN, subscriptionOf({ id: "s" }), "earliest");
      await object.append(OPEN, [newEvent({ partitionKey: "a" }), newEvent({ partitionKey: "b" })], false);
      const lease = leaseIn(object.settleAndLease(call({})));
      const settle = call({ ordinal: 2, settles: settlesOf(lease, { failing: ["=b"] }), wantsMore: false });
      object.settleAndLease(settle);
      object.settleAndLease(settle);
      object.settleAndLease(call({ nonce: "other" }));
      expect(points.slice(1)).toMatchObject([{ blobs: ["settle", "publisher", "s"], doubles: [2, 1, 1, 0, 2, 1] }]);
    }));

  it("a log works on when the dataset does not", () => {
    const fail = (): void => {
      throw new Error("the dataset is broken");
    };
    return withDataset(fail, async (object) => {
      expect(await object.append(OPEN, [newEvent()], false)).toMatchObject([{ kind: "accepted" }]);
      expect(linesOf("data_point_not_written")).toMatchObject([{ error: "Error: the dataset is broken" }]);
    });
  });
});
