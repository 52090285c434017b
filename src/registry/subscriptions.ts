import { z } from "zod";
import { RetryPolicy } from "../domain/retry-schedule.ts";
import { DeliveryFormat, RateLimit, SealedSecret, Seek, SignatureScheme } from "../domain/subscription.ts";
import { jsonColumn, nullableRow, type Page, type PageRequest, readPage } from "./rows.ts";

export const SubscriptionStatus = z.enum(["pending", "rejected", "unverified", "active", "paused", "disabled"]);
export type SubscriptionStatus = z.infer<typeof SubscriptionStatus>;

/** Whether an endpoint has to consent to deliveries before it gets any. */
export const Verification = z.enum(["none", "challenge"]);
export type Verification = z.infer<typeof Verification>;

/** As `domain/subscription` has it; a time is in ms. */
const Start = z.union([z.enum(["latest", "earliest"]), z.strictObject({ atMs: z.number() })]);

/** What the subscriber sets and may change. */
export type SubscriptionSettings = {
  /** Addresses of the API; null: all of them, later ones included. */
  channels: string[] | null;
  endpoint: string | null;
  format: DeliveryFormat;
  eventPath: "event" | null;
  structured: boolean;
  signature: SignatureScheme | null;
  verification: Verification;
  rateLimit: RateLimit | null;
  maxInFlight: number | null;
  retry: RetryPolicy;
  timeoutSeconds: number;
  headers: Record<string, string>;
  /** As `domain/subscription` has it: JSON text. */
  filter: string | null;
  description: string | null;
  metadata: Record<string, string>;
};

export type Subscription = SubscriptionSettings & {
  id: string;
  appId: string;
  appName: string;
  apiId: string;
  apiTitle: string;
  /** False: the API is private and not shared with the subscriber any more, who gets nothing of it. */
  apiVisible: boolean;
  /** The publisher's organization. */
  apiOrganizationId: string;
  apiOrganizationName: string;
  /** The app's organization. */
  organizationId: string;
  organizationName: string;
  status: SubscriptionStatus;
  start: z.infer<typeof Start>;
  /** The last replay that was asked for. */
  seek: Seek | null;
  /** What the endpoint allowed when it was asked, in requests a minute; null: it named no bound. */
  allowedRate: number | null;
  /** When its endpoint agreed to deliveries (see `endpoint-challenges`). */
  verifiedMs: number | null;
  /** Why its endpoint has not agreed, when it was asked last. Not written with the subscription. */
  verificationError: string | null;
  sealedSigningSecrets: SealedSecret[];
  /** When the logs first heard of it; null: they do not know it yet. */
  activatedMs: number | null;
  /** Grows with each change: the version that the logs compare. */
  revision: number;
  createdMs: number;
  updatedMs: number;
};

const LISTED_IDS_MAX = 1_000;

/**
 * Whether the publisher has let a subscription have its events, and has not taken that back. One that waits for an approval, or was
 * rejected, is known to its logs all the same, so that it goes on where it stopped: its subscriber sees what was sent, and nothing of
 * what waits, which a filter could read.
 */
export const isApproved = ({ status }: { status: SubscriptionStatus }): boolean =>
  status !== "pending" && status !== "rejected";

const StandingRow = z.object({ id: z.string(), status: SubscriptionStatus });

const SubscriptionRow = z
  .object({
    seq: z.number(),
    id: z.string(),
    app_id: z.string(),
    app_name: z.string(),
    api_id: z.string(),
    api_title: z.string(),
    api_visible: z.number(),
    api_organization_id: z.string(),
    api_organization_name: z.string(),
    organization_id: z.string(),
    organization_name: z.string(),
    status: SubscriptionStatus,
    channels: jsonColumn(z.array(z.string())).nullable(),
    endpoint: z.string().nullable(),
    format: DeliveryFormat,
    event_path: z.literal("event").nullable(),
    structured: z.number(),
    signature: SignatureScheme.nullable(),
    verification: Verification,
    allowed_rate: z.number().nullable(),
    verified_ms: z.number().nullable(),
    verification_error: z.string().nullable(),
    rate_limit: jsonColumn(RateLimit).nullable(),
    max_in_flight: z.number().nullable(),
    retry: jsonColumn(RetryPolicy),
    start: jsonColumn(Start),
    seek: jsonColumn(Seek).nullable(),
    timeout_seconds: z.number(),
    headers: jsonColumn(z.record(z.string(), z.string())),
    filter: z.string().nullable(),
    description: z.string().nullable(),
    metadata: jsonColumn(z.record(z.string(), z.string())),
    sealed_signing_secrets: jsonColumn(z.array(SealedSecret)),
    activated_ms: z.number().nullable(),
    revision: z.number(),
    created_ms: z.number(),
    updated_ms: z.number(),
  })
  .transform((row): Subscription & { seq: number } => ({
    seq: row.seq,
    id: row.id,
    appId: row.app_id,
    appName: row.app_name,
    apiId: row.api_id,
    apiTitle: row.api_title,
    apiVisible: row.api_visible === 1,
    apiOrganizationId: row.api_organization_id,
    apiOrganizationName: row.api_organization_name,
    organizationId: row.organization_id,
    organizationName: row.organization_name,
    status: row.status,
    channels: row.channels,
    endpoint: row.endpoint,
    format: row.format,
    eventPath: row.event_path,
    structured: row.structured === 1,
    signature: row.signature,
    verification: row.verification,
    allowedRate: row.allowed_rate,
    verifiedMs: row.verified_ms,
    verificationError: row.verification_error,
    rateLimit: row.rate_limit,
    maxInFlight: row.max_in_flight,
    retry: row.retry,
    start: row.start,
    seek: row.seek,
    timeoutSeconds: row.timeout_seconds,
    headers: row.headers,
    filter: row.filter,
    description: row.description,
    metadata: row.metadata,
    sealedSigningSecrets: row.sealed_signing_secrets,
    activatedMs: row.activated_ms,
    revision: row.revision,
    createdMs: row.created_ms,
    updatedMs: row.updated_ms,
  }));

const SELECT_SUBSCRIPTION = `SELECT subscription.seq, subscription.id, subscription.app_id, app.name AS app_name,
  subscription.api_id, api.title AS api_title, api.organization_id AS api_organization_id,
  publisher.name AS api_organization_name, subscription_sight.may_see AS api_visible,
  subscription.organization_id, subscriber.name AS organization_name, subscription.status, subscription.channels, subscription.endpoint,
  subscription.format, subscription.event_path, subscription.structured, subscription.signature,
  subscription.verification, subscription.allowed_rate, subscription.verified_ms,
  endpoint_challenge.error AS verification_error, subscription.rate_limit, subscription.max_in_flight, subscription.retry, subscription.start, subscription.seek,
  subscription.timeout_seconds, subscription.headers, subscription.filter, subscription.description,
  subscription.metadata, subscription.sealed_signing_secrets, subscription.activated_ms, subscription.revision,
  subscription.created_ms, subscription.updated_ms
  FROM subscription JOIN app ON app.id = subscription.app_id JOIN api ON api.id = subscription.api_id
  JOIN organization AS publisher ON publisher.id = api.organization_id
  JOIN organization AS subscriber ON subscriber.id = subscription.organization_id
  JOIN subscription_sight ON subscription_sight.subscription_id = subscription.id
  LEFT JOIN endpoint_challenge ON endpoint_challenge.subscription_id = subscription.id`;

/** A subscription whoever it belongs to: the caller checks that. */
export async function findSubscription(db: D1Database, id: string): Promise<Subscription | null> {
  const row = await db.prepare(`${SELECT_SUBSCRIPTION} WHERE subscription.id = ?`).bind(id).first();
  return nullableRow(SubscriptionRow, row);
}

/** The subscriptions of an organization's apps, or of one of them. */
export async function listSubscriptions(
  db: D1Database,
  { organizationId, appId }: { organizationId: string; appId: string | null },
  page: PageRequest,
): Promise<Page<Subscription>> {
  // By the index of the app's, where it is about one: the `+` keeps the other one out.
  const whose =
    appId === null
      ? "subscription.organization_id = ?1 AND ?2 IS NULL"
      : "+subscription.organization_id = ?1 AND subscription.app_id = ?2";
  const { results } = await db
    .prepare(`${SELECT_SUBSCRIPTION} WHERE ${whose} AND subscription.seq < ?3 ORDER BY subscription.seq DESC LIMIT ?4`)
    .bind(organizationId, appId, page.before, page.limit + 1)
    .all();
  return readPage(SubscriptionRow, results, page);
}

/** The subscriptions of an API, whoever subscribed. */
export async function listSubscribers(db: D1Database, apiId: string, page: PageRequest): Promise<Page<Subscription>> {
  const { results } = await db
    .prepare(
      `${SELECT_SUBSCRIPTION} WHERE subscription.api_id = ? AND subscription.seq < ?
       ORDER BY subscription.seq DESC LIMIT ?`,
    )
    .bind(apiId, page.before, page.limit + 1)
    .all();
  return readPage(SubscriptionRow, results, page);
}

/** Whether an organization has a subscription to an API. */
export async function hasSubscription(db: D1Database, apiId: string, organizationId: string): Promise<boolean> {
  const query = "SELECT 1 AS one FROM subscription WHERE api_id = ? AND organization_id = ? LIMIT 1";
  return (await db.prepare(query).bind(apiId, organizationId).first()) !== null;
}

/** The subscriptions of an organization to an API, by their ids. */
export async function listSubscriptionsOf(
  db: D1Database,
  apiId: string,
  organizationId: string,
): Promise<{ id: string; status: SubscriptionStatus }[]> {
  const query = "SELECT id, status FROM subscription WHERE api_id = ? AND organization_id = ? ORDER BY id LIMIT ?";
  const { results } = await db.prepare(query).bind(apiId, organizationId, LISTED_IDS_MAX).all();
  return results.map((row) => StandingRow.parse(row));
}

/** How many subscriptions an app has. */
export async function countSubscriptions(db: D1Database, appId: string): Promise<number> {
  const count = await db
    .prepare("SELECT count(*) AS n FROM subscription WHERE app_id = ?")
    .bind(appId)
    .first<number>("n");
  return count ?? 0;
}
