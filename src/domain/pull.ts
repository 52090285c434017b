import type { LeaseItem } from "./delivery.ts";

/** One call of a consumer that fetches its events itself: up to `max` of them are its own for `leaseSeconds`. */
export type PullCall = {
  subscription: string;
  max: number;
  leaseSeconds: number;
  /** Made per call: repeating one with the same nonce gives the same lease again. */
  nonce: string;
};

/**
 * Events of one key in order. `attempt`: which try of its first event this is, the failures that its consumers have told of
 * counted; those behind it are tried for the first time, or again after a failure before them.
 */
export type PulledItem = LeaseItem & { attempt: number };

/** Names a lease among those of its subscription in one log. */
export type PullLeaseRef = { slot: number; leaseId: number };

/** Events that are this consumer's until it settles them, or `remainingMs` have passed. */
export type PullLease = PullLeaseRef & { remainingMs: number; items: PulledItem[] };

export type PullAnswer =
  | { kind: "lease"; lease: PullLease }
  /**
   * Nothing now. `retryMs`: when there may be something (0: at once, as the look through the log was cut short); null: not before
   * another event comes.
   */
  | { kind: "nothing"; retryMs: number | null }
  /** The log does not know the subscription, or it is paused, removed, or has an endpoint. */
  | { kind: "not_found" };

/**
 * What became of a leased event. `delivered`: done with. `failed`: tried again by the subscription's retry policy, and dead when its
 * attempts have run out. `released`: given back untried, at once.
 */
export type PullOutcome = "delivered" | "failed" | "released";

/**
 * Ends events of leases; what is not named stays leased. Within a key, what is told of an event counts once all earlier ones of
 * its lease are done with; until then it is kept with the lease, and is lost where that runs out. Where one fails or is given
 * back, so are all behind it: their key begins again there.
 */
export type PullSettle = {
  subscription: string;
  outcomes: { eventId: string; outcome: PullOutcome }[];
  /**
   * Only what these leases hold: whoever is late ends nothing of the consumer that has the event by now. Absent: whatever lease
   * holds it.
   */
  leases?: PullLeaseRef[];
};

/** By event. `settled`: a lease held it, or it stood already as it was told. `unknown`: it is leased again, if it is not done with. */
export type PullSettled = { settled: string[]; unknown: string[] };

/** Keeps leases for `leaseSeconds` from now on. */
export type PullRenew = { subscription: string; leases: PullLeaseRef[]; leaseSeconds: number };

/** The leases that there still are; of the others, nothing is their consumer's any more. */
export type PullRenewed = { leases: (PullLeaseRef & { remainingMs: number })[] };
