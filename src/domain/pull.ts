import type { LeaseItem } from "./delivery.ts";

/** One call of a consumer that fetches its events itself: up to `max` of them are its own for `leaseSeconds`. */
export type PullCall = {
  subscription: string;
  max: number;
  leaseSeconds: number;
  /** Made per call: repeating one with the same nonce gives the same lease again. */
  nonce: string;
};

/** Events that are this consumer's until it settles them, or `remainingMs` have passed. Those of a key stand in order. */
export type PullLease = { slot: number; leaseId: number; remainingMs: number; items: LeaseItem[] };

export type PullAnswer =
  | { kind: "lease"; lease: PullLease }
  /** Nothing now. `retryMs`: when something that failed, or that others hold, may be due; null: not before another event comes. */
  | { kind: "nothing"; retryMs: number | null }
  /** The log does not know the subscription, or it is paused, removed, or not for pulling. */
  | { kind: "not_found" };

/**
 * What became of leased events. `delivered`: done with. `failed`: tried again by the subscription's retry policy.
 * `released`: given back untried, at once.
 */
export type PullOutcome = "delivered" | "failed" | "released";

/** Ends events of leases; what is not named stays leased. */
export type PullSettle = {
  subscription: string;
  outcomes: { eventId: string; outcome: PullOutcome }[];
};

/** By event: whether a live lease of the subscription held it. What was settled before counts as held. */
export type PullSettled = { settled: string[]; unknown: string[] };
