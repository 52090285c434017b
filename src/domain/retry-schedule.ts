import { z } from "zod";
import { RETRY_AFTER_SECONDS_MAX, RETRY_AFTER_SECONDS_MIN } from "../kernel/limits.ts";

const DELAY_SECONDS_MAX = 24 * 3600;

/** How a subscription's failed deliveries are tried again. `maxAttempts: null`: without end. */
export const RetryPolicy = z.strictObject({
  initialSeconds: z.number().min(1).max(DELAY_SECONDS_MAX).default(1),
  multiplier: z.number().min(1).max(10).default(2),
  maxDelaySeconds: z.number().min(1).max(DELAY_SECONDS_MAX).default(300),
  maxAttempts: z.number().int().min(1).max(10_000).nullable().default(null),
  /** Delays in seconds instead of the exponential ones; the last one repeats. */
  schedule: z.array(z.number().min(1).max(DELAY_SECONDS_MAX)).min(1).max(100).optional(),
});
export type RetryPolicy = z.infer<typeof RetryPolicy>;

export const DEFAULT_RETRY_POLICY: RetryPolicy = RetryPolicy.parse({});

const JITTER = 0.2;

/** Whole seconds until the next try after the `failures`-th failure (1, 2, …): exponential or scheduled, ±20 %, rounded up. */
export function retryDelaySeconds(policy: RetryPolicy, failures: number, random: () => number): number {
  const { schedule, initialSeconds, multiplier, maxDelaySeconds } = policy;
  const planned = schedule
    ? (schedule[Math.min(failures, schedule.length) - 1] ?? maxDelaySeconds)
    : Math.min(maxDelaySeconds, initialSeconds * multiplier ** (failures - 1));
  return Math.ceil(planned * (1 - JITTER + 2 * JITTER * random()));
}

/** Reads `Retry-After` (RFC 9110 §10.2.3: seconds or a date) as whole seconds within the relay's bounds; null where absent or unreadable. */
export function readRetryAfterSeconds(header: string | null, nowMs: number): number | null {
  if (header === null) return null;
  const text = header.trim();
  // `Date.parse` reads nearly anything; an HTTP date begins with the name of a day (RFC 9110 §5.6.7).
  const dateMs = /^[A-Z][a-z]{2,8}[, ]/.test(text) ? Date.parse(text) : Number.NaN;
  const seconds = /^\d+$/.test(text) ? Number(text) : Math.ceil((dateMs - nowMs) / 1000);
  if (Number.isNaN(seconds)) return null;
  return Math.min(RETRY_AFTER_SECONDS_MAX, Math.max(RETRY_AFTER_SECONDS_MIN, seconds));
}
