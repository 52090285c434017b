import { z } from "zod";
import { FrameAncestor } from "../domain/frame-ancestor.ts";
import { jsonColumn, nullableRow, type Page, type PageRequest, readPage } from "./rows.ts";

export const PortalRole = z.enum(["viewer", "developer"]);

/** A link that opens one app's part of the console. */
export type PortalLink = {
  id: string;
  organizationId: string;
  appId: string;
  role: z.infer<typeof PortalRole>;
  /** Origins whose pages may embed it. */
  frameAncestors: string[];
  createdMs: number;
  expiresMs: number;
};

const PortalLinkRow = z
  .object({
    seq: z.number(),
    id: z.string(),
    organization_id: z.string(),
    app_id: z.string(),
    role: PortalRole,
    frame_ancestors: jsonColumn(z.array(FrameAncestor)),
    created_ms: z.number(),
    expires_ms: z.number(),
  })
  .transform((row): PortalLink & { seq: number } => ({
    seq: row.seq,
    id: row.id,
    organizationId: row.organization_id,
    appId: row.app_id,
    role: row.role,
    frameAncestors: row.frame_ancestors,
    createdMs: row.created_ms,
    expiresMs: row.expires_ms,
  }));

const COLUMNS = "seq, id, organization_id, app_id, role, frame_ancestors, created_ms, expires_ms";

/** The link whose token has this digest, revoked ones left out; whether it has expired is the caller's to see. */
export async function findPortalLinkByDigest(db: D1Database, digest: string): Promise<PortalLink | null> {
  const row = await db.prepare(`SELECT ${COLUMNS} FROM portal_link WHERE digest = ?`).bind(digest).first();
  return nullableRow(PortalLinkRow, row);
}

/** A link of an organization that has not been revoked. */
export async function findPortalLink(db: D1Database, organizationId: string, id: string): Promise<PortalLink | null> {
  const query = `SELECT ${COLUMNS} FROM portal_link WHERE organization_id = ? AND id = ?`;
  return nullableRow(PortalLinkRow, await db.prepare(query).bind(organizationId, id).first());
}

/** Whose pages may embed what a link opens; nobody's where it is unknown, expired or revoked. */
export async function findFrameAncestors(db: D1Database, linkId: string, nowMs: number): Promise<string[]> {
  const query = `SELECT ${COLUMNS} FROM portal_link WHERE id = ? AND expires_ms > ?`;
  const link = nullableRow(PortalLinkRow, await db.prepare(query).bind(linkId, nowMs).first());
  return link?.frameAncestors ?? [];
}

/** The links of an organization that are good. */
export async function listPortalLinks(
  db: D1Database,
  { organizationId, nowMs }: { organizationId: string; nowMs: number },
  page: PageRequest,
): Promise<Page<PortalLink>> {
  const { results } = await db
    .prepare(
      `SELECT ${COLUMNS} FROM portal_link WHERE organization_id = ? AND expires_ms > ? AND seq < ?
       ORDER BY seq DESC LIMIT ?`,
    )
    .bind(organizationId, nowMs, page.before, page.limit + 1)
    .all();
  return readPage(PortalLinkRow, results, page);
}

/** How many links of an organization are kept; expired ones are, for an hour at most. */
export async function countPortalLinks(db: D1Database, organizationId: string): Promise<number> {
  const query = "SELECT count(*) AS n FROM portal_link WHERE organization_id = ?";
  return (await db.prepare(query).bind(organizationId).first<number>("n")) ?? 0;
}

export function insertPortalLink(db: D1Database, link: PortalLink & { digest: string }): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO portal_link (id, organization_id, app_id, role, digest, frame_ancestors, created_ms, expires_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .bind(
      ...[link.id, link.organizationId, link.appId, link.role, link.digest],
      ...[JSON.stringify(link.frameAncestors), link.createdMs, link.expiresMs],
    );
}

/** Revokes a link: there is none any more. */
export function deletePortalLink(db: D1Database, id: string): D1PreparedStatement {
  return db.prepare("DELETE FROM portal_link WHERE id = ?").bind(id);
}

/** Deletes the links whose time is over. */
export async function dropExpiredPortalLinks(db: D1Database, nowMs: number): Promise<void> {
  await db.prepare("DELETE FROM portal_link WHERE expires_ms <= ?").bind(nowMs).run();
}
