import type { BlockedKey, RecentAttempts } from "./delivery-log.ts";

/** What a log says of one of its subscriptions. */
export type SubscriptionStatus = {
  /** Accepted and not done: waiting, leased, failing and blocked ones. */
  backlog: number;
  /** False where the count stopped at its bound: the backlog is then at least that. */
  backlogIsExact: boolean;
  oldestUndeliveredMs: number | null;
  /** Keys whose first event has failed, counted up to a bound. */
  blockedKeys: number;
  /** Some of them, those that are tried next first. */
  blocked: BlockedKey[];
  /** Events given up after `maxAttempts`, or after the API's `maxUndeliveredDays`, counted up to a bound. */
  dead: number;
  /** null: closed. Else since when its endpoint has done nothing but fail, and when it is tried again. */
  circuit: { failingSinceMs: number; nextAttemptMs: number } | null;
} & RecentAttempts;
