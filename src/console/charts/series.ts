import { sayDuration, sayMs } from "../parts/duration.ts";
import { formatCount } from "../parts/words.ts";

type Bucket = {
  at: string;
  attempts: number;
  failures: number;
  latencyMs: { p50: number; p95: number } | null;
  backlog: number | null;
};

/** A colour by its token, and one value a bucket; null where there is none. */
export type Line = { label: string; token: "--accent" | "--warn" | "--good"; values: (number | null)[] };

export type Series = {
  title: string;
  /** What the chart shows, for those who do not see it. */
  summary: string;
  lines: Line[];
  /** The top of its scale, where that is fixed. */
  top: number | null;
  format(value: number): string;
};

const formatShare = (share: number): string => `${Math.round(share * 1000) / 10} %`;
const known = (values: (number | null)[]): number[] => values.filter((value) => value !== null);

/** Of the attempts of each bucket, how many delivered. */
export function seriesOfSuccess(buckets: Bucket[]): Series {
  const attempts = buckets.reduce((sum, bucket) => sum + bucket.attempts, 0);
  const failures = buckets.reduce((sum, bucket) => sum + bucket.failures, 0);
  return {
    title: "Success",
    summary:
      attempts === 0
        ? "No attempts in this time."
        : `${formatCount(attempts - failures)} of ${formatCount(attempts)} attempts delivered: ${formatShare(1 - failures / attempts)}.`,
    lines: [
      {
        label: "Attempts that delivered",
        token: "--good",
        values: buckets.map(({ attempts, failures }) => (attempts === 0 ? null : 1 - failures / attempts)),
      },
    ],
    top: 1,
    format: formatShare,
  };
}

/** How long attempts that delivered took. */
export function seriesOfLatency(buckets: Bucket[]): Series {
  const p50 = buckets.map(({ latencyMs }) => latencyMs?.p50 ?? null);
  const p95 = buckets.map(({ latencyMs }) => latencyMs?.p95 ?? null);
  const slowest = Math.max(...known(p95));
  return {
    title: "Latency",
    summary:
      known(p95).length === 0
        ? "Nothing was delivered in this time."
        : `In the slowest step 95 of 100 deliveries took ${sayMs(slowest)} or less.`,
    lines: [
      { label: "Median (p50)", token: "--accent", values: p50 },
      { label: "95 of 100 (p95)", token: "--warn", values: p95 },
    ],
    top: null,
    format: sayMs,
  };
}

/** How many events were outstanding. */
export function seriesOfBacklog(buckets: Bucket[]): Series {
  const values = buckets.map(({ backlog }) => backlog);
  const most = Math.max(...known(values));
  const last = known(values).at(-1);
  return {
    title: "Backlog",
    summary:
      last === undefined
        ? "Nothing was noted in this time."
        : `${formatCount(last)} when it was noted last, at most ${formatCount(most)}.`,
    lines: [{ label: "Events outstanding", token: "--accent", values }],
    top: null,
    format: formatCount,
  };
}

/** How long a bucket is, for the sentence under the charts. */
export const sayStep = (bucketSeconds: number): string => `one point each ${sayDuration(bucketSeconds)}`;
