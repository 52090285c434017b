import { z } from "zod";
import { newId } from "../kernel/ids.ts";

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

// A batch may ask twice: for the logs as they were before a change, and as they are after it.
const ONCE = "ON CONFLICT DO NOTHING";

/** For the logs of a subscription as it stands at this place of the batch; nothing where no log knows it. */
export function pushSubscription(db: D1Database, subscriptionId: string, generation: string): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO push (log, kind, entity_id, generation, tried_ms)
       SELECT log, 'subscription', subscription_id, ?2, 0 FROM subscription_log
       WHERE subscription_id = ?1 AND activated_ms IS NOT NULL ${ONCE}`,
    )
    .bind(subscriptionId, generation);
}

/** For all subscriptions of an app or an API, as `pushSubscription`. */
export function pushSubscriptionsOf(
  db: D1Database,
  owner: { appId: string } | { apiId: string },
  generation: string,
): D1PreparedStatement {
  const appId = "appId" in owner ? owner.appId : null;
  const apiId = "apiId" in owner ? owner.apiId : null;
  return db
    .prepare(
      `INSERT INTO push (log, kind, entity_id, generation, tried_ms)
       SELECT log, 'subscription', subscription_id, ?3, 0 FROM subscription_log
       WHERE (app_id = ?1 OR api_id = ?2) AND activated_ms IS NOT NULL ${ONCE}`,
    )
    .bind(appId, apiId, generation);
}

/** Whose subscriptions to an API: those of one organization, or of all. */
type Subscribers = { apiId: string; organizationId: string | null };

/**
 * For the logs of subscriptions whose subscribers may, or may not, see their API from now on: the subscriptions, each with a
 * new revision, and what their data owners have decided.
 */
export function tellSubscribers(
  db: D1Database,
  { apiId, organizationId }: Subscribers,
  nowMs: number,
  generation: string,
): D1PreparedStatement[] {
  const revise = `UPDATE subscription SET revision = revision + 1, updated_ms = ?3
    WHERE api_id = ?1 AND (?2 IS NULL OR organization_id = ?2)`;
  const ofSubscribers = `subscription_log.activated_ms IS NOT NULL AND subscription_log.subscription_id IN
    (SELECT id FROM subscription WHERE api_id = ?1 AND (?2 IS NULL OR organization_id = ?2))`;
  const pushSubscriptions = `INSERT INTO push (log, kind, entity_id, generation, tried_ms)
    SELECT log, 'subscription', subscription_id, ?3, 0 FROM subscription_log WHERE ${ofSubscribers} ${ONCE}`;
  const pushConsents = `INSERT INTO push (log, kind, entity_id, generation, tried_ms)
    SELECT log, 'consent', subscription_id || '/' || data_owner_id, ?3, 0
    FROM subscription_log JOIN consent USING (subscription_id) WHERE ${ofSubscribers} ${ONCE}`;
  return [
    db.prepare(revise).bind(apiId, organizationId, nowMs),
    ...[pushSubscriptions, pushConsents].map((push) => db.prepare(push).bind(apiId, organizationId, generation)),
  ];
}

/** For the logs of these channels of an API, which are new to it: its subscriptions, as `pushSubscription`. */
export function pushSubscriptionsTo(
  db: D1Database,
  apiId: string,
  addresses: string[],
  generation: string,
): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO push (log, kind, entity_id, generation, tried_ms)
       SELECT log, 'subscription', subscription_id, ?3, 0 FROM subscription_log
       WHERE api_id = ?1 AND address IN (SELECT value FROM json_each(?2)) AND activated_ms IS NOT NULL ${ONCE}`,
    )
    .bind(apiId, JSON.stringify(addresses), generation);
}

/** For every log of an API: what its publishes are checked by has changed. */
export function pushTopics(db: D1Database, apiId: string, generation: string): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO push (log, kind, entity_id, generation, tried_ms)
       SELECT log, 'topic', api_id, ?2, 0 FROM topic_log WHERE api_id = ?1 ${ONCE}`,
    )
    .bind(apiId, generation);
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
  return db
    .prepare(
      `INSERT INTO push (log, kind, entity_id, generation, tried_ms)
       SELECT topic_log.log, 'consent', ?1 || '/' || ?2, ?3, 0 FROM subscription JOIN topic_log USING (api_id)
       WHERE subscription.id = ?1 AND subscription.activated_ms IS NOT NULL ${ONCE}`,
    )
    .bind(subscriptionId, dataOwnerId, generation);
}

/**
 * For the logs of a subscription that hear of it for the first time, or again: what its data owners have decided. Withdrawals
 * too: a log that it had left and joins again was not told of them.
 */
export function pushConsentsOf(db: D1Database, subscriptionId: string, generation: string): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO push (log, kind, entity_id, generation, tried_ms)
       SELECT subscription_log.log, 'consent', consent.subscription_id || '/' || consent.data_owner_id, ?2, 0
       FROM consent JOIN subscription_log ON subscription_log.subscription_id = consent.subscription_id
       WHERE consent.subscription_id = ?1 AND subscription_log.activated_ms IS NOT NULL ${ONCE}`,
    )
    .bind(subscriptionId, generation);
}

/** For the same logs as `pushSubscriptionsTo`, as `pushConsentsOf`. */
export function pushConsentsTo(
  db: D1Database,
  apiId: string,
  addresses: string[],
  generation: string,
): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO push (log, kind, entity_id, generation, tried_ms)
       SELECT subscription_log.log, 'consent', consent.subscription_id || '/' || consent.data_owner_id, ?3, 0
       FROM subscription_log JOIN consent ON consent.subscription_id = subscription_log.subscription_id
       WHERE subscription_log.api_id = ?1 AND subscription_log.address IN (SELECT value FROM json_each(?2))
         AND subscription_log.activated_ms IS NOT NULL ${ONCE}`,
    )
    .bind(apiId, JSON.stringify(addresses), generation);
}

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
