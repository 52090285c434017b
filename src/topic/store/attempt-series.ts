import type { HealthBucket, HealthQuery, SubscriptionHealth } from "../../domain/subscription-health.ts";
import {
  HEALTH_CHARS_MAX,
  HEALTH_LATENCIES_MAX,
  HEALTH_LATENCY_ROWS_MAX,
  HEALTH_ROWS_PER_BUCKET_MAX,
} from "../../kernel/limits.ts";
import { firstNAt, type KeptAttempt } from "./attempt-rows.ts";
import type { Sql } from "./platform.ts";

/** Rows of one subscription within one bucket. */
type Stretch = { table: string; subscriptionId: string; firstN: number; endN: number };

/** `…_by_then` are null where a version wrote the row that did not sum up: in the oldest rows, if in any. */
type EdgeRow = {
  attempts: number;
  failures: number;
  attempts_by_then: number | null;
  failures_by_then: number | null;
  backlog: number | null;
};

/** How a subscription's attempts went, bucket by bucket. `tableOf`: the table of a time; null: there is none. */
export function readSeries(
  sql: Sql,
  tableOf: (atMs: number) => string | null,
  { subscriptionId, fromMs, bucketMs, buckets }: HealthQuery,
): SubscriptionHealth {
  const left = { chars: HEALTH_CHARS_MAX };
  let isComplete = true;
  const newestFirst = Array.from({ length: buckets }, (_, i): HealthBucket => {
    const startMs = fromMs + (buckets - 1 - i) * bucketMs;
    const table = tableOf(startMs);
    if (table === null) return nothing();
    const stretch = { table, subscriptionId, firstN: firstNAt(startMs), endN: firstNAt(startMs + bucketMs) };
    const newest = readEdge(sql, stretch, "DESC");
    const oldest = newest && readEdge(sql, stretch, "ASC");
    if (!oldest) return nothing();
    const summed = subtract(newest, oldest);
    const counted = oldest.attempts_by_then === null ? countUnsummed(sql, stretch) : NONE_COUNTED;
    if (counted.rows === HEALTH_ROWS_PER_BUCKET_MAX || left.chars <= 0) isComplete = false;
    const attempts = summed.attempts + counted.attempts;
    const failures = summed.failures + counted.failures;
    const latenciesMs = attempts > failures ? readLatencies(sql, stretch, left) : [];
    return { attempts, failures, latenciesMs, backlog: newest.backlog };
  });
  return { buckets: newestFirst.reverse(), isComplete };
}

const nothing = (): HealthBucket => ({ attempts: 0, failures: 0, latenciesMs: [], backlog: null });

/** The newest row of a stretch, or its oldest one. null: it has none. */
function readEdge(sql: Sql, { table, subscriptionId, firstN, endN }: Stretch, order: "DESC" | "ASC"): EdgeRow | null {
  const [row] = sql.all<EdgeRow>(
    `SELECT attempts, failures, attempts_by_then, failures_by_then, backlog FROM ${table}
     WHERE subscription_id = ? AND n >= ? AND n < ? ORDER BY n ${order} LIMIT 1`,
    subscriptionId,
    firstN,
    endN,
  );
  return row ?? null;
}

/** What was added from the oldest row of a bucket to its newest one. The sums begin at 0, in the first row that has any. */
function subtract(newest: EdgeRow, oldest: EdgeRow): { attempts: number; failures: number } {
  const before = (byThen: number | null, own: number): number => (byThen === null ? 0 : byThen - own);
  return {
    attempts: (newest.attempts_by_then ?? 0) - before(oldest.attempts_by_then, oldest.attempts),
    failures: (newest.failures_by_then ?? 0) - before(oldest.failures_by_then, oldest.failures),
  };
}

type Counted = { rows: number; attempts: number; failures: number };

const NONE_COUNTED: Counted = { rows: 0, attempts: 0, failures: 0 };

/** Attempts in rows without a sum: as many of them as one bucket may look at. */
function countUnsummed(sql: Sql, { table, subscriptionId, firstN, endN }: Stretch): Counted {
  const [counted] = sql.all<Counted>(
    `SELECT count(*) AS rows, coalesce(sum(attempts), 0) AS attempts, coalesce(sum(failures), 0) AS failures
     FROM (SELECT attempts, failures, attempts_by_then FROM ${table}
       WHERE subscription_id = ? AND n >= ? AND n < ? ORDER BY n LIMIT ?)
     WHERE attempts_by_then IS NULL`,
    subscriptionId,
    firstN,
    endN,
    HEALTH_ROWS_PER_BUCKET_MAX,
  );
  return counted ?? NONE_COUNTED;
}

/** Of the newest attempts. Takes what it reads off `left`; nobody has timed what was pulled. */
function readLatencies(
  sql: Sql,
  { table, subscriptionId, firstN, endN }: Stretch,
  left: { chars: number },
): HealthBucket["latenciesMs"] {
  if (left.chars <= 0) return [];
  // What says which rows are wanted stands before their results, which are not touched where they are not.
  const rows = sql.all<{ results: string }>(
    `SELECT results FROM ${table} WHERE subscription_id = ?1 AND n IN (
       SELECT n FROM (SELECT n, attempts, failures FROM ${table}
         WHERE subscription_id = ?1 AND n >= ?2 AND n < ?3 ORDER BY n DESC LIMIT ?4)
       WHERE attempts > failures ORDER BY n DESC LIMIT ?5)
     ORDER BY n DESC`,
    subscriptionId,
    firstN,
    endN,
    HEALTH_ROWS_PER_BUCKET_MAX,
    HEALTH_LATENCY_ROWS_MAX,
  );
  const latenciesMs: number[] = [];
  for (const { results } of rows) {
    left.chars -= results.length;
    for (const [, , delivered, status, ms] of JSON.parse(results) as KeptAttempt[])
      if (delivered && status > 0) latenciesMs.push(ms);
  }
  return latenciesMs.slice(0, HEALTH_LATENCIES_MAX);
}
