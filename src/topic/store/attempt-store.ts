import type { AttemptReport, KeyReport } from "../../domain/delivery.ts";
import type { LoggedAttempt, RecentAttempts } from "../../domain/delivery-log.ts";
import type { HealthQuery, SubscriptionHealth } from "../../domain/subscription-health.ts";
import {
  ATTEMPT_CHARS_MAX,
  ATTEMPT_DAYS_KEPT,
  ATTEMPT_ROWS_MAX,
  ATTEMPT_ROWS_PER_ANSWER_MAX,
  DAY_MS,
} from "../../kernel/limits.ts";
import { atMsOf, firstNAt, type KeptAttempt, toKept, toLogged } from "./attempt-rows.ts";
import { readSeries } from "./attempt-series.ts";
import { DayTables } from "./day-tables.ts";
import type { Sql } from "./platform.ts";
import type { AttemptSums } from "./subscription.ts";

const HOUR_MS = 3600_000;
const RECENT_BATCHES_MAX = 10_000;
const LATENCY_BATCHES_MAX = 50;
/** Of the largest, 10 MB. */
const BATCHES_READ_AT_ONCE = 100;

// Lies in the order of its subscription and time, so that both find it, and a settled lease costs one row. What is asked for
// often stands before the excerpts: those are the receiver's, and as large as it likes them to be.
const COLUMNS = `(subscription_id TEXT NOT NULL, n INTEGER NOT NULL, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL,
  attempts INTEGER NOT NULL, failures INTEGER NOT NULL, attempts_by_then INTEGER, failures_by_then INTEGER,
  last_error TEXT, backlog INTEGER, results TEXT NOT NULL, PRIMARY KEY (subscription_id, n)) WITHOUT ROWID`;

/** How much of the delivery log a call has looked at. */
export type LookedAt = { rows: number; chars: number };

export const newLookedAt = (): LookedAt => ({ rows: 0, chars: 0 });

/** Whether one answer has looked at enough, and the rest is for the next one. */
export const isEnough = ({ rows, chars }: LookedAt): boolean =>
  rows >= ATTEMPT_ROWS_PER_ANSWER_MAX || chars >= ATTEMPT_CHARS_MAX;

/** The newest row of a subscription. `notedMs`: when its backlog was looked at last, as far as this instance knows. */
type LastRow = { n: number; backlog: number | null; notedMs: number };

/** How far attempts are looked for. `untilDelivered`: those after the first one that delivered are of no concern. */
type Search = { rowsMax?: number; untilDelivered?: boolean };

type Sought = { subscriptionId: string; seqs: ReadonlySet<number>; sinceMs: number; isFound(): boolean };

/** The delivery log: a row for each settled lease, in tables that are forgotten by the day. */
export class AttemptStore {
  readonly #sql: Sql;
  readonly #tables: DayTables;
  readonly #last = new Map<string, LastRow>();

  constructor(sql: Sql) {
    this.#sql = sql;
    this.#tables = new DayTables(sql, { prefix: "attempts", columns: COLUMNS, daysKept: ATTEMPT_DAYS_KEPT });
  }

  load(): void {
    this.#tables.load();
    this.#last.clear();
  }

  /** All attempts of a settled lease. `made`: these and all before them. What was noted last of the backlog holds on. */
  add(subscriptionId: string, reports: KeyReport[], made: AttemptSums, nowMs: number): void {
    const attempts = reports.flatMap((report) => report.attempts);
    if (attempts.length === 0) return;
    const last = this.#lastOf(subscriptionId, nowMs);
    // It grows with time, within a millisecond too, after a restart, and where the clock goes back: the table is that of its day.
    const n = Math.max(last.n + 1, firstNAt(nowMs));
    const table = this.#tables.today(atMsOf(n));
    const failures = attempts.filter(({ delivered }) => !delivered);
    const lastFailure = failures.reduce<AttemptReport | null>((a, b) => (a && a.atMs > b.atMs ? a : b), null);
    const seqs = attempts.map(({ seq }) => seq);
    this.#sql.run(
      `INSERT INTO ${table} (subscription_id, n, first_seq, last_seq, attempts, failures, attempts_by_then, failures_by_then,
         last_error, backlog, results) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      subscriptionId,
      n,
      Math.min(...seqs),
      Math.max(...seqs),
      attempts.length,
      failures.length,
      made.delivered + made.failed,
      made.failed,
      lastFailure && JSON.stringify(describeFailure(lastFailure)),
      last.backlog,
      JSON.stringify(attempts.map(toKept)),
    );
    this.#last.set(subscriptionId, { ...last, n });
  }

  /** What was noted last of a subscription's backlog; null: nothing was. */
  lastBacklog(subscriptionId: string): Pick<LastRow, "backlog" | "notedMs"> | null {
    return this.#last.get(subscriptionId) ?? null;
  }

  /** Notes with the newest row how much is outstanding: mostly it says so already. */
  noteBacklog(subscriptionId: string, backlog: number, nowMs: number): void {
    const last = this.#last.get(subscriptionId);
    if (!last) return;
    const table = this.#tables.of(atMsOf(last.n));
    if (last.backlog !== backlog && table !== null) {
      this.#sql.run(
        `UPDATE ${table} SET backlog = ? WHERE subscription_id = ? AND n = ?`,
        backlog,
        subscriptionId,
        last.n,
      );
    }
    this.#last.set(subscriptionId, { ...last, backlog, notedMs: nowMs });
  }

  /** How the attempts of a subscription went, in steps of time up to now. */
  series(query: HealthQuery): SubscriptionHealth {
    return readSeries(this.#sql, (atMs) => this.#tables.of(atMs), query);
  }

  /** What the newest rows tell of the last hour and the last day. */
  recent(subscriptionId: string, nowMs: number): RecentAttempts {
    const recent: RecentAttempts = { hour: none(), day: none(), lastError: null, latenciesMs: [] };
    const hourN = firstNAt(nowMs - HOUR_MS);
    let left = RECENT_BATCHES_MAX;
    for (const table of this.#tables.since(nowMs - DAY_MS)) {
      const rows = this.#sql.all<{ n: number; attempts: number; failures: number; last_error: string | null }>(
        `SELECT n, attempts, failures, last_error FROM ${table} WHERE subscription_id = ? AND n >= ? ORDER BY n DESC LIMIT ?`,
        subscriptionId,
        firstNAt(nowMs - DAY_MS),
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
    { rowsMax = ATTEMPT_ROWS_MAX, untilDelivered = false }: Search = {},
  ): { attempts: Map<number, LoggedAttempt[]>; isComplete: boolean } {
    const attempts = new Map<number, LoggedAttempt[]>();
    if (seqs.size === 0) return { attempts, isComplete: true };
    const left = { rows: rowsMax, chars: ATTEMPT_CHARS_MAX };
    const isUsedUp = (): boolean => left.rows <= 0 || left.chars <= 0;
    const isFound = (): boolean => untilDelivered && [...seqs].every((seq) => attempts.get(seq)?.some(isDelivered));
    for (const table of this.#tables.since(sinceMs).reverse()) {
      if (isUsedUp() || isFound()) break;
      this.#lookThrough(table, { subscriptionId, seqs, sinceMs, isFound }, left, attempts);
    }
    looked.rows += rowsMax - left.rows;
    looked.chars += ATTEMPT_CHARS_MAX - left.chars;
    return { attempts, isComplete: isFound() || !isUsedUp() };
  }

  /** Takes what it has looked at off `left`. */
  #lookThrough(
    table: string,
    { subscriptionId, seqs, sinceMs, isFound }: Sought,
    left: LookedAt,
    attempts: Map<number, LoggedAttempt[]>,
  ): void {
    const first = Math.min(...seqs);
    const last = Math.max(...seqs);
    for (let after = firstNAt(sinceMs) - 1; left.rows > 0 && left.chars > 0; ) {
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
      if (rows.length < limit || isFound()) return;
      after = rows.at(-1)?.n ?? after;
    }
  }

  /** As of today; of a later day only where the clock was set back. */
  #lastOf(subscriptionId: string, nowMs: number): LastRow {
    const known = this.#last.get(subscriptionId);
    if (known) return known;
    for (const table of this.#tables.since(nowMs)) {
      const [row] = this.#sql.all<{ n: number; backlog: number | null }>(
        `SELECT n, backlog FROM ${table} WHERE subscription_id = ? ORDER BY n DESC LIMIT 1`,
        subscriptionId,
      );
      if (row) return { ...row, notedMs: atMsOf(row.n) };
    }
    return { n: 0, backlog: null, notedMs: 0 };
  }
}

const describeFailure = ({ atMs, status, error }: AttemptReport) => ({ atMs, status, error: error ?? "status" });

function collect(batch: KeptAttempt[], seqs: ReadonlySet<number>, attempts: Map<number, LoggedAttempt[]>): void {
  for (const kept of batch) {
    if (!seqs.has(kept[0])) continue;
    const known = attempts.get(kept[0]) ?? [];
    attempts.set(kept[0], known);
    known.push(toLogged(kept));
  }
}

const isDelivered = ({ delivered }: LoggedAttempt): boolean => delivered;

const none = () => ({ attempts: 0, failures: 0 });
