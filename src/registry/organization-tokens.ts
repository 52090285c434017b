import { z } from "zod";
import { nullableRow, type Page, type PageRequest, readPage } from "./rows.ts";

export const TokenRole = z.enum(["admin", "developer", "viewer"]);

export type OrganizationToken = {
  id: string;
  organizationId: string;
  name: string;
  role: z.infer<typeof TokenRole>;
  createdMs: number;
  expiresMs: number | null;
  /** To within some minutes; null: never. */
  lastUsedMs: number | null;
};

const TokenRow = z
  .object({
    seq: z.number(),
    id: z.string(),
    organization_id: z.string(),
    name: z.string(),
    role: TokenRole,
    created_ms: z.number(),
    expires_ms: z.number().nullable(),
    last_used_ms: z.number().nullable(),
  })
  .transform((row) => ({
    seq: row.seq,
    id: row.id,
    organizationId: row.organization_id,
    name: row.name,
    role: row.role,
    createdMs: row.created_ms,
    expiresMs: row.expires_ms,
    lastUsedMs: row.last_used_ms,
  }));

const COLUMNS = "seq, id, organization_id, name, role, created_ms, expires_ms, last_used_ms";

/** The token with this digest, revoked ones left out; whether it has expired is the caller's to see. */
export async function findTokenByDigest(db: D1Database, digest: string): Promise<OrganizationToken | null> {
  const row = await db
    .prepare(`SELECT ${COLUMNS} FROM organization_token WHERE digest = ? AND revoked_ms IS NULL`)
    .bind(digest)
    .first();
  return nullableRow(TokenRow, row);
}

export async function findToken(db: D1Database, organizationId: string, id: string): Promise<OrganizationToken | null> {
  const row = await db
    .prepare(`SELECT ${COLUMNS} FROM organization_token WHERE organization_id = ? AND id = ? AND revoked_ms IS NULL`)
    .bind(organizationId, id)
    .first();
  return nullableRow(TokenRow, row);
}

export async function listTokens(
  db: D1Database,
  organizationId: string,
  page: PageRequest,
): Promise<Page<OrganizationToken>> {
  const { results } = await db
    .prepare(
      `SELECT ${COLUMNS} FROM organization_token
       WHERE organization_id = ? AND revoked_ms IS NULL AND seq < ? ORDER BY seq DESC LIMIT ?`,
    )
    .bind(organizationId, page.before, page.limit + 1)
    .all();
  return readPage(TokenRow, results, page);
}

/** How many tokens of an organization are not revoked. */
export async function countTokens(db: D1Database, organizationId: string): Promise<number> {
  const count = await db
    .prepare("SELECT count(*) AS n FROM organization_token WHERE organization_id = ? AND revoked_ms IS NULL")
    .bind(organizationId)
    .first<number>("n");
  return count ?? 0;
}

export function insertToken(db: D1Database, token: OrganizationToken & { digest: string }): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO organization_token (id, organization_id, name, role, digest, created_ms, expires_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    )
    .bind(token.id, token.organizationId, token.name, token.role, token.digest, token.createdMs, token.expiresMs);
}

export function revokeToken(db: D1Database, id: string, nowMs: number): D1PreparedStatement {
  return db.prepare("UPDATE organization_token SET revoked_ms = ? WHERE id = ? AND revoked_ms IS NULL").bind(nowMs, id);
}

/** Records that a token was used, unless that was recorded since `staleMs`. */
export async function recordTokenUse(db: D1Database, id: string, nowMs: number, staleMs: number): Promise<void> {
  await db
    .prepare(
      "UPDATE organization_token SET last_used_ms = ?2 WHERE id = ?1 AND (last_used_ms IS NULL OR last_used_ms <= ?3)",
    )
    .bind(id, nowMs, staleMs)
    .run();
}
