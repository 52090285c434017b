import { z } from "zod";
import { nullableRow, type Page, type PageRequest, readPage } from "./rows.ts";

/** A subscriber's application. */
export type App = {
  id: string;
  organizationId: string;
  name: string;
  description: string | null;
  website: string | null;
  /** Whether data owners find it in the directory. */
  isListed: boolean;
  createdMs: number;
  updatedMs: number;
};

const AppRow = z
  .object({
    seq: z.number(),
    id: z.string(),
    organization_id: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    website: z.string().nullable(),
    listed: z.number(),
    created_ms: z.number(),
    updated_ms: z.number(),
  })
  .transform((row): App & { seq: number } => ({
    seq: row.seq,
    id: row.id,
    organizationId: row.organization_id,
    name: row.name,
    description: row.description,
    website: row.website,
    isListed: row.listed === 1,
    createdMs: row.created_ms,
    updatedMs: row.updated_ms,
  }));

const COLUMNS = "seq, id, organization_id, name, description, website, listed, created_ms, updated_ms";

/** An app whoever it belongs to: the caller checks that. */
export async function findApp(db: D1Database, id: string): Promise<App | null> {
  const row = await db.prepare(`SELECT ${COLUMNS} FROM app WHERE id = ?`).bind(id).first();
  return nullableRow(AppRow, row);
}

/** An organization's apps, or `onlyId` of them. */
export async function listApps(
  db: D1Database,
  { organizationId, onlyId }: { organizationId: string; onlyId: string | null },
  page: PageRequest,
): Promise<Page<App>> {
  const { results } = await db
    .prepare(
      `SELECT ${COLUMNS} FROM app WHERE organization_id = ?1 AND (?2 IS NULL OR id = ?2) AND seq < ?3
       ORDER BY seq DESC LIMIT ?4`,
    )
    .bind(organizationId, onlyId, page.before, page.limit + 1)
    .all();
  return readPage(AppRow, results, page);
}

export function insertApp(db: D1Database, app: App): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO app (id, organization_id, name, description, website, listed, created_ms, updated_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .bind(
      ...[app.id, app.organizationId, app.name, app.description, app.website],
      ...[Number(app.isListed), app.createdMs, app.updatedMs],
    );
}

export function updateApp(db: D1Database, app: App): D1PreparedStatement {
  return db
    .prepare("UPDATE app SET name = ?, description = ?, website = ?, listed = ?, updated_ms = ? WHERE id = ?")
    .bind(app.name, app.description, app.website, Number(app.isListed), app.updatedMs, app.id);
}

/** Deletes an app with its credentials, subscriptions and their consents. */
export function deleteApp(db: D1Database, id: string): D1PreparedStatement {
  return db.prepare("DELETE FROM app WHERE id = ?").bind(id);
}
