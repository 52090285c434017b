import { z } from "zod";
import { type Page, type PageRequest, readPage } from "./rows.ts";

/** Who changed what, as one of the organizations that it touches sees it. */
export type AuditEntry = {
  id: string;
  organizationId: string;
  atMs: number;
  /** `operator`, `relay`, `token:{id}`, `member:{id}`, `portal:{id}` of its link, and for other organizations' people `organization:{id}`. */
  actor: string;
  /** `consent.revoke`, `api.update`, … */
  action: string;
  /** The id of what was changed. */
  subject: string;
  requestId: string;
  /** The caller's network address: only in the entry of its own organization. */
  address: string | null;
};

const AuditRow = z
  .object({
    seq: z.number(),
    id: z.string(),
    organization_id: z.string(),
    at_ms: z.number(),
    actor: z.string(),
    action: z.string(),
    subject: z.string(),
    request_id: z.string(),
    address: z.string().nullable(),
  })
  .transform((row): AuditEntry & { seq: number } => ({
    seq: row.seq,
    id: row.id,
    organizationId: row.organization_id,
    atMs: row.at_ms,
    actor: row.actor,
    action: row.action,
    subject: row.subject,
    requestId: row.request_id,
    address: row.address,
  }));

/** Absent: any. `toMs` is not included. */
export type AuditFilter = {
  /** null: whichever it is; what touched several of them has an entry for each. */
  organizationId: string | null;
  action?: string | undefined;
  subject?: string | undefined;
  fromMs?: number | undefined;
  toMs?: number | undefined;
};

/** Who changed what, newest first. */
export async function listAudit(
  db: D1Database,
  { organizationId, action, subject, fromMs, toMs }: AuditFilter,
  page: PageRequest,
): Promise<Page<AuditEntry>> {
  // An index is used where the statement says so, not where the value does: all organizations' are read in the order of the table.
  const whose = organizationId === null ? "?1 IS NULL" : "organization_id = ?1";
  const { results } = await db
    .prepare(
      `SELECT seq, id, organization_id, at_ms, actor, action, subject, request_id, address FROM audit
       WHERE ${whose} AND (?2 IS NULL OR action = ?2) AND (?3 IS NULL OR subject = ?3)
         AND (?4 IS NULL OR at_ms >= ?4) AND (?5 IS NULL OR at_ms < ?5) AND seq < ?6
       ORDER BY seq DESC LIMIT ?7`,
    )
    .bind(organizationId, action ?? null, subject ?? null, fromMs ?? null, toMs ?? null, page.before, page.limit + 1)
    .all();
  return readPage(AuditRow, results, page);
}

export function insertAudit(db: D1Database, entry: AuditEntry): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO audit (id, organization_id, at_ms, actor, action, subject, request_id, address)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .bind(
      entry.id,
      entry.organizationId,
      entry.atMs,
      entry.actor,
      entry.action,
      entry.subject,
      entry.requestId,
      entry.address,
    );
}
