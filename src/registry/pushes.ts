import { z } from "zod";
import { newId } from "../kernel/ids.ts";
import { reviseSubscriptions, type Subscribers } from "./subscription-changes.ts";

/** A change that a log has not taken yet. */
export type Push = {
  log: string;
  kind: "topic" | "subscription" | "consent";
  entityId: string;
  /** Names the change that wrote the row. */
  generation: string;
};

const PushRow = z
  .object({
    log: z.string(),
    kind: z.enum(["topic", "subscription", "consent"]),
    entity_id: z.string(),
    generation: z.string(),
  })
  .transform((row): Push => ({ log: row.log, kind: row.kind, entityId: row.entity_id, generation: row.generation }));

/**
 * Names a change behind the name of what it changes: a call that is made again after a 503 finds what the first one left
 * in the outbox.
 */
export const newGeneration = (subject: string): string => `${subject}/${newId()}`;

/** Which subscriptions: one, all of an app or of an API, those to an API of one subscriber, or those to some channels of it. */
export type Subscriptions =
  | { subscriptionId: string }
  | { appId: string }
  | { apiId: string }
  | { apiId: string; organizationId: string }
  | { apiId: string; addresses: string[] };

/** A condition on the view `subscription_log`, its values from `?2` on. */
function whichOf(which: Subscriptions): { sql: string; values: string[] } {
  if ("subscriptionId" in which) return { sql: "subscription_id = ?2", values: [which.subscriptionId] };
  if ("appId" in which) return { sql: "app_id = ?2", values: [which.appId] };
  if ("organizationId" in which) {
    const ofSubscriber = "subscription_id IN (SELECT id FROM subscription WHERE api_id = ?2 AND organization_id = ?3)";
    return { sql: `api_id = ?2 AND ${ofSubscriber}`, values: [which.apiId, which.organizationId] };
  }
  if ("addresses" in which) {
    const inChannels = "address IN (SELECT value FROM json_each(?3))";
    return { sql: `api_id = ?2 AND ${inChannels}`, values: [which.apiId, JSON.stringify(which.addresses)] };
  }
  return { sql: "api_id = ?2", values: [which.apiId] };
}

/** One row for each log and thing that `found` selects. A batch may ask twice: for the logs as they were before a change, and as they are after it. */
const writePushes = (
  db: D1Database,
  kind: Push["kind"],
  found: string,
  generation: string,
  values: string[],
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO push (log, entity_id, kind, generation, tried_ms)
       SELECT log, entity_id, '${kind}', ?1, 0 FROM (${found}) WHERE true ON CONFLICT DO NOTHING`,
    )
    .bind(generation, ...values);

/** For every log of an API: what its publishes are checked by has changed. */
export const pushTopics = (db: D1Database, apiId: string, generation: string): D1PreparedStatement =>
  writePushes(db, "topic", "SELECT log, api_id AS entity_id FROM topic_log WHERE api_id = ?2", generation, [apiId]);

/** For the logs of subscriptions as they stand at this place of the batch; nothing where no log knows them. */
export function pushSubscriptions(db: D1Database, which: Subscriptions, generation: string): D1PreparedStatement {
  const { sql, values } = whichOf(which);
  const found = `SELECT log, subscription_id AS entity_id FROM subscription_log WHERE activated_ms IS NOT NULL AND ${sql}`;
  return writePushes(db, "subscription", found, generation, values);
}

/**
 * For the logs of subscriptions that hear of them for the first time, or again: what their data owners have decided.
 * Withdrawals too: a log that a subscription had left and joins again was not told of them.
 */
export function pushConsents(db: D1Database, which: Subscriptions, generation: string): D1PreparedStatement {
  const { sql, values } = whichOf(which);
  const found = `SELECT log, subscription_id || '/' || data_owner_id AS entity_id
    FROM subscription_log JOIN consent USING (subscription_id) WHERE activated_ms IS NOT NULL AND ${sql}`;
  return writePushes(db, "consent", found, generation, values);
}

/**
 * For every log of the API: one that the subscription has left may still have events of that owner under way, and a withdrawal
 * waits for them.
 */
export function pushConsent(
  db: D1Database,
  { subscriptionId, dataOwnerId }: { subscriptionId: string; dataOwnerId: string },
  generation: string,
): D1PreparedStatement {
  const found = `SELECT log, subscription.id || '/' || ?3 AS entity_id FROM subscription JOIN topic_log USING (api_id)
    WHERE subscription.id = ?2 AND activated_ms IS NOT NULL`;
  return writePushes(db, "consent", found, generation, [subscriptionId, dataOwnerId]);
}

/** Of subscriptions whose subscribers may, or may not, see their API from now on: themselves, and what their data owners have decided. */
export const tellSubscribers = (
  db: D1Database,
  which: Subscribers,
  nowMs: number,
  generation: string,
): D1PreparedStatement[] => [
  reviseSubscriptions(db, which, nowMs),
  pushSubscriptions(db, which, generation),
  pushConsents(db, which, generation),
];

/**
 * What a change, and earlier ones of the same subject, wrote and no log has taken, at most `limit`; a log learns of a
 * subscription before its consents.
 */
export async function listPushesOf(db: D1Database, generation: string, limit: number): Promise<Push[]> {
  const subject = generation.slice(0, generation.lastIndexOf("/"));
  const { results } = await db
    .prepare(
      `SELECT log, kind, entity_id, generation FROM push WHERE generation >= ?1 || '/' AND generation < ?1 || '0'
       ORDER BY kind DESC LIMIT ?2`,
    )
    .bind(subject, limit)
    .all();
  return results.map((row) => PushRow.parse(row));
}

/** What was tried longest ago, so that a log that never answers does not hold up the others. */
export async function listOldestPushes(db: D1Database, limit: number): Promise<Push[]> {
  const { results } = await db
    .prepare("SELECT log, kind, entity_id, generation FROM push ORDER BY tried_ms, kind DESC LIMIT ?")
    .bind(limit)
    .all();
  return results.map((row) => PushRow.parse(row));
}

const asJson = (pushes: Push[]): string =>
  JSON.stringify(pushes.map((push) => [push.log, push.kind, push.entityId, push.generation]));

const NAMED = `(log, kind, entity_id, generation) IN (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'),
  json_extract(value, '$[2]'), json_extract(value, '$[3]') FROM json_each(?1))`;

/** Takes these out of the outbox; what another change wrote for the same log stays. */
export async function dropPushes(db: D1Database, pushes: Push[]): Promise<void> {
  if (pushes.length === 0) return;
  await db.prepare(`DELETE FROM push WHERE ${NAMED}`).bind(asJson(pushes)).run();
}

export async function markPushesTried(db: D1Database, pushes: Push[], nowMs: number): Promise<void> {
  if (pushes.length === 0) return;
  await db.prepare(`UPDATE push SET tried_ms = ?2 WHERE ${NAMED}`).bind(asJson(pushes), nowMs).run();
}
