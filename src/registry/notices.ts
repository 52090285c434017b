import { z } from "zod";
import { type AddressedNotice, Notice, RELAY_API_ID } from "../domain/notice.ts";
import { jsonColumn } from "./rows.ts";

/** The outbox of the relay's own events. What is in it belongs to a change that was made, and was written with it. */
export type WaitingNotice = AddressedNotice & { n: number };

const NoticeRow = z
  .object({
    n: z.number(),
    key: z.string(),
    organization_id: z.string(),
    at_ms: z.number(),
    notice: jsonColumn(Notice),
  })
  .transform(
    (row): WaitingNotice => ({
      n: row.n,
      key: row.key,
      organizationId: row.organization_id,
      atMs: row.at_ms,
      notice: row.notice,
    }),
  );

/** Tells an organization of a change, with it. None of what happens to the notices' own subscriptions: each would lead to the next. */
export function writeNotice(
  db: D1Database,
  organizationId: string,
  notice: Notice,
  nowMs: number,
): D1PreparedStatement[] {
  if (notice.data.apiId === RELAY_API_ID) return [];
  return [
    db
      .prepare("INSERT INTO notice (organization_id, at_ms, notice) VALUES (?, ?, ?)")
      .bind(organizationId, nowMs, JSON.stringify(notice)),
  ];
}

/** Tells each organization that subscribes to the API, and may still see it. */
export function writeNoticeToSubscribers(db: D1Database, notice: Notice, nowMs: number): D1PreparedStatement[] {
  const { apiId } = notice.data;
  if (apiId === RELAY_API_ID) return [];
  return [
    db
      .prepare(
        `INSERT INTO notice (organization_id, at_ms, notice)
         SELECT DISTINCT organization_id, ?2, ?3 FROM subscription
         JOIN subscription_sight ON subscription_sight.subscription_id = subscription.id
         WHERE api_id = ?1 AND may_see ORDER BY organization_id`,
      )
      .bind(apiId, nowMs, JSON.stringify(notice)),
  ];
}

/** The oldest, in their order. */
export async function listNotices(db: D1Database, limit: number): Promise<WaitingNotice[]> {
  const { results } = await db
    .prepare("SELECT n, key, organization_id, at_ms, notice FROM notice ORDER BY n LIMIT ?")
    .bind(limit)
    .all();
  return results.map((row) => NoticeRow.parse(row));
}

/** Those are published. */
export async function dropNotices(db: D1Database, upTo: number): Promise<void> {
  await db.prepare("DELETE FROM notice WHERE n <= ?").bind(upTo).run();
}

/** Whom a log's notice concerns. */
export type NoticeParties = { subscriptionId: string; apiId: string; organizationId: string };

const PartiesRow = z.object({ id: z.string(), api_id: z.string(), organization_id: z.string() }).transform(
  (row): NoticeParties => ({
    subscriptionId: row.id,
    apiId: row.api_id,
    organizationId: row.organization_id,
  }),
);

/** By their ids; what was deleted is not among them. */
export async function findNoticeParties(
  db: D1Database,
  subscriptionIds: string[],
): Promise<Map<string, NoticeParties>> {
  const { results } = await db
    .prepare("SELECT id, api_id, organization_id FROM subscription WHERE id IN (SELECT value FROM json_each(?))")
    .bind(JSON.stringify(subscriptionIds))
    .all();
  return new Map(results.map((row) => PartiesRow.parse(row)).map((parties) => [parties.subscriptionId, parties]));
}
