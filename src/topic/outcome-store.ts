import type { KeyReport } from "../domain/delivery.ts";
import type { LaneOwner } from "./lane-store.ts";
import type { Sql } from "./platform.ts";

export type ClosedKind = "dead" | "skipped";

/** One attempt in a row of the delivery log: [seq, atMs, delivered, status, ms, error, excerpt]. */
type LoggedAttempt = [number, number, 0 | 1, number, number, string | null, string];

const RECENT_ROWS_MAX = 2_000;
const RECENT_BATCHES_MAX = 200;

export type RecentOutcomes = {
  attempts: number;
  failures: number;
  lastError: { atMs: number; status: number; error: string } | null;
};

/** What became of deliveries: a row a settled batch, and one for each event that was given up (dead) or skipped. */
export class OutcomeStore {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** The delivery log: all attempts of a settled lease in one row. */
  addBatch(subscriptionId: string, reports: KeyReport[], nowMs: number): void {
    const results = reports.flatMap((report) =>
      report.attempts.map(
        (a): LoggedAttempt => [a.seq, a.atMs, a.delivered ? 1 : 0, a.status, a.ms, a.error, a.excerpt],
      ),
    );
    if (results.length === 0) return;
    this.#sql.run(
      "INSERT INTO outcome (subscription_id, at_ms, results) VALUES (?, ?, ?)",
      subscriptionId,
      nowMs,
      JSON.stringify(results),
    );
  }

  /** Attempts since a time, as far as the newest rows of the delivery log tell. */
  recent(subscriptionId: string, sinceMs: number): RecentOutcomes {
    const rows = this.#sql.all<{ results: string }>(
      `SELECT results FROM outcome WHERE n > (SELECT max(n) FROM outcome) - ? AND subscription_id = ? AND at_ms >= ?
         ORDER BY n DESC LIMIT ?`,
      RECENT_ROWS_MAX,
      subscriptionId,
      sinceMs,
      RECENT_BATCHES_MAX,
    );
    const recent: RecentOutcomes = { attempts: 0, failures: 0, lastError: null };
    for (const row of rows) {
      for (const [, atMs, delivered, status, , error] of JSON.parse(row.results) as LoggedAttempt[]) {
        recent.attempts++;
        if (delivered) continue;
        recent.failures++;
        if (!recent.lastError || atMs > recent.lastError.atMs) {
          recent.lastError = { atMs, status, error: error ?? "status" };
        }
      }
    }
    return recent;
  }

  close(owner: LaneOwner, seq: number, kind: ClosedKind, nowMs: number): void {
    this.#sql.run(
      "INSERT OR REPLACE INTO closed (subscription_id, seq, epoch, kind, at_ms) VALUES (?, ?, ?, ?, ?)",
      owner.id,
      seq,
      owner.epoch,
      kind,
      nowMs,
    );
  }

  isClosed(owner: LaneOwner, seq: number): boolean {
    return (
      this.#sql.all(
        "SELECT 1 AS one FROM closed WHERE subscription_id = ? AND seq = ? AND epoch = ?",
        owner.id,
        seq,
        owner.epoch,
      ).length > 0
    );
  }

  countDead(owner: LaneOwner): number {
    return (
      this.#sql.all<{ n: number }>(
        "SELECT count(*) AS n FROM closed WHERE subscription_id = ? AND epoch = ? AND kind = 'dead'",
        owner.id,
        owner.epoch,
      )[0]?.n ?? 0
    );
  }
}
