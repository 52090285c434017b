import { z } from "zod";
import { TokenRole } from "./organization-tokens.ts";
import { nullableRow, type Page, type PageRequest, readPage } from "./rows.ts";

/** A person of an organization. */
export type Member = {
  id: string;
  organizationId: string;
  /** How they were invited, in lower case. */
  email: string;
  role: z.infer<typeof TokenRole>;
  /** As the issuer calls them; null: it does not, or they have not signed in. */
  name: string | null;
  createdMs: number;
  /** Their last sign-in; null: they have not signed in. */
  signedInMs: number | null;
};

const MemberRow = z
  .object({
    seq: z.number(),
    id: z.string(),
    organization_id: z.string(),
    email: z.string(),
    role: TokenRole,
    name: z.string().nullable(),
    created_ms: z.number(),
    signed_in_ms: z.number().nullable(),
  })
  .transform((row): Member & { seq: number } => ({
    seq: row.seq,
    id: row.id,
    organizationId: row.organization_id,
    email: row.email,
    role: row.role,
    name: row.name,
    createdMs: row.created_ms,
    signedInMs: row.signed_in_ms,
  }));

const COLUMNS = "seq, id, organization_id, email, role, name, created_ms, signed_in_ms";

export async function findMember(db: D1Database, organizationId: string, id: string): Promise<Member | null> {
  const query = `SELECT ${COLUMNS} FROM member WHERE organization_id = ? AND id = ?`;
  return nullableRow(MemberRow, await db.prepare(query).bind(organizationId, id).first());
}

export async function listMembers(db: D1Database, organizationId: string, page: PageRequest): Promise<Page<Member>> {
  const { results } = await db
    .prepare(`SELECT ${COLUMNS} FROM member WHERE organization_id = ? AND seq < ? ORDER BY seq DESC LIMIT ?`)
    .bind(organizationId, page.before, page.limit + 1)
    .all();
  return readPage(MemberRow, results, page);
}

/** How many members an organization has. */
export async function countMembers(db: D1Database, organizationId: string): Promise<number> {
  const query = "SELECT count(*) AS n FROM member WHERE organization_id = ?";
  return (await db.prepare(query).bind(organizationId).first<number>("n")) ?? 0;
}

export function insertMember(db: D1Database, member: Member): D1PreparedStatement {
  return db
    .prepare("INSERT INTO member (id, organization_id, email, role, created_ms) VALUES (?, ?, ?, ?, ?)")
    .bind(member.id, member.organizationId, member.email, member.role, member.createdMs);
}

export function updateMemberRole(db: D1Database, id: string, role: Member["role"]): D1PreparedStatement {
  return db.prepare("UPDATE member SET role = ? WHERE id = ?").bind(role, id);
}

/** Deletes a member with the seats of their sessions. */
export function deleteMember(db: D1Database, id: string): D1PreparedStatement {
  return db.prepare("DELETE FROM member WHERE id = ?").bind(id);
}

/** Who an issuer says that somebody is. */
export type Identity = {
  issuer: string;
  subject: string;
  /** In lower case; null: the issuer does not say, or has not made sure that it is theirs. */
  verifiedEmail: string | null;
  name: string | null;
};

/**
 * Notes a sign-in. Whom a verified e-mail has invited is this person from now on, and nobody else, whoever gets that e-mail later.
 * One person is one member of an organization, however often they were invited.
 */
export function writeSignIn(db: D1Database, identity: Identity, nowMs: number): D1PreparedStatement[] {
  const { issuer, subject, verifiedEmail, name } = identity;
  return [
    db
      .prepare("UPDATE OR IGNORE member SET issuer = ?1, subject = ?2 WHERE email = ?3 AND subject IS NULL")
      .bind(issuer, subject, verifiedEmail),
    db
      .prepare("UPDATE member SET name = ?3, signed_in_ms = ?4 WHERE issuer = ?1 AND subject = ?2")
      .bind(issuer, subject, name, nowMs),
  ];
}

/** The members that a person is, of one organization each. */
export async function listMemberships(
  db: D1Database,
  { issuer, subject }: Pick<Identity, "issuer" | "subject">,
  limit: number,
): Promise<Member[]> {
  const { results } = await db
    .prepare(`SELECT ${COLUMNS} FROM member WHERE issuer = ? AND subject = ? ORDER BY seq LIMIT ?`)
    .bind(issuer, subject, limit)
    .all();
  return results.map((row) => MemberRow.parse(row));
}
