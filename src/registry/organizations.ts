import { z } from "zod";
import { nullableRow, type Page, type PageRequest, readPage } from "./rows.ts";

export type Organization = { id: string; name: string; createdMs: number };

const OrganizationRow = z
  .object({ seq: z.number(), id: z.string(), name: z.string(), created_ms: z.number() })
  .transform((row) => ({ seq: row.seq, id: row.id, name: row.name, createdMs: row.created_ms }));

export async function findOrganization(db: D1Database, id: string): Promise<Organization | null> {
  const row = await db.prepare("SELECT seq, id, name, created_ms FROM organization WHERE id = ?").bind(id).first();
  return nullableRow(OrganizationRow, row);
}

/** All organizations, or with `onlyId` that one. */
export async function listOrganizations(
  db: D1Database,
  onlyId: string | null,
  page: PageRequest,
): Promise<Page<Organization>> {
  const { results } = await db
    .prepare(
      `SELECT seq, id, name, created_ms FROM organization
       WHERE (?1 IS NULL OR id = ?1) AND seq < ?2 ORDER BY seq DESC LIMIT ?3`,
    )
    .bind(onlyId, page.before, page.limit + 1)
    .all();
  return readPage(OrganizationRow, results, page);
}

export function insertOrganization(db: D1Database, organization: Organization): D1PreparedStatement {
  return db
    .prepare("INSERT INTO organization (id, name, created_ms) VALUES (?, ?, ?)")
    .bind(organization.id, organization.name, organization.createdMs);
}
