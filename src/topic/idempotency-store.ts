import { IDEMPOTENCY_WINDOW_MS } from "../kernel/limits.ts";
import type { Sql } from "./platform.ts";

export type FirstAnswer = { eventId: string; bodyDigest: string };

/**
 * What was answered under an idempotency key. One table a day, so that forgetting is a DROP TABLE, which costs no row
 * writes; a key is looked up in today's table and in yesterday's.
 */
export class IdempotencyStore {
  readonly #sql: Sql;
  readonly #days = new Set<number>();

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  load(): void {
    this.#days.clear();
    const tables = this.#sql.all<{ name: string }>(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB 'idempotency_*'",
    );
    for (const { name } of tables) this.#days.add(Number(name.slice("idempotency_".length)));
  }

  find(key: string, nowMs: number): FirstAnswer | null {
    for (const day of this.#days) {
      const row = this.#sql.all<{ event_id: string; body_digest: string; at_ms: number }>(
        `SELECT event_id, body_digest, at_ms FROM idempotency_${day} WHERE key = ?`,
        key,
      )[0];
      if (row && row.at_ms > nowMs - IDEMPOTENCY_WINDOW_MS) {
        return { eventId: row.event_id, bodyDigest: row.body_digest };
      }
    }
    return null;
  }

  add(key: string, answer: FirstAnswer, nowMs: number): void {
    const day = dayOf(nowMs);
    if (!this.#days.has(day)) this.#open(day);
    this.#sql.run(
      `INSERT OR REPLACE INTO idempotency_${day} (key, event_id, body_digest, at_ms) VALUES (?, ?, ?, ?)`,
      key,
      answer.eventId,
      answer.bodyDigest,
      nowMs,
    );
  }

  #open(day: number): void {
    for (const old of this.#days) {
      if (old >= day - 1) continue;
      this.#sql.run(`DROP TABLE idempotency_${old}`);
      this.#days.delete(old);
    }
    this.#sql.run(
      `CREATE TABLE idempotency_${day} (key TEXT PRIMARY KEY, event_id TEXT NOT NULL, body_digest TEXT NOT NULL,
         at_ms INTEGER NOT NULL) WITHOUT ROWID`,
    );
    this.#days.add(day);
  }
}

const dayOf = (ms: number): number => Math.floor(ms / IDEMPOTENCY_WINDOW_MS);
