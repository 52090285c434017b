import type { HealthBucket, HealthQuery, SubscriptionHealth } from "../../domain/subscription-health.ts";
import {
  HEALTH_CHARS_MAX,
  HEALTH_LATENCIES_MAX,
  HEALTH_LATENCY_ROWS_MAX,
  HEALTH_ROWS_PER_BUCKET_MAX,
} from "../../kernel/limits.ts";
import { atMsOf, firstNAt, type KeptAttempt } from "./attempt-rows.ts";
import type { Sql } from "./platform.ts";

/** Rows of one subscription within one bucket. */
type Stretch = { table: string; subscriptionId: string; firstN: number; endN: number };

type SumRow = {
  rows: number;
  first_n: number | null;
  attempts: number | null;
  failures: number | null;
  sampled_n: number | null;
};

/** How a subscription's attempts went, bucket by bucket. `tableOf`: the table of a time; null: there is none. */
export function readSeries(
  sql: Sql,
  tableOf: (atMs: number) => string | null,
  { subscriptionId, fromMs, bucketMs, buckets }: HealthQuery,
  nowMs: number,
): SubscriptionHealth {
  const left = { chars: HEALTH_CHARS_MAX };
  let isComplete = true;
  const newestFirst = Array.from({ length: buckets }, (_, i): HealthBucket => {
    const startMs = fromMs + (buckets - 1 - i) * bucketMs;
    const endMs = startMs + bucketMs;
    const table = tableOf(startMs);
    if (table === null) return { attempts: 0, failures: 0, latenciesMs: [], backlog: null };
    const stretch = { table, subscriptionId, firstN: firstNAt(startMs), endN: firstNAt(endMs) };
    const sum = sumUp(sql, stretch);
    const isCut = sum.rows === HEALTH_ROWS_PER_BUCKET_MAX;
    if (isCut || left.chars <= 0) isComplete = false;
    const share = isCut ? shareOf({ startMs, endMs: Math.min(endMs, nowMs) }, sum.firstN) : 1;
    return {
      attempts: Math.round(sum.attempts / share),
      failures: Math.round(sum.failures / share),
      latenciesMs: sum.attempts > sum.failures ? readLatencies(sql, { ...stretch, firstN: sum.firstN }, left) : [],
      backlog: sum.sampledN === null ? null : readBacklog(sql, stretch, sum.sampledN),
    };
  });
  return { buckets: newestFirst.reverse(), isComplete };
}

/** Of the newest rows, as many as one bucket may look at. */
function sumUp(sql: Sql, { table, subscriptionId, firstN, endN }: Stretch) {
  const [sum] = sql.all<SumRow>(
    `SELECT count(*) AS rows, min(n) AS first_n, sum(attempts) AS attempts, sum(failures) AS failures,
       max(CASE WHEN backlog IS NOT NULL THEN n END) AS sampled_n
     FROM (SELECT n, attempts, failures, backlog FROM ${table}
       WHERE subscription_id = ? AND n >= ? AND n < ? ORDER BY n DESC LIMIT ?)`,
    subscriptionId,
    firstN,
    endN,
    HEALTH_ROWS_PER_BUCKET_MAX,
  );
  return {
    rows: sum?.rows ?? 0,
    firstN: sum?.first_n ?? endN,
    attempts: sum?.attempts ?? 0,
    failures: sum?.failures ?? 0,
    sampledN: sum?.sampled_n ?? null,
  };
}

/** The share of a bucket's time that its newest rows are of: what came before them is taken to be like them. */
const shareOf = ({ startMs, endMs }: { startMs: number; endMs: number }, firstN: number): number =>
  Math.max(1, endMs - atMsOf(firstN)) / Math.max(1, endMs - startMs);

/** Takes what it reads off `left`; nobody has timed what was pulled. */
function readLatencies(
  sql: Sql,
  { table, subscriptionId, firstN, endN }: Stretch,
  left: { chars: number },
): HealthBucket["latenciesMs"] {
  if (left.chars <= 0) return [];
  const rows = sql.all<{ results: string }>(
    `SELECT results FROM ${table} WHERE subscription_id = ? AND n >= ? AND n < ? AND attempts > failures
     ORDER BY n DESC LIMIT ?`,
    subscriptionId,
    firstN,
    endN,
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

function readBacklog(sql: Sql, { table, subscriptionId }: Stretch, n: number): number | null {
  const [row] = sql.all<{ backlog: number | null }>(
    `SELECT backlog FROM ${table} WHERE subscription_id = ? AND n = ?`,
    subscriptionId,
    n,
  );
  return row?.backlog ?? null;
}
