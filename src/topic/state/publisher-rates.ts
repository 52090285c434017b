import type { PublishLimit, Quota } from "../../domain/publish-limit.ts";
import type { RateLimit } from "../../domain/subscription.ts";
import { keepNewest } from "../../kernel/bounded-map.ts";
import { PUBLISHER_BUCKETS_MAX } from "../../kernel/limits.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import { permitted, refill, spend, type TokenBucket } from "../store/token-bucket.ts";

/**
 * The token buckets of those who publish to a log. In memory only, so that a limit costs no row: after a restart, and for
 * whoever has not tried to publish for longer than `PUBLISHER_BUCKETS_MAX` others, the bucket is full.
 */
export class PublisherRates {
  readonly #buckets = new Map<string, TokenBucket>();
  #taken: { clientId: string; events: number }[] = [];

  begin(): void {
    this.#taken = [];
  }

  /** Gives back what was taken for events that were not stored after all. */
  rollBack(): void {
    for (const { clientId, events } of this.#taken) {
      const bucket = this.#buckets.get(clientId);
      if (bucket) this.#buckets.set(clientId, spend(bucket, -events));
    }
    this.#taken = [];
  }

  /**
   * Takes so many events out of a publisher's bucket, or none and says in how many seconds to come again. More than ever fit
   * into it may go when it is full; it is then in debt.
   */
  take({ clientId, rate }: PublishLimit, events: number, nowMs: number): Result<Quota, { waitSeconds: number }> {
    const bucket = refill(this.#buckets.get(clientId) ?? null, rate, nowMs);
    const needed = Math.min(events, rate.burst);
    const isEnough = permitted(bucket) >= needed;
    const left = isEnough ? spend(bucket, events) : bucket;
    keepNewest(this.#buckets, clientId, left, PUBLISHER_BUCKETS_MAX);
    if (!isEnough) return err({ waitSeconds: Math.ceil((needed - bucket.tokens) / rate.perSecond) });
    this.#taken.push({ clientId, events });
    return ok(quotaOf(left, rate));
  }
}

const quotaOf = (bucket: TokenBucket, { perSecond, burst }: RateLimit): Quota => ({
  remaining: permitted(bucket),
  resetSeconds: Math.ceil((burst - bucket.tokens) / perSecond),
});
