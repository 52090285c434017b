import { z } from "zod";
import { nullableRow } from "./rows.ts";

/** The answer of a POST that came with an idempotency key. */
export type KeptAnswer = {
  /** Of the key, the caller and the path. */
  keyDigest: string;
  requestDigest: string;
  /** Status and body; sealed, because it may hold a secret that is shown once. */
  sealedAnswer: string;
  /** Names the outbox rows that this answer waits for. */
  generation: string;
  expiresMs: number;
};

const KeptAnswerRow = z
  .object({
    key_digest: z.string(),
    request_digest: z.string(),
    sealed_answer: z.string(),
    generation: z.string(),
    expires_ms: z.number(),
  })
  .transform(
    (row): KeptAnswer => ({
      keyDigest: row.key_digest,
      requestDigest: row.request_digest,
      sealedAnswer: row.sealed_answer,
      generation: row.generation,
      expiresMs: row.expires_ms,
    }),
  );

export async function findKeptAnswer(db: D1Database, keyDigest: string, nowMs: number): Promise<KeptAnswer | null> {
  const row = await db
    .prepare(
      `SELECT key_digest, request_digest, sealed_answer, generation, expires_ms FROM idempotency
       WHERE key_digest = ? AND expires_ms > ?`,
    )
    .bind(keyDigest, nowMs)
    .first();
  return nullableRow(KeptAnswerRow, row);
}

/**
 * Part of the batch of the change itself: of two requests with one key, the second batch fails as a whole, because the key
 * is taken.
 */
export function keepAnswer(db: D1Database, answer: KeptAnswer, nowMs: number): D1PreparedStatement[] {
  return [
    db.prepare("DELETE FROM idempotency WHERE key_digest = ? AND expires_ms <= ?").bind(answer.keyDigest, nowMs),
    db
      .prepare(
        `INSERT INTO idempotency (key_digest, request_digest, sealed_answer, generation, expires_ms)
         VALUES (?, ?, ?, ?, ?)`,
      )
      .bind(answer.keyDigest, answer.requestDigest, answer.sealedAnswer, answer.generation, answer.expiresMs),
  ];
}

/** Deletes the answers whose time is over. */
export async function dropExpiredAnswers(db: D1Database, nowMs: number): Promise<void> {
  await db.prepare("DELETE FROM idempotency WHERE expires_ms <= ?").bind(nowMs).run();
}
