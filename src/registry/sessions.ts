import { z } from "zod";
import { TokenRole } from "./organization-tokens.ts";
import { nullableRow } from "./rows.ts";

/** What a seat has signed in with, and is good for as long as. */
export type SeatKey =
  | { kind: "token"; tokenId: string }
  | { kind: "member"; memberId: string }
  | { kind: "operator"; digest: string };

/** As whom a session may act: an organization's id, or `operator`. */
export type NewSeat = { actsAs: string; key: SeatKey; expiresMs: number };

/** A seat of an organization, with the role that its token or its member has now. */
export type OrganizationSeat = {
  kind: "token" | "member";
  organizationId: string;
  organizationName: string;
  /** Of the token or the member. */
  id: string;
  role: z.infer<typeof TokenRole>;
  expiresMs: number;
};

/** Whether what made it is still the operator's, its reader has to compare. */
export type OperatorSeat = { kind: "operator"; digest: string; expiresMs: number };

export type Seat = OrganizationSeat | OperatorSeat;

/** A person, as the issuer calls them. */
export type Person = { name: string | null; email: string };

export type Session = { person: Person | null; usedMs: number; seats: Seat[] };

export const OPERATOR_SEAT = "operator";

const SeatRow = z
  .object({
    organization_id: z.string().nullable(),
    organization_name: z.string().nullable(),
    token_id: z.string().nullable(),
    member_id: z.string().nullable(),
    role: TokenRole.nullable(),
    operator_digest: z.string().nullable(),
    expires_ms: z.number(),
  })
  .transform((row): Seat => {
    const expiresMs = row.expires_ms;
    if (row.operator_digest !== null) return { kind: "operator", digest: row.operator_digest, expiresMs };
    const id = row.token_id ?? row.member_id;
    if (id === null || row.organization_id === null || row.organization_name === null || row.role === null) {
      throw new Error("a seat without what it has signed in with");
    }
    return {
      kind: row.token_id === null ? "member" : "token",
      organizationId: row.organization_id,
      organizationName: row.organization_name,
      id,
      role: row.role,
      expiresMs,
    };
  });

const SessionRow = z
  .object({ person_name: z.string().nullable(), person_email: z.string().nullable(), used_ms: z.number() })
  .transform((row) => ({
    person: row.person_email === null ? null : { name: row.person_name, email: row.person_email },
    usedMs: row.used_ms,
  }));

/** What decides whether a session and its seats are good. */
export type SessionTerms = {
  nowMs: number;
  /** One that was not used since is over. */
  idleSinceMs: number;
  /** Members of other issuers are nobody; null: all of them are. */
  issuer: string | null;
};

/**
 * The session with this digest, and those of its seats that are good: a token that was revoked or has expired, and a member
 * that was removed, has none. Null where nothing of it is left.
 */
export async function findSession(db: D1Database, digest: string, terms: SessionTerms): Promise<Session | null> {
  const { results } = await db
    .prepare(
      `SELECT session.person_name, session.person_email, session.used_ms,
         organization.id AS organization_id, organization.name AS organization_name,
         token.id AS token_id, member.id AS member_id, coalesce(token.role, member.role) AS role, seat.operator_digest,
         min(seat.expires_ms, coalesce(token.expires_ms, seat.expires_ms)) AS expires_ms
       FROM session JOIN session_seat AS seat ON seat.session_digest = session.digest
       LEFT JOIN organization_token AS token ON token.id = seat.token_id AND token.revoked_ms IS NULL
         AND (token.expires_ms IS NULL OR token.expires_ms > ?3)
       LEFT JOIN member ON member.id = seat.member_id AND member.issuer = ?4
       LEFT JOIN organization ON organization.id = coalesce(token.organization_id, member.organization_id)
       WHERE session.digest = ?1 AND session.used_ms > ?2 AND seat.expires_ms > ?3
         AND coalesce(token.id, member.id, seat.operator_digest) IS NOT NULL
       ORDER BY organization.name, organization.id`,
    )
    .bind(digest, terms.idleSinceMs, terms.nowMs, terms.issuer)
    .all();
  const session = nullableRow(SessionRow, results[0]);
  return session && { ...session, seats: results.map((row) => SeatRow.parse(row)) };
}

/** Begins a session. It takes the place of the one `before`, and its person and these of its seats over. */
export function insertSession(
  db: D1Database,
  session: { digest: string; person: Person | null; seats: NewSeat[]; usedMs: number },
  before: { digest: string; person: Person | null; actsAs: string[] } | null,
): D1PreparedStatement[] {
  const { digest, seats, usedMs } = session;
  const person = session.person ?? before?.person ?? null;
  const begin = db
    .prepare("INSERT INTO session (digest, person_name, person_email, used_ms) VALUES (?, ?, ?, ?)")
    .bind(digest, person?.name ?? null, person?.email ?? null, usedMs);
  const takeOver = before && [
    db
      .prepare(
        `UPDATE session_seat SET session_digest = ?1
         WHERE session_digest = ?2 AND acts_as IN (SELECT value FROM json_each(?3))`,
      )
      .bind(digest, before.digest, JSON.stringify(before.actsAs)),
    endSession(db, before.digest),
  ];
  return [begin, ...(takeOver ?? []), ...seats.map((seat) => putSeat(db, digest, seat))];
}

/** Of two seats as the same organization the newer one counts. */
function putSeat(db: D1Database, digest: string, { actsAs, key, expiresMs }: NewSeat): D1PreparedStatement {
  return db
    .prepare(
      `INSERT OR REPLACE INTO session_seat (session_digest, acts_as, token_id, member_id, operator_digest, expires_ms)
       VALUES (?, ?, ?, ?, ?, ?)`,
    )
    .bind(
      digest,
      actsAs,
      key.kind === "token" ? key.tokenId : null,
      key.kind === "member" ? key.memberId : null,
      key.kind === "operator" ? key.digest : null,
      expiresMs,
    );
}

/** Ends a session with all its seats. */
export function endSession(db: D1Database, digest: string): D1PreparedStatement {
  return db.prepare("DELETE FROM session WHERE digest = ?").bind(digest);
}

/** Records that a session was used, unless that was recorded since `staleMs`. */
export async function recordSessionUse(db: D1Database, digest: string, nowMs: number, staleMs: number): Promise<void> {
  await db
    .prepare("UPDATE session SET used_ms = ?2 WHERE digest = ?1 AND used_ms <= ?3")
    .bind(digest, nowMs, staleMs)
    .run();
}

/** Deletes the sessions that nobody has used for too long; those that are used end with their last seat. */
export async function dropIdleSessions(db: D1Database, idleSinceMs: number): Promise<void> {
  await db.prepare("DELETE FROM session WHERE used_ms <= ?").bind(idleSinceMs).run();
}
