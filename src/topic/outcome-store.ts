import type { AttemptReport, KeyReport } from "../domain/delivery.ts";
import { OUTCOME_DAYS_KEPT } from "../kernel/limits.ts";
import { DayTables } from "./day-tables.ts";
import type { LaneOwner } from "./lane-store.ts";
import type { Sql } from "./platform.ts";

export type ClosedKind = "dead" | "skipped";

/** One attempt in a row of the delivery log: [seq, atMs, delivered, status, ms, error, excerpt of a failure's answer]. */
type LoggedAttempt = [number, number, 0 | 1, number, number, string | null, string];

const RECENT_BATCHES_MAX = 1_000;
const FORGOTTEN_CLOSED_MAX = 10_000;

// What a status asks for has columns of its own: excerpts are the receiver's, and as large as it likes them to be.
const COLUMNS = `(n INTEGER PRIMARY KEY, subscription_id TEXT NOT NULL, at_ms INTEGER NOT NULL, attempts INTEGER NOT NULL,
  failures INTEGER NOT NULL, last_error TEXT, results TEXT NOT NULL)`;

export type RecentOutcomes = {
  attempts: number;
  failures: number;
  lastError: { atMs: number; status: number; error: string } | null;
};

/** What became of deliveries: a row a settled batch, and one for each event that was given up (dead) or skipped. */
export class OutcomeStore {
  readonly #sql: Sql;
  readonly #tables: DayTables;

  constructor(sql: Sql) {
    this.#sql = sql;
    this.#tables = new DayTables(sql, { prefix: "outcome", columns: COLUMNS, daysKept: OUTCOME_DAYS_KEPT });
  }

  load(): void {
    this.#tables.load();
  }

  /** The delivery log: all attempts of a settled lease in one row. */
  addBatch(subscriptionId: string, reports: KeyReport[], nowMs: number): void {
    const attempts = reports.flatMap((report) => report.attempts);
    if (attempts.length === 0) return;
    const failures = attempts.filter(({ delivered }) => !delivered);
    const last = failures.reduce<AttemptReport | null>((a, b) => (a && a.atMs > b.atMs ? a : b), null);
    const results = attempts.map(
      (a): LoggedAttempt => [a.seq, a.atMs, a.delivered ? 1 : 0, a.status, a.ms, a.error, a.delivered ? "" : a.excerpt],
    );
    this.#sql.run(
      `INSERT INTO ${this.#tables.today(nowMs)} (subscription_id, at_ms, attempts, failures, last_error, results)
         VALUES (?, ?, ?, ?, ?, ?)`,
      subscriptionId,
      nowMs,
      attempts.length,
      failures.length,
      last && JSON.stringify({ atMs: last.atMs, status: last.status, error: last.error ?? "status" }),
      JSON.stringify(results),
    );
  }

  /** Attempts since a time, as far as the newest rows of the newest table tell. */
  recent(subscriptionId: string, sinceMs: number): RecentOutcomes {
    const recent: RecentOutcomes = { attempts: 0, failures: 0, lastError: null };
    const [table] = this.#tables.names();
    if (!table) return recent;
    const rows = this.#sql.all<{ attempts: number; failures: number; last_error: string | null }>(
      `SELECT attempts, failures, last_error FROM ${table}
         WHERE n > (SELECT max(n) FROM ${table}) - ? AND subscription_id = ? AND at_ms >= ? ORDER BY n DESC`,
      RECENT_BATCHES_MAX,
      subscriptionId,
      sinceMs,
    );
    for (const row of rows) {
      recent.attempts += row.attempts;
      recent.failures += row.failures;
      recent.lastError ??= row.last_error === null ? null : JSON.parse(row.last_error);
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

  /** Forgets up to a bound of what was closed before this event, which is forgotten itself. */
  forgetClosedBefore(seq: number): void {
    this.#sql.run(
      `DELETE FROM closed WHERE (subscription_id, seq) IN
         (SELECT subscription_id, seq FROM closed WHERE seq < ? LIMIT ?)`,
      seq,
      FORGOTTEN_CLOSED_MAX,
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
