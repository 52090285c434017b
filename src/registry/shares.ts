import { z } from "zod";
import { nullableRow, type Page, type PageRequest, readPage } from "./rows.ts";

/** An organization that may see, and subscribe to, an API although it is private. */
export type Share = { organizationId: string; organizationName: string; createdMs: number };

const ShareRow = z
  .object({
    seq: z.number(),
    organization_id: z.string(),
    organization_name: z.string(),
    created_ms: z.number(),
  })
  .transform((row): Share & { seq: number } => ({
    seq: row.seq,
    organizationId: row.organization_id,
    organizationName: row.organization_name,
    createdMs: row.created_ms,
  }));

const SELECT_SHARE = `SELECT api_share.seq, api_share.organization_id, organization.name AS organization_name,
  api_share.created_ms FROM api_share JOIN organization ON organization.id = api_share.organization_id`;

export async function findShare(db: D1Database, apiId: string, organizationId: string): Promise<Share | null> {
  const row = await db
    .prepare(`${SELECT_SHARE} WHERE api_share.api_id = ? AND api_share.organization_id = ?`)
    .bind(apiId, organizationId)
    .first();
  return nullableRow(ShareRow, row);
}

/** Whom an API is shared with. */
export async function listShares(db: D1Database, apiId: string, page: PageRequest): Promise<Page<Share>> {
  const { results } = await db
    .prepare(`${SELECT_SHARE} WHERE api_share.api_id = ? AND api_share.seq < ? ORDER BY api_share.seq DESC LIMIT ?`)
    .bind(apiId, page.before, page.limit + 1)
    .all();
  return readPage(ShareRow, results, page);
}

export async function countShares(db: D1Database, apiId: string): Promise<number> {
  const count = await db.prepare("SELECT count(*) AS n FROM api_share WHERE api_id = ?").bind(apiId).first<number>("n");
  return count ?? 0;
}

export function insertShare(db: D1Database, apiId: string, share: Share): D1PreparedStatement {
  return db
    .prepare("INSERT INTO api_share (api_id, organization_id, created_ms) VALUES (?, ?, ?)")
    .bind(apiId, share.organizationId, share.createdMs);
}

export function deleteShare(db: D1Database, apiId: string, organizationId: string): D1PreparedStatement {
  return db.prepare("DELETE FROM api_share WHERE api_id = ? AND organization_id = ?").bind(apiId, organizationId);
}
