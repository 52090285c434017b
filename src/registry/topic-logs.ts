import { z } from "zod";
import { logName, readLogName } from "../domain/topic.ts";
import { readEventId } from "../kernel/ids.ts";
import { nullableRow } from "./rows.ts";

const MINUTES_PER_HOUR = 60;
const LogRow = z.object({ log: z.string() });

/** Logs with an active subscription whose turn it is in this minute of the hour: each one comes up once an hour. */
export async function listLogsOfMinute(db: D1Database, minute: number, limit: number): Promise<string[]> {
  const { results } = await db
    .prepare(
      `SELECT topic_log.log FROM topic JOIN topic_log ON topic_log.topic_id = topic.id
       WHERE topic.number % ?1 = ?2 AND EXISTS (
         SELECT 1 FROM subscription WHERE subscription.api_id = topic.api_id AND subscription.status = 'active')
       LIMIT ?3`,
    )
    .bind(MINUTES_PER_HOUR, minute, limit)
    .all();
  return results.map((row) => LogRow.parse(row).log);
}

/** The names of the logs that a subscription's events come from: none while its API is hidden from the subscriber. */
export async function listSubscriptionLogs(db: D1Database, subscriptionId: string): Promise<string[]> {
  const { results } = await db
    .prepare(
      `SELECT log FROM subscription_log JOIN subscription_sight USING (subscription_id)
       WHERE subscription_id = ? AND may_see`,
    )
    .bind(subscriptionId)
    .all<{ log: string }>();
  return results.map((row) => row.log);
}

/** A log that a subscription's events come from, and what of an event's id names it. */
export type SubscribedLog = { log: string; address: string; topicNumber: number; shard: number };

const SubscribedLogRow = z
  .object({ log: z.string(), address: z.string(), number: z.number() })
  .transform(
    ({ log, address, number }): SubscribedLog => ({ log, address, topicNumber: number, shard: readLogName(log).shard }),
  );

/** As `listSubscriptionLogs`, with what tells which event is in which of them. */
export async function listSubscribedLogs(db: D1Database, subscriptionId: string): Promise<SubscribedLog[]> {
  const { results } = await db
    .prepare(
      `SELECT log, subscription_log.address, topic.number FROM subscription_log
       JOIN subscription_sight USING (subscription_id)
       JOIN topic ON topic.id = substr(log, 1, instr(log, '/') - 1)
       WHERE subscription_id = ? AND may_see`,
    )
    .bind(subscriptionId)
    .all();
  return results.map((row) => SubscribedLogRow.parse(row));
}

/** Every log of an API, those of retired channels too. */
export async function listApiLogs(db: D1Database, apiId: string): Promise<string[]> {
  const { results } = await db.prepare("SELECT log FROM topic_log WHERE api_id = ?").bind(apiId).all<{ log: string }>();
  return results.map((row) => row.log);
}

/** Where an event would be, by its id: whether it is there only the log knows. */
export type EventPlace = { log: string; apiId: string; organizationId: string };

const EventPlaceRow = z.object({ id: z.string(), api_id: z.string(), organization_id: z.string() });

/** null: no log has the number that stands in the event's id. One that is not there yet must not be asked: it would begin. */
export async function findEventPlace(db: D1Database, eventId: string): Promise<EventPlace | null> {
  const { hint } = readEventId(eventId);
  const row = nullableRow(
    EventPlaceRow,
    await db
      .prepare(
        `SELECT topic.id, topic.api_id, api.organization_id FROM topic JOIN api ON api.id = topic.api_id
         WHERE topic.number = ? AND topic.shards > ?`,
      )
      .bind(hint.topicNumber, hint.shard)
      .first(),
  );
  return row && { log: logName(row.id, hint.shard), apiId: row.api_id, organizationId: row.organization_id };
}

/** Whose log it is: a channel of an API. */
export type LogOwner = { apiId: string; organizationId: string; address: string };

const LogOwnerRow = z.object({ api_id: z.string(), organization_id: z.string(), address: z.string() }).transform(
  (row): LogOwner => ({
    apiId: row.api_id,
    organizationId: row.organization_id,
    address: row.address,
  }),
);

/** null: the API was deleted. */
export async function findLogOwner(db: D1Database, log: string): Promise<LogOwner | null> {
  const row = await db
    .prepare(
      `SELECT topic.api_id, api.organization_id, topic.address FROM topic JOIN api ON api.id = topic.api_id
       WHERE topic.id = ?`,
    )
    .bind(readLogName(log).topicId)
    .first();
  return nullableRow(LogOwnerRow, row);
}
