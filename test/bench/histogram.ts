const GROWTH = 1.02; // neighbouring buckets are 2 % apart: finer than any run repeats
const BUCKETS = 1_200; // from 1 µs to more than a day
const MICROSECONDS_PER_MS = 1_000;

/** Latencies in buckets that grow by 2 %: a bounded size for any number of them, and cheap enough to fill for each. */
export class Histogram {
  readonly counts: Float64Array;

  constructor(counts: Float64Array = new Float64Array(BUCKETS)) {
    this.counts = counts;
  }

  add(ms: number): void {
    const bucket = Math.log(Math.max(1, ms * MICROSECONDS_PER_MS)) / Math.log(GROWTH);
    const place = Math.min(BUCKETS - 1, Math.floor(bucket));
    this.counts[place] = (this.counts[place] ?? 0) + 1;
  }

  /** The latency in milliseconds that this share of them did not exceed; NaN where there are none. */
  quantile(share: number): number {
    const total = this.counts.reduce((sum, count) => sum + count, 0);
    if (total === 0) return Number.NaN;
    let rest = share * total;
    const place = this.counts.findIndex((count) => {
      rest -= count;
      return count > 0 && rest <= 0;
    });
    return GROWTH ** (place + 0.5) / MICROSECONDS_PER_MS;
  }
}
