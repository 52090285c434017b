import { z } from "zod";
import { jsonColumn, nullableRow, type Page, type PageRequest, readPage } from "./rows.ts";

export const Visibility = z.enum(["private", "public"]);
export const Access = z.enum(["open", "consent"]);
export const Approval = z.enum(["auto", "manual"]);
export const Validation = z.enum(["off", "warn", "enforce"]);
/** Where a topic's log is placed: the platform's location hints for objects. */
export const Region = z.enum(["wnam", "enam", "sam", "weur", "eeur", "apac", "oc", "afr", "me"]);

/** What the publisher's organization sets. */
export type ApiSettings = {
  visibility: z.infer<typeof Visibility>;
  access: z.infer<typeof Access>;
  approval: z.infer<typeof Approval>;
  validation: z.infer<typeof Validation>;
  retentionDays: number;
  maxUndeliveredDays: number | null;
  /** Over how many logs each of its channels is spread: 1, 2, 4, … It only grows. */
  shards: number;
  region: z.infer<typeof Region> | null;
  documentation: string | null;
  support: string | null;
  pricing: string | null;
  terms: string | null;
};

export type Api = ApiSettings & {
  id: string;
  organizationId: string;
  organizationName: string;
  title: string;
  version: string;
  specVersion: string;
  description: string | null;
  tags: string[];
  /** Grows with each change. */
  revision: number;
  createdMs: number;
  updatedMs: number;
};

/** A row of `SELECT_API`. */
export const ApiRow = z
  .object({
    seq: z.number(),
    id: z.string(),
    organization_id: z.string(),
    organization_name: z.string(),
    title: z.string(),
    version: z.string(),
    spec_version: z.string(),
    description: z.string().nullable(),
    tags: jsonColumn(z.array(z.string())),
    visibility: Visibility,
    access: Access,
    approval: Approval,
    validation: Validation,
    retention_days: z.number(),
    max_undelivered_days: z.number().nullable(),
    shards: z.number(),
    region: Region.nullable(),
    documentation: z.string().nullable(),
    support: z.string().nullable(),
    pricing: z.string().nullable(),
    terms: z.string().nullable(),
    revision: z.number(),
    created_ms: z.number(),
    updated_ms: z.number(),
  })
  .transform((row): Api & { seq: number } => ({
    seq: row.seq,
    id: row.id,
    organizationId: row.organization_id,
    organizationName: row.organization_name,
    title: row.title,
    version: row.version,
    specVersion: row.spec_version,
    description: row.description,
    tags: row.tags,
    visibility: row.visibility,
    access: row.access,
    approval: row.approval,
    validation: row.validation,
    retentionDays: row.retention_days,
    maxUndeliveredDays: row.max_undelivered_days,
    shards: row.shards,
    region: row.region,
    documentation: row.documentation,
    support: row.support,
    pricing: row.pricing,
    terms: row.terms,
    revision: row.revision,
    createdMs: row.created_ms,
    updatedMs: row.updated_ms,
  }));

export const SELECT_API = `SELECT api.seq, api.id, api.organization_id, organization.name AS organization_name, api.title,
  api.version, api.spec_version, api.description, api.tags, api.visibility, api.access, api.approval, api.validation,
  api.retention_days, api.max_undelivered_days, api.shards, api.region, api.documentation, api.support, api.pricing, api.terms,
  api.revision, api.created_ms, api.updated_ms
  FROM api JOIN organization ON organization.id = api.organization_id`;

/** An API whoever it belongs to: the caller checks that. */
export async function findApi(db: D1Database, id: string): Promise<Api | null> {
  const row = await db.prepare(`${SELECT_API} WHERE api.id = ?`).bind(id).first();
  return nullableRow(ApiRow, row);
}

/**
 * Whether an organization (?1) may see an API and subscribe to it: it is its own, public, or shared with it. Of nobody in
 * particular (NULL) only what is public holds. Every query that asks this asks it with these words.
 */
export const MAY_SEE = `(api.organization_id = ?1 OR api.visibility = 'public' OR EXISTS
  (SELECT 1 FROM api_share WHERE api_share.api_id = api.id AND api_share.organization_id = ?1))`;

/** An API that this organization may subscribe to; null: one that is for everybody. */
export async function findVisibleApi(db: D1Database, organizationId: string | null, id: string): Promise<Api | null> {
  const row = await db.prepare(`${SELECT_API} WHERE ${MAY_SEE} AND api.id = ?2`).bind(organizationId, id).first();
  return nullableRow(ApiRow, row);
}

const TitleRow = z.object({ id: z.string(), title: z.string() });

/** What these APIs are called, by their ids; those that are gone are left out. */
export async function findTitles(db: D1Database, ids: string[]): Promise<ReadonlyMap<string, string>> {
  const query = "SELECT id, title FROM api WHERE id IN (SELECT value FROM json_each(?))";
  const { results } = await db.prepare(query).bind(JSON.stringify(ids)).all();
  return new Map(results.map((row) => TitleRow.parse(row)).map(({ id, title }) => [id, title]));
}

export async function listApis(db: D1Database, organizationId: string, page: PageRequest): Promise<Page<Api>> {
  const { results } = await db
    .prepare(`${SELECT_API} WHERE api.organization_id = ? AND api.seq < ? ORDER BY api.seq DESC LIMIT ?`)
    .bind(organizationId, page.before, page.limit + 1)
    .all();
  return readPage(ApiRow, results, page);
}

export function insertApi(db: D1Database, api: Api): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO api (id, organization_id, title, version, spec_version, description, tags, visibility, access,
         approval, validation, retention_days, max_undelivered_days, shards, region, documentation, support, pricing, terms,
         revision, created_ms, updated_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .bind(
      api.id,
      api.organizationId,
      api.title,
      api.version,
      api.specVersion,
      api.description,
      JSON.stringify(api.tags),
      api.visibility,
      api.access,
      api.approval,
      api.validation,
      api.retentionDays,
      api.maxUndeliveredDays,
      api.shards,
      api.region,
      api.documentation,
      api.support,
      api.pricing,
      api.terms,
      api.revision,
      api.createdMs,
      api.updatedMs,
    );
}

/** Writes the settings of an API and its next revision; fails as a whole where `api.revision` is not the current one. */
export function updateApi(db: D1Database, api: Api): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE api SET visibility = ?, access = ?, approval = ?, validation = ?, retention_days = ?,
         max_undelivered_days = ?, shards = ?, region = ?, documentation = ?, support = ?, pricing = ?, terms = ?, updated_ms = ?,
         revision = CASE WHEN revision = ? THEN revision + 1 END
       WHERE id = ?`,
    )
    .bind(
      api.visibility,
      api.access,
      api.approval,
      api.validation,
      api.retentionDays,
      api.maxUndeliveredDays,
      api.shards,
      api.region,
      api.documentation,
      api.support,
      api.pricing,
      api.terms,
      api.updatedMs,
      api.revision,
      api.id,
    );
}

/** Writes what a new version of its document says of an API, as `updateApi` does its settings. */
export function updateApiDocument(db: D1Database, api: Api): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE api SET title = ?, version = ?, spec_version = ?, description = ?, tags = ?, updated_ms = ?,
         revision = CASE WHEN revision = ? THEN revision + 1 END
       WHERE id = ?`,
    )
    .bind(
      api.title,
      api.version,
      api.specVersion,
      api.description,
      JSON.stringify(api.tags),
      api.updatedMs,
      api.revision,
      api.id,
    );
}

/** Deletes an API with its versions, topics, credentials, shares, subscriptions and their consents. */
export function deleteApi(db: D1Database, id: string): D1PreparedStatement {
  return db.prepare("DELETE FROM api WHERE id = ?").bind(id);
}
