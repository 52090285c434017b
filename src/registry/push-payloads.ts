import { z } from "zod";
import type { LogConsent } from "../domain/consent.ts";
import type { LogSubscription, RateLimit, StartPosition } from "../domain/subscription.ts";
import type { TopicConfig } from "../domain/topic.ts";
import { RATE_PER_SECOND_MIN } from "../kernel/limits.ts";
import { ConsentStatus } from "./consents.ts";
import { jsonColumn, nullableRow } from "./rows.ts";
import { findSubscription } from "./subscriptions.ts";
import { loadTopicConfig } from "./topic-config.ts";
import { listSubscriptionLogs } from "./topic-logs.ts";

/** A subscription as its logs have to know it now. */
export type SubscriptionPayload = {
  topic: TopicConfig;
  subscription: LogSubscription;
  start: StartPosition;
  /** The logs that its events come from. Every other log must not know it. */
  logs: Set<string>;
};

/** null: the subscription was deleted. */
export async function loadSubscriptionPayload(
  db: D1Database,
  subscriptionId: string,
): Promise<SubscriptionPayload | null> {
  const row = await findSubscription(db, subscriptionId);
  if (!row) return null;
  const [topic, apiKey, logs] = await Promise.all([
    loadTopicConfig(db, row.apiId),
    findApiKey(db, row.appId),
    listSubscriptionLogs(db, subscriptionId),
  ]);
  if (!topic) return null;
  const target =
    row.endpoint === null
      ? null
      : {
          endpoint: row.endpoint,
          format: row.format,
          eventPath: row.eventPath,
          structured: row.structured,
          signature: row.signature,
          timeoutSeconds: row.timeoutSeconds,
          maxInFlight: row.maxInFlight,
          headers: row.headers,
          sealedSigningSecrets: row.sealedSigningSecrets,
          // An app whose credentials are all revoked still has deliveries to sign: its own id names it then.
          appClientId: apiKey ?? row.appId,
        };
  const subscription = {
    id: row.id,
    version: row.revision,
    active: row.status === "active",
    retry: row.retry,
    target,
    filter: row.filter,
    rateLimit: slowerOf(row.rateLimit, row.allowedRate),
    seek: row.seek,
    organizationId: row.organizationId,
  };
  return { topic, subscription, start: row.start, logs: new Set(logs) };
}

const SECONDS_PER_MINUTE = 60;

/** What the subscriber asks for, or what the endpoint allows where that is less: then without any burst beyond a second's share. */
function slowerOf(asked: RateLimit | null, allowedPerMinute: number | null): RateLimit | null {
  if (allowedPerMinute === null) return asked;
  const perSecond = Math.max(RATE_PER_SECOND_MIN, allowedPerMinute / SECONDS_PER_MINUTE);
  if (asked !== null && asked.perSecond <= perSecond) return asked;
  return { perSecond, burst: Math.max(1, Math.floor(perSecond)) };
}

/** The API key that stands for an app in its deliveries: the oldest that is not revoked. */
async function findApiKey(db: D1Database, appId: string): Promise<string | null> {
  return db
    .prepare("SELECT id FROM client WHERE app_id = ? AND revoked_ms IS NULL ORDER BY seq LIMIT 1")
    .bind(appId)
    .first<string>("id");
}

const ConsentRow = z.object({
  subscription_id: z.string(),
  data_owner_id: z.string(),
  status: ConsentStatus,
  channels: jsonColumn(z.array(z.string())).nullable(),
  expires_ms: z.number().nullable(),
  revision: z.number(),
  addresses: jsonColumn(z.record(z.string(), z.string())),
});

/** What a log has to know of a consent now; null: nothing, the subscription is not there. */
export type ConsentPayload = (log: string) => LogConsent | null;

/** `entityId` is the outbox's: subscription and data owner, who have one consent. null: the subscription was deleted. */
export async function loadConsentPayload(db: D1Database, entityId: string): Promise<ConsentPayload | null> {
  const [subscriptionId = "", dataOwnerId = ""] = entityId.split("/");
  const found = await db
    .prepare(
      `SELECT subscription_id, data_owner_id, status, channels, expires_ms, revision,
         (SELECT json_group_object(subscription_log.log, subscription_log.address) FROM subscription_log
          JOIN subscription_sight USING (subscription_id)
          WHERE subscription_log.subscription_id = consent.subscription_id AND may_see) AS addresses
       FROM consent WHERE subscription_id = ? AND data_owner_id = ?`,
    )
    .bind(subscriptionId, dataOwnerId)
    .first();
  const row = nullableRow(ConsentRow, found);
  if (!row) return null;
  return (log) => {
    const address = row.addresses[log];
    // A log that it has left may still deliver: it hears of a withdrawal. Of a grant only if the subscription comes back.
    if (address === undefined && row.status === "granted") return null;
    const covered = address !== undefined && (row.channels === null || row.channels.includes(address));
    return {
      subscriptionId: row.subscription_id,
      dataOwnerId: row.data_owner_id,
      version: row.revision,
      granted: row.status === "granted" && covered,
      expiresMs: row.expires_ms,
    };
  };
}
