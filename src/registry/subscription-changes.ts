import type { Subscription } from "./subscriptions.ts";

export function insertSubscription(db: D1Database, subscription: Subscription): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO subscription (id, app_id, api_id, organization_id, status, channels, endpoint, format, event_path,
         structured, signature, verification, allowed_rate, rate_limit, max_in_flight, retry, start, timeout_seconds, headers, filter,
         description, metadata, sealed_signing_secrets, activated_ms, revision, created_ms, updated_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .bind(
      subscription.id,
      subscription.appId,
      subscription.apiId,
      subscription.organizationId,
      subscription.status,
      subscription.channels && JSON.stringify(subscription.channels),
      subscription.endpoint,
      subscription.format,
      subscription.eventPath,
      subscription.structured ? 1 : 0,
      subscription.signature,
      subscription.verification,
      subscription.allowedRate,
      subscription.rateLimit && JSON.stringify(subscription.rateLimit),
      subscription.maxInFlight,
      JSON.stringify(subscription.retry),
      JSON.stringify(subscription.start),
      subscription.timeoutSeconds,
      JSON.stringify(subscription.headers),
      subscription.filter,
      subscription.description,
      JSON.stringify(subscription.metadata),
      JSON.stringify(subscription.sealedSigningSecrets),
      subscription.activatedMs,
      subscription.revision,
      subscription.createdMs,
      subscription.updatedMs,
    );
}

/** Writes settings, secrets and status and the next revision; fails as a whole where `subscription.revision` is not the current one. */
export function updateSubscription(db: D1Database, subscription: Subscription): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE subscription SET status = ?, channels = ?, endpoint = ?, format = ?, event_path = ?, structured = ?,
         signature = ?, verification = ?, allowed_rate = ?, verified_ms = ?, rate_limit = ?, max_in_flight = ?, retry = ?, seek = ?,
         timeout_seconds = ?, headers = ?, filter = ?, description = ?, metadata = ?, sealed_signing_secrets = ?, activated_ms = ?, updated_ms = ?,
         revision = CASE WHEN revision = ? THEN revision + 1 END
       WHERE id = ?`,
    )
    .bind(
      subscription.status,
      subscription.channels && JSON.stringify(subscription.channels),
      subscription.endpoint,
      subscription.format,
      subscription.eventPath,
      subscription.structured ? 1 : 0,
      subscription.signature,
      subscription.verification,
      subscription.allowedRate,
      subscription.verifiedMs,
      subscription.rateLimit && JSON.stringify(subscription.rateLimit),
      subscription.maxInFlight,
      JSON.stringify(subscription.retry),
      subscription.seek && JSON.stringify(subscription.seek),
      subscription.timeoutSeconds,
      JSON.stringify(subscription.headers),
      subscription.filter,
      subscription.description,
      JSON.stringify(subscription.metadata),
      JSON.stringify(subscription.sealedSigningSecrets),
      subscription.activatedMs,
      subscription.updatedMs,
      subscription.revision,
      subscription.id,
    );
}

export function deleteSubscription(db: D1Database, id: string): D1PreparedStatement {
  return db.prepare("DELETE FROM subscription WHERE id = ?").bind(id);
}

/** Whose subscriptions: an app's, all to an API, or those to it of one organization. */
export type Subscribers = { appId: string } | { apiId: string } | { apiId: string; organizationId: string };

/** Gives each of these subscriptions a new revision, because something that its deliveries hang on has changed. */
export function reviseSubscriptions(db: D1Database, which: Subscribers, nowMs: number): D1PreparedStatement {
  const {
    appId = null,
    apiId = null,
    organizationId = null,
  }: Partial<Record<"appId" | "apiId" | "organizationId", string | null>> = which;
  return db
    .prepare(
      `UPDATE subscription SET revision = revision + 1, updated_ms = ?1
       WHERE (app_id = ?2 OR api_id = ?3) AND (?4 IS NULL OR organization_id = ?4)`,
    )
    .bind(nowMs, appId, apiId, organizationId);
}
