import type { RateLimit } from "../../domain/subscription.ts";

/** How many attempts a rate limit permitted at a time. It refills on its own: nobody has to tend it. */
export type TokenBucket = { tokens: number; atMs: number };

const ROUNDING = 1e-9; // sums of fractions: what is as near to a whole token as that is one

/** The bucket as it stands now; null: it was never used, and is full. A clock that went back refills nothing. */
export function refill(bucket: TokenBucket | null, { perSecond, burst }: RateLimit, nowMs: number): TokenBucket {
  if (!bucket) return { tokens: burst, atMs: nowMs };
  const gained = (Math.max(0, nowMs - bucket.atMs) / 1000) * perSecond;
  return { tokens: Math.min(burst, bucket.tokens + gained), atMs: nowMs };
}

/** Whole attempts that a bucket permits at once. */
export const permitted = ({ tokens }: TokenBucket): number => Math.max(0, Math.floor(tokens + ROUNDING));

/** When a bucket permits the next attempt, if nothing is taken from it before. */
export function nextPermitMs(bucket: TokenBucket, { perSecond }: RateLimit): number {
  return permitted(bucket) > 0 ? bucket.atMs : bucket.atMs + Math.ceil(((1 - bucket.tokens) / perSecond) * 1000);
}

/** Takes attempts out of a bucket, or (a negative number) gives back those that were not made. */
export const spend = ({ tokens, atMs }: TokenBucket, attempts: number): TokenBucket => ({
  tokens: tokens - attempts,
  atMs,
});
