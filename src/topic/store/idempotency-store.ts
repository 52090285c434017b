import { IDEMPOTENCY_WINDOW_MS } from "../../kernel/limits.ts";
import { DayTables } from "./day-tables.ts";
import type { Sql } from "./platform.ts";

export type FirstAnswer = { eventId: string; bodyDigest: string };

/** A first answer, its key, and when it was given: for another log to know it as well. */
export type KnownAnswer = FirstAnswer & { key: string; atMs: number };

const COLUMNS = `(key TEXT PRIMARY KEY, event_id TEXT NOT NULL, body_digest TEXT NOT NULL, at_ms INTEGER NOT NULL) WITHOUT ROWID`;

/** What was answered under an idempotency key. Today's table and yesterday's hold the last 24 hours. */
export class IdempotencyStore {
  readonly #sql: Sql;
  readonly #tables: DayTables;

  constructor(sql: Sql) {
    this.#sql = sql;
    this.#tables = new DayTables(sql, { prefix: "idempotency", columns: COLUMNS, daysKept: 2 });
  }

  load(): void {
    this.#tables.load();
  }

  find(key: string, nowMs: number): KnownAnswer | null {
    for (const table of this.#tables.names()) {
      const row = this.#sql.all<{ event_id: string; body_digest: string; at_ms: number }>(
        `SELECT event_id, body_digest, at_ms FROM ${table} WHERE key = ?`,
        key,
      )[0];
      if (row && row.at_ms > nowMs - IDEMPOTENCY_WINDOW_MS) {
        return { key, eventId: row.event_id, bodyDigest: row.body_digest, atMs: row.at_ms };
      }
    }
    return null;
  }

  /** `atMs`: when it was first given, where that was in another log. */
  add(key: string, answer: FirstAnswer, nowMs: number, atMs = nowMs): void {
    this.#sql.run(
      `INSERT OR REPLACE INTO ${this.#tables.today(nowMs)} (key, event_id, body_digest, at_ms) VALUES (?, ?, ?, ?)`,
      key,
      answer.eventId,
      answer.bodyDigest,
      atMs,
    );
  }
}
