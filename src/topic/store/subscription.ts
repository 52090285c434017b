import type { AttemptReport } from "../../domain/delivery.ts";
import type { PullOutcome } from "../../domain/pull.ts";
import type { LogSubscription } from "../../domain/subscription.ts";
import { LEASE_EVENTS_INITIAL } from "../../kernel/limits.ts";
import type { Health } from "./health.ts";
import { nextPermitMs, permitted, refill, spend, type TokenBucket } from "./token-bucket.ts";

/**
 * Events of one key in a lease, in order. `told`: what a pulling consumer has said of some of them, that does not count before
 * those in front are done with.
 */
export type SlotItem = { key: string; seqs: number[]; told?: [seq: number, outcome: PullOutcome][] };

/** A lease in its slot: these events are one consumer's until `expiresMs`. */
export type SlotLease = {
  id: number;
  nonce: string;
  ordinal: number;
  expiresMs: number;
  items: SlotItem[];
};

/** Who sits at a slot: a consumer of fresh events, the one of retries, or one that fetches its events itself. */
export type SlotRole = "fresh" | "retry" | "pull";

/** The first slot of those that fetch their events themselves: far behind all that wakes may name, however many those become. */
export const PULL_SLOT_FIRST = 100;

/** A seat at which one consumer works for a subscription: 0 … m − 1 for fresh events, m for retries, from `PULL_SLOT_FIRST` on for pulling. */
export type Slot = {
  n: number;
  role: SlotRole;
  /** Epoch of `highSeq` and of the lease. */
  epoch: number;
  highSeq: number;
  /** How many events the next lease may hold: grows while all is delivered, shrinks at failures. */
  window: number;
  /** The last lease's id, kept when it ends: ids never repeat, across restarts too. */
  leaseId: number;
  lease: SlotLease | null;
  /** The lease whose results were noted last. In memory only: after a restart a repeated call may be noted twice. */
  settledId: number;
};

/** How many attempts delivered, how many failed, and how long all of them took. */
export type AttemptSums = { delivered: number; failed: number; ms: number };

export const NO_ATTEMPTS: AttemptSums = { delivered: 0, failed: 0, ms: 0 };

export type Consent = { version: number; granted: boolean; sinceSeq: number; expiresMs: number | null };

/** A subscription in the log: its row, its slots and its consents, held in memory and written through. */
export type Subscription = {
  readonly id: string;
  config: LogSubscription;
  removed: boolean;
  epoch: number;
  fromSeq: number;
  /** The receiver asked for silence until then (Retry-After). */
  holdUntilMs: number;
  health: Health;
  /** What its rate limit permits; null: all of it. Kept in the rows of its slots, which are written with each lease anyway. */
  bucket: TokenBucket | null;
  /** Of all attempts that were ever made for it in this log. In the rows of its slots, for the same reason. */
  made: AttemptSums;
  slots: Slot[];
  /** The log that this one takes its keys over from may still work for it: nothing is delivered before that one has said what on. */
  gated: boolean;
  consents: Map<string, Consent>;
  /** No event after this one matches. An upper bound: at a restart it is simply the end of the log. */
  lastMatchSeq: number;
  /** No event between the cursor and this one matches; 0: not known. */
  firstFreshSeq: number;
  /** Lanes of earlier epochs may be left to delete. */
  hasStaleLanes: boolean;
  /** Whether any event was ever closed as dead or skipped: spares a look-up per event otherwise. */
  hasClosed: boolean;
};

/** Everything up to here has been leased at least once in this epoch, or did not match. */
export function cursorOf(s: Subscription): number {
  let cursor = s.fromSeq;
  for (const slot of s.slots) if (slot.epoch === s.epoch && slot.highSeq > cursor) cursor = slot.highSeq;
  return cursor;
}

/** How many attempts its rate limit permits at once. */
export function permittedAttempts(s: Subscription, nowMs: number): number {
  const { rateLimit } = s.config;
  return rateLimit ? permitted(refill(s.bucket, rateLimit, nowMs)) : Number.POSITIVE_INFINITY;
}

/** When its rate limit permits the next attempt: now, or later. */
export function nextAttemptMs(s: Subscription, nowMs: number): number {
  const { rateLimit } = s.config;
  return rateLimit ? nextPermitMs(refill(s.bucket, rateLimit, nowMs), rateLimit) : nowMs;
}

/** Counts attempts that a lease permits, or (a negative number) those that it gives back untried. */
export function countAttempts(s: Subscription, attempts: number, nowMs: number): void {
  const { rateLimit } = s.config;
  s.bucket = rateLimit ? spend(refill(s.bucket, rateLimit, nowMs), attempts) : null;
}

/** Adds attempts to those that were made before. */
export function addAttempts(s: Subscription, attempts: AttemptReport[]): void {
  const delivered = attempts.filter((attempt) => attempt.delivered).length;
  s.made = {
    delivered: s.made.delivered + delivered,
    failed: s.made.failed + attempts.length - delivered,
    ms: attempts.reduce((sum, { ms }) => sum + ms, s.made.ms),
  };
}

/**
 * Whether a consumer works for it beside whom there must be no other: an open circuit is probed by one attempt, and a bound on
 * attempts in flight is kept by one consumer. Whoever works for it arms again.
 */
export const isTaken = ({ health, config, slots }: Subscription): boolean =>
  (health.circuit !== null || (config.target?.maxInFlight ?? null) !== null) && slots.some(({ lease }) => lease);

/** Whether something is delivered for it at all. A removed, paused or endpoint-less subscription asks for no wakes. */
export const isDeliverable = (s: Subscription): boolean => !s.removed && s.config.active && s.config.target !== null;

/** Whether a consumer may fetch its events itself. */
export const isPullable = (s: Subscription): boolean => !s.removed && s.config.active && s.config.target === null;

/**
 * Whether it is owed its events although it has no endpoint: from the first time on that somebody has come to fetch some. Whoever
 * only listens is owed nothing, and holds nothing back.
 */
export const isPulled = (s: Subscription): boolean => !s.removed && s.config.target === null && hasPullers(s);

/** Whether somebody has come to fetch its events, also while it is removed or has an endpoint: it may come back, or lose that. */
export const hasPullers = ({ slots }: Subscription): boolean => slots.some(({ role }) => role === "pull");

/** Whether somebody takes its events: a consumer that wakes call, or one that comes by itself. */
export const isConsumed = (s: Subscription): boolean => isDeliverable(s) || (s.config.active && isPulled(s));

/** The seats of a new subscription: the last of them is for retries. Those for pulling are added when somebody comes. */
export const emptySlots = (count: number): Slot[] =>
  Array.from({ length: count }, (_, n) => emptySlot(n, n === count - 1 ? "retry" : "fresh"));

export const emptySlot = (n: number, role: SlotRole): Slot => ({
  ...{ n, role },
  epoch: 1,
  highSeq: 0,
  window: LEASE_EVENTS_INITIAL,
  leaseId: 0,
  lease: null,
  settledId: 0,
});
