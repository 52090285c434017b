import type { NewEvent } from "../../domain/event.ts";
import { type AddressedNotice, channelOf, RELAY_API_ID, subjectOf } from "../../domain/notice.ts";
import { logName, shardOf } from "../../domain/topic.ts";
import { newEventId, newId } from "../../kernel/ids.ts";
import { NOTICE_SENDINGS_PER_TICK_MAX, NOTICES_SENT_MAX } from "../../kernel/limits.ts";
import { logLine } from "../../kernel/log.ts";
import { findApi } from "../../registry/apis.ts";
import { dropNotices, listNotices } from "../../registry/notices.ts";
import { loadTopicConfig } from "../../registry/topic-config.ts";
import { listTopics, type Topic } from "../../registry/topics.ts";
import type { LogControls } from "../../topic/client.ts";

export type NoticeDeps = { db: D1Database; logs: Pick<LogControls, "append">; nowMs: number };

/** Publishes what the registry's outbox holds, in its order. What the notices' log does not take now goes with the next cron run. */
export async function sendNotices(deps: NoticeDeps): Promise<void> {
  for (let sendings = 0; sendings < NOTICE_SENDINGS_PER_TICK_MAX; sendings++) {
    const waiting = await listNotices(deps.db, NOTICES_SENT_MAX);
    const last = waiting.at(-1);
    if (!last || !(await publishNotices(deps, waiting))) return;
    await dropNotices(deps.db, last.n);
    if (waiting.length < NOTICES_SENT_MAX) return;
  }
}

/** As `sendNotices`, where nobody waits for it: a failure is logged. */
export async function sendNoticesAfterwards(deps: NoticeDeps): Promise<void> {
  try {
    await sendNotices(deps);
  } catch (error) {
    logLine("notices_failed", { error: String(error) });
  }
}

/** False: not all of them are known to be published. Whoever sends them again, all of them and in their order, doubles none. */
export async function publishNotices({ db, logs, nowMs }: NoticeDeps, notices: AddressedNotice[]): Promise<boolean> {
  const [api, config, [topic]] = await Promise.all([
    findApi(db, RELAY_API_ID),
    loadTopicConfig(db, RELAY_API_ID),
    listTopics(db, RELAY_API_ID),
  ]);
  if (!api || !config || !topic) return false;
  const byShard = Map.groupBy(notices, ({ notice }) => shardOf(subjectOf(notice), api.shards, Math.random));
  for (const [shard, group] of byShard) {
    const events = group.map((notice) => toEvent(notice, topic, shard, nowMs));
    const answer = await logs.append(logName(topic.id, shard), config, events);
    if (!answer.ok || answer.value.some(({ kind }) => kind !== "accepted")) return false;
  }
  return true;
}

const encoder = new TextEncoder();

function toEvent(
  { key, organizationId, atMs, notice }: AddressedNotice,
  topic: Topic,
  shard: number,
  nowMs: number,
): NewEvent {
  const body = { type: notice.type, timestamp: new Date(atMs).toISOString(), data: notice.data };
  return {
    id: newEventId(nowMs, { topicNumber: topic.number, shard }),
    channel: channelOf(notice),
    partitionKey: subjectOf(notice),
    dataOwnerId: organizationId,
    subscriptionId: null,
    requestId: newId(),
    originRequestId: null,
    traceparent: null,
    contentType: "application/json",
    cloudEvent: null,
    hops: 0,
    body: encoder.encode(JSON.stringify(body)),
    // The key says all: under one key there is one body.
    idempotency: { key, bodyDigest: key },
  };
}
