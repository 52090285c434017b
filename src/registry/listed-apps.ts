import { z } from "zod";
import { MAY_SEE } from "./apis.ts";
import { ConsentStatus } from "./consents.ts";
import { jsonColumn, type Page, type PageRequest, readPage } from "./rows.ts";

/** A subscription of an app that lets data owners find it, as one of them sees it. */
export type ListedApp = {
  subscriptionId: string;
  app: { id: string; name: string; description: string | null; website: string | null };
  organization: { id: string; name: string };
  api: { id: string; title: string };
  /** Addresses; null: all. */
  channels: string[] | null;
  /** The data owner's own; null: nobody has asked, and it has given none. */
  consent: { id: string; status: z.infer<typeof ConsentStatus>; expiresMs: number | null } | null;
};

const ListedRow = z
  .object({
    seq: z.number(),
    subscription_id: z.string(),
    app_id: z.string(),
    app_name: z.string(),
    app_description: z.string().nullable(),
    app_website: z.string().nullable(),
    organization_id: z.string(),
    organization_name: z.string(),
    api_id: z.string(),
    api_title: z.string(),
    channels: jsonColumn(z.array(z.string())).nullable(),
    consent_id: z.string().nullable(),
    consent_status: ConsentStatus.nullable(),
    consent_expires_ms: z.number().nullable(),
  })
  .transform((row): ListedApp & { seq: number } => ({
    seq: row.seq,
    subscriptionId: row.subscription_id,
    app: { id: row.app_id, name: row.app_name, description: row.app_description, website: row.app_website },
    organization: { id: row.organization_id, name: row.organization_name },
    api: { id: row.api_id, title: row.api_title },
    channels: row.channels,
    consent:
      row.consent_id === null || row.consent_status === null
        ? null
        : { id: row.consent_id, status: row.consent_status, expiresMs: row.consent_expires_ms },
  }));

/** `q`: words of the app's, its organization's or the API's name; absent: any. */
export type ListedAppFilter = { q: string; apiId?: string | undefined };

/**
 * The apps that a data owner may activate: those that are listed, where both of them may see the API, and it asks for consent.
 * Whoever is not listed is not there, whatever it subscribes to.
 */
export async function listListedApps(
  db: D1Database,
  dataOwnerId: string,
  { q, apiId }: ListedAppFilter,
  page: PageRequest,
): Promise<Page<ListedApp>> {
  const { results } = await db
    .prepare(
      `SELECT subscription.seq, subscription.id AS subscription_id, subscription.channels,
         app.id AS app_id, app.name AS app_name, app.description AS app_description, app.website AS app_website,
         organization.id AS organization_id, organization.name AS organization_name,
         api.id AS api_id, api.title AS api_title,
         consent.id AS consent_id, consent.status AS consent_status, consent.expires_ms AS consent_expires_ms
       FROM app JOIN subscription ON subscription.app_id = app.id JOIN api ON api.id = subscription.api_id
       JOIN organization ON organization.id = app.organization_id
       JOIN subscription_sight ON subscription_sight.subscription_id = subscription.id
       LEFT JOIN consent ON consent.subscription_id = subscription.id AND consent.data_owner_id = ?1
       WHERE app.listed = 1 AND api.access = 'consent' AND subscription.status IN ('active', 'paused')
         AND subscription_sight.may_see AND ${MAY_SEE} AND (?2 IS NULL OR api.id = ?2)
         AND instr(lower(app.name || ' ' || organization.name || ' ' || api.title), lower(?3)) > 0
         AND subscription.seq < ?4 ORDER BY subscription.seq DESC LIMIT ?5`,
    )
    .bind(dataOwnerId, apiId ?? null, q.trim(), page.before, page.limit + 1)
    .all();
  return readPage(ListedRow, results, page);
}
