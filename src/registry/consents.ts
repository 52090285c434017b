import { z } from "zod";
import { jsonColumn, nullableRow, type Page, type PageRequest, readPage } from "./rows.ts";

export const ConsentStatus = z.enum(["requested", "granted", "denied", "revoked"]);

/** What a data owner lets a subscription have, or is asked to. */
export type Consent = {
  id: string;
  subscriptionId: string;
  dataOwnerId: string;
  status: z.infer<typeof ConsentStatus>;
  /** Addresses of the API; null: every channel of the subscription. */
  channels: string[] | null;
  /** null: until revoked. */
  expiresMs: number | null;
  /** Grows with each change: the version that the logs compare. */
  revision: number;
  createdMs: number;
  updatedMs: number;
};

/** Who else a consent concerns. */
export type ConsentParties = {
  appId: string;
  appName: string;
  apiId: string;
  apiTitle: string;
  dataOwnerName: string;
  /** The app's organization. */
  subscriberId: string;
  subscriberName: string;
  /** The API's organization. */
  publisherId: string;
};

const ConsentRow = z
  .object({
    seq: z.number(),
    id: z.string(),
    subscription_id: z.string(),
    data_owner_id: z.string(),
    status: ConsentStatus,
    channels: jsonColumn(z.array(z.string())).nullable(),
    expires_ms: z.number().nullable(),
    revision: z.number(),
    created_ms: z.number(),
    updated_ms: z.number(),
    app_id: z.string(),
    app_name: z.string(),
    api_id: z.string(),
    api_title: z.string(),
    data_owner_name: z.string(),
    subscriber_id: z.string(),
    subscriber_name: z.string(),
    publisher_id: z.string(),
  })
  .transform((row): Consent & ConsentParties & { seq: number } => ({
    seq: row.seq,
    id: row.id,
    subscriptionId: row.subscription_id,
    dataOwnerId: row.data_owner_id,
    status: row.status,
    channels: row.channels,
    expiresMs: row.expires_ms,
    revision: row.revision,
    createdMs: row.created_ms,
    updatedMs: row.updated_ms,
    appId: row.app_id,
    appName: row.app_name,
    apiId: row.api_id,
    apiTitle: row.api_title,
    dataOwnerName: row.data_owner_name,
    subscriberId: row.subscriber_id,
    subscriberName: row.subscriber_name,
    publisherId: row.publisher_id,
  }));

const SELECT_CONSENT = `SELECT consent.seq, consent.id, consent.subscription_id, consent.data_owner_id, consent.status,
  consent.channels, consent.expires_ms, consent.revision, consent.created_ms, consent.updated_ms,
  subscription.app_id, app.name AS app_name, subscription.api_id, api.title AS api_title,
  data_owner.name AS data_owner_name, subscription.organization_id AS subscriber_id, subscriber.name AS subscriber_name,
  api.organization_id AS publisher_id
  FROM consent JOIN subscription ON subscription.id = consent.subscription_id
  JOIN organization AS data_owner ON data_owner.id = consent.data_owner_id
  JOIN organization AS subscriber ON subscriber.id = subscription.organization_id
  JOIN app ON app.id = subscription.app_id JOIN api ON api.id = subscription.api_id`;

/** A consent whoever it concerns: the caller checks that. */
export async function findConsent(db: D1Database, id: string): Promise<(Consent & ConsentParties) | null> {
  const row = await db.prepare(`${SELECT_CONSENT} WHERE consent.id = ?`).bind(id).first();
  return nullableRow(ConsentRow, row);
}

/** The one consent of a data owner for a subscription. */
export async function findConsentFor(
  db: D1Database,
  subscriptionId: string,
  dataOwnerId: string,
): Promise<(Consent & ConsentParties) | null> {
  const row = await db
    .prepare(`${SELECT_CONSENT} WHERE consent.subscription_id = ? AND consent.data_owner_id = ?`)
    .bind(subscriptionId, dataOwnerId)
    .first();
  return nullableRow(ConsentRow, row);
}

/** As what an organization stands to a consent. */
export const ConsentSide = z.enum(["dataOwner", "subscriber"]);

/** Absent: any. */
export type ConsentFilter = {
  status?: Consent["status"] | undefined;
  subscriptionId?: string | undefined;
  as?: z.infer<typeof ConsentSide> | undefined;
};

/** Whose consents: an organization's, or only those that one of its apps has asked for. */
type ConsentScope = { organizationId: string; appId: string | null };

/** The consents that an organization gives as data owner or has asked for as subscriber. */
export async function listConsents(
  db: D1Database,
  { organizationId, appId }: ConsentScope,
  { status, subscriptionId, as }: ConsentFilter,
  page: PageRequest,
): Promise<Page<Consent & ConsentParties>> {
  const { results } = await db
    .prepare(
      `${SELECT_CONSENT} WHERE ((consent.data_owner_id = ?1 AND ?5 IS NOT 'subscriber')
         OR (subscription.organization_id = ?1 AND ?5 IS NOT 'dataOwner'))
         AND (?2 IS NULL OR consent.status = ?2) AND (?3 IS NULL OR consent.subscription_id = ?3)
         AND (?4 IS NULL OR subscription.app_id = ?4)
         AND consent.seq < ?6 ORDER BY consent.seq DESC LIMIT ?7`,
    )
    .bind(
      ...[organizationId, status ?? null, subscriptionId ?? null, appId, as ?? null],
      ...[page.before, page.limit + 1],
    )
    .all();
  return readPage(ConsentRow, results, page);
}

export function insertConsent(db: D1Database, consent: Consent): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO consent (id, subscription_id, data_owner_id, status, channels, expires_ms, revision, created_ms,
         updated_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .bind(
      consent.id,
      consent.subscriptionId,
      consent.dataOwnerId,
      consent.status,
      consent.channels && JSON.stringify(consent.channels),
      consent.expiresMs,
      consent.revision,
      consent.createdMs,
      consent.updatedMs,
    );
}

/** Writes id, status, terms and the next revision; fails as a whole where `consent.revision` is not the current one. */
export function updateConsent(db: D1Database, consent: Consent): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE consent SET id = ?, status = ?, channels = ?, expires_ms = ?, updated_ms = ?,
         revision = CASE WHEN revision = ? THEN revision + 1 END
       WHERE subscription_id = ? AND data_owner_id = ?`,
    )
    .bind(
      consent.id,
      consent.status,
      consent.channels && JSON.stringify(consent.channels),
      consent.expiresMs,
      consent.updatedMs,
      consent.revision,
      consent.subscriptionId,
      consent.dataOwnerId,
    );
}
