import { z } from "zod";
import { RELAY_ORGANIZATION_ID } from "../domain/notice.ts";
import { nullableRow, type Page, type PageRequest, readPage } from "./rows.ts";

export type Organization = { id: string; name: string; createdMs: number };

const OrganizationRow = z
  .object({ seq: z.number(), id: z.string(), name: z.string(), created_ms: z.number() })
  .transform((row) => ({ seq: row.seq, id: row.id, name: row.name, createdMs: row.created_ms }));

export async function findOrganization(db: D1Database, id: string): Promise<Organization | null> {
  const row = await db.prepare("SELECT seq, id, name, created_ms FROM organization WHERE id = ?").bind(id).first();
  return nullableRow(OrganizationRow, row);
}

/** All organizations but the relay's own, or with `onlyId` that one. */
export async function listOrganizations(
  db: D1Database,
  onlyId: string | null,
  page: PageRequest,
): Promise<Page<Organization>> {
  const { results } = await db
    .prepare(
      `SELECT seq, id, name, created_ms FROM organization
       WHERE (?1 IS NULL OR id = ?1) AND id <> ?4 AND seq < ?2 ORDER BY seq DESC LIMIT ?3`,
    )
    .bind(onlyId, page.before, page.limit + 1, RELAY_ORGANIZATION_ID)
    .all();
  return readPage(OrganizationRow, results, page);
}

/** Writes an organization unless it is there. */
export function keepOrganization(db: D1Database, organization: Organization): D1PreparedStatement {
  return db
    .prepare("INSERT INTO organization (id, name, created_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
    .bind(organization.id, organization.name, organization.createdMs);
}

export function insertOrganization(db: D1Database, organization: Organization): D1PreparedStatement {
  return db
    .prepare("INSERT INTO organization (id, name, created_ms) VALUES (?, ?, ?)")
    .bind(organization.id, organization.name, organization.createdMs);
}
