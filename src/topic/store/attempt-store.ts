import type { AttemptError, AttemptReport, KeyReport } from "../../domain/delivery.ts";
import type { LoggedAttempt, RecentAttempts } from "../../domain/delivery-log.ts";
import {
  ATTEMPT_CHARS_MAX,
  ATTEMPT_DAYS_KEPT,
  ATTEMPT_ROWS_MAX,
  ATTEMPT_ROWS_PER_ANSWER_MAX,
  DAY_MS,
} from "../../kernel/limits.ts";
import { DayTables } from "./day-tables.ts";
import type { Sql } from "./platform.ts";

/** One attempt as it is kept: [seq, atMs, delivered, status, ms, error, excerpt of a failure's answer]. */
type KeptAttempt = [number, number, 0 | 1, number, number, AttemptError | null, string];

const HOUR_MS = 3600_000;
const RECENT_BATCHES_MAX = 10_000;
const LATENCY_BATCHES_MAX = 50;
/** Of the largest, 10 MB. */
const BATCHES_READ_AT_ONCE = 100;
const BATCHES_PER_MS_MAX = 1024;

// Lies in the order of its subscription and time, so that both find it, and a settled lease costs one row. What is asked for
// often stands before the excerpts: those are the receiver's, and as large as it likes them to be.
const COLUMNS = `(subscription_id TEXT NOT NULL, n INTEGER NOT NULL, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL,
  attempts INTEGER NOT NULL, failures INTEGER NOT NULL, last_error TEXT, results TEXT NOT NULL,
  PRIMARY KEY (subscription_id, n)) WITHOUT ROWID`;

/** How much of the delivery log a call has looked at. */
export type LookedAt = { rows: number; chars: number };

export const newLookedAt = (): LookedAt => ({ rows: 0, chars: 0 });

/** Whether one answer has looked at enough, and the rest is for the next one. */
export const isEnough = ({ rows, chars }: LookedAt): boolean =>
  rows >= ATTEMPT_ROWS_PER_ANSWER_MAX || chars >= ATTEMPT_CHARS_MAX;

/** The delivery log: a row for each settled lease, in tables that are forgotten by the day. */
export class AttemptStore {
  readonly #sql: Sql;
  readonly #tables: DayTables;
  readonly #lastN = new Map<string, number>();

  constructor(sql: Sql) {
    this.#sql = sql;
    this.#tables = new DayTables(sql, { prefix: "attempts", columns: COLUMNS, daysKept: ATTEMPT_DAYS_KEPT });
  }

  load(): void {
    this.#tables.load();
    this.#lastN.clear();
  }

  /** All attempts of a settled lease. */
  add(subscriptionId: string, reports: KeyReport[], nowMs: number): void {
    const attempts = reports.flatMap((report) => report.attempts);
    if (attempts.length === 0) return;
    const table = this.#tables.today(nowMs);
    const failures = attempts.filter(({ delivered }) => !delivered);
    const last = failures.reduce<AttemptReport | null>((a, b) => (a && a.atMs > b.atMs ? a : b), null);
    const seqs = attempts.map(({ seq }) => seq);
    this.#sql.run(
      `INSERT INTO ${table} (subscription_id, n, first_seq, last_seq, attempts, failures, last_error, results)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      subscriptionId,
      this.#nextN(table, subscriptionId, nowMs),
      Math.min(...seqs),
      Math.max(...seqs),
      attempts.length,
      failures.length,
      last && JSON.stringify({ atMs: last.atMs, status: last.status, error: last.error ?? "status" }),
      JSON.stringify(attempts.map(toKept)),
    );
  }

  /** What the newest rows tell of the last hour and the last day. */
  recent(subscriptionId: string, nowMs: number): RecentAttempts {
    const recent: RecentAttempts = { hour: none(), day: none(), lastError: null, latenciesMs: [] };
    const hourN = (nowMs - HOUR_MS) * BATCHES_PER_MS_MAX;
    let left = RECENT_BATCHES_MAX;
    for (const table of this.#tables.since(nowMs - DAY_MS)) {
      const rows = this.#sql.all<{ n: number; attempts: number; failures: number; last_error: string | null }>(
        `SELECT n, attempts, failures, last_error FROM ${table} WHERE subscription_id = ? AND n >= ? ORDER BY n DESC LIMIT ?`,
        subscriptionId,
        (nowMs - DAY_MS) * BATCHES_PER_MS_MAX,
        left,
      );
      left -= rows.length;
      for (const { n, attempts, failures, last_error: lastError } of rows) {
        for (const span of n >= hourN ? [recent.hour, recent.day] : [recent.day]) {
          span.attempts += attempts;
          span.failures += failures;
        }
        recent.lastError ??= lastError === null ? null : JSON.parse(lastError);
      }
      recent.latenciesMs.push(...this.#latencies(table, subscriptionId, hourN));
    }
    return recent;
  }

  /** How long the newest attempts that delivered took, as far as that is known: nobody has timed what was pulled. */
  #latencies(table: string, subscriptionId: string, sinceN: number): number[] {
    const rows = this.#sql.all<{ results: string }>(
      `SELECT results FROM ${table} WHERE subscription_id = ? AND n >= ? ORDER BY n DESC LIMIT ?`,
      subscriptionId,
      sinceN,
      LATENCY_BATCHES_MAX,
    );
    return rows.flatMap(({ results }) =>
      (JSON.parse(results) as KeptAttempt[])
        .filter(([, , delivered, status]) => delivered && status > 0)
        .map(([, , , , ms]) => ms),
    );
  }

  /**
   * The attempts of some events, oldest first, looked for from a time on. `isComplete` is false where the search has met its
   * bound before the present. What it has looked at is added to `looked`.
   */
  of(
    subscriptionId: string,
    seqs: ReadonlySet<number>,
    sinceMs: number,
    looked: LookedAt = newLookedAt(),
  ): { attempts: Map<number, LoggedAttempt[]>; isComplete: boolean } {
    const attempts = new Map<number, LoggedAttempt[]>();
    if (seqs.size === 0) return { attempts, isComplete: true };
    const left = { rows: ATTEMPT_ROWS_MAX, chars: ATTEMPT_CHARS_MAX };
    const isUsedUp = (): boolean => left.rows <= 0 || left.chars <= 0;
    for (const table of this.#tables.since(sinceMs).reverse()) {
      if (!isUsedUp()) this.#lookThrough(table, { subscriptionId, seqs, sinceMs }, left, attempts);
    }
    looked.rows += ATTEMPT_ROWS_MAX - left.rows;
    looked.chars += ATTEMPT_CHARS_MAX - left.chars;
    return { attempts, isComplete: !isUsedUp() };
  }

  /** Takes what it has looked at off `left`. */
  #lookThrough(
    table: string,
    { subscriptionId, seqs, sinceMs }: { subscriptionId: string; seqs: ReadonlySet<number>; sinceMs: number },
    left: LookedAt,
    attempts: Map<number, LoggedAttempt[]>,
  ): void {
    const first = Math.min(...seqs);
    const last = Math.max(...seqs);
    for (let after = sinceMs * BATCHES_PER_MS_MAX - 1; left.rows > 0 && left.chars > 0; ) {
      const limit = Math.min(left.rows, BATCHES_READ_AT_ONCE);
      const rows = this.#sql.all<{ n: number; results: string | null }>(
        `SELECT n, CASE WHEN first_seq <= ?1 AND last_seq >= ?2 THEN results END AS results FROM ${table}
           WHERE subscription_id = ?3 AND n > ?4 ORDER BY n LIMIT ?5`,
        last,
        first,
        subscriptionId,
        after,
        limit,
      );
      left.rows -= rows.length;
      for (const { results } of rows) {
        left.chars -= results?.length ?? 0;
        if (results !== null) collect(JSON.parse(results), seqs, attempts);
      }
      if (rows.length < limit) return;
      after = rows.at(-1)?.n ?? after;
    }
  }

  /** Grows with time, within a millisecond too, after a restart, and where the clock goes back. */
  #nextN(table: string, subscriptionId: string, nowMs: number): number {
    const query = `SELECT max(n) AS n FROM ${table} WHERE subscription_id = ?`;
    const last =
      this.#lastN.get(subscriptionId) ?? this.#sql.all<{ n: number | null }>(query, subscriptionId)[0]?.n ?? 0;
    const next = Math.max(last + 1, nowMs * BATCHES_PER_MS_MAX);
    this.#lastN.set(subscriptionId, next);
    return next;
  }
}

function collect(batch: KeptAttempt[], seqs: ReadonlySet<number>, attempts: Map<number, LoggedAttempt[]>): void {
  for (const kept of batch) {
    if (!seqs.has(kept[0])) continue;
    const known = attempts.get(kept[0]) ?? [];
    attempts.set(kept[0], known);
    known.push(toLogged(kept));
  }
}

const none = () => ({ attempts: 0, failures: 0 });

const toKept = (a: AttemptReport): KeptAttempt => [
  a.seq,
  a.atMs,
  a.delivered ? 1 : 0,
  a.status,
  a.ms,
  a.error,
  a.delivered ? "" : a.excerpt,
];

const toLogged = ([, atMs, delivered, status, ms, error, excerpt]: KeptAttempt): LoggedAttempt => ({
  atMs,
  delivered: delivered === 1,
  status,
  ms,
  error,
  excerpt,
});
