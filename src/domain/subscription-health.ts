import { z } from "zod";

/** How far back a series of a subscription's health goes. */
export const HealthSpan = z.enum(["hour", "day", "week"]);
export type HealthSpan = z.infer<typeof HealthSpan>;

/** In what steps. Each divides a day, and so none has its rows in two of the delivery log's tables. */
export const HEALTH_STEPS: Record<HealthSpan, { bucketSeconds: number; buckets: number }> = {
  hour: { bucketSeconds: 60, buckets: 60 },
  day: { bucketSeconds: 15 * 60, buckets: 96 },
  week: { bucketSeconds: 2 * 3600, buckets: 84 },
};

/** A question for how a subscription did in one log. The last bucket is the one of now. */
export type HealthQuery = { subscriptionId: string; fromMs: number; bucketMs: number; buckets: number };

/** One step of time. */
export type HealthBucket = {
  attempts: number;
  failures: number;
  /** How long the newest of its attempts that delivered took. */
  latenciesMs: number[];
  /** What was outstanding when it was looked at last; null: it was not. */
  backlog: number | null;
};

/** `isComplete`: false where some of the older buckets say less than there was. Oldest bucket first. */
export type SubscriptionHealth = { buckets: HealthBucket[]; isComplete: boolean };
