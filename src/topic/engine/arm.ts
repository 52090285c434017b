import { LEASE_EVENTS_MAX, SLEEPER_GRACE_MS, WAKE_COVER_MS } from "../../kernel/limits.ts";
import { earliestDueMs, hasFresh, type LogState, waitsForPredecessor } from "../state/log-state.ts";
import { cursorOf, isDeliverable, isTaken, nextAttemptMs, type Subscription } from "../store/subscription.ts";

/** Whether fresh events, or passed-over ones whose head has not failed, wait for a consumer. */
export function hasFreshWork(log: LogState, s: Subscription): boolean {
  return freshDueMs(log, s) <= log.platform.clock.now();
}

/** Whether somebody works on fresh events of the subscription, or is about to come. */
export const isServed = (log: LogState, s: Subscription): boolean =>
  s.slots.some((slot) => slot.role === "fresh" && log.waker.isCovered(s, slot));

/** Makes sure that somebody comes for whatever the subscription has to do. */
export function arm(log: LogState, s: Subscription): void {
  if (!isDeliverable(s)) return;
  armFresh(log, s);
  armSleeper(log, s, nextRetryMs(log, s));
}

/** As `arm`, for callers that have changed nothing about the lanes that wait for a retry. */
export function armFresh(log: LogState, s: Subscription): void {
  if (!isDeliverable(s) || isHeld(log, s)) return;
  const seats = s.slots.filter(({ role }) => role === "fresh");
  const idle = seats.filter((slot) => !log.waker.isCovered(s, slot));
  const covered = seats.length - idle.length;
  const wanted = log.events.lastSeq - cursorOf(s) > 2 * LEASE_EVENTS_MAX ? seats.length : 1;
  if (covered >= wanted || !hasFreshWork(log, s)) return;
  for (const slot of idle.slice(0, wanted - covered)) log.waker.send(s, slot);
}

/** Sends a delayed wake to the retry slot unless somebody comes as early. */
function armSleeper(log: LogState, s: Subscription, dueMs: number): void {
  if (dueMs === Number.POSITIVE_INFINITY) return;
  const slot = s.slots.find(({ role }) => role === "retry");
  if (!slot) return;
  const isServed = slot.lease !== null && slot.lease.expiresMs > log.platform.clock.now(); // its settle looks again
  if (!isServed && !log.waker.hasSleeper(s, dueMs)) log.waker.sendSleeper(s, slot, dueMs);
}

/**
 * Nothing is sent before then: the receiver asked for silence, its circuit is open, or the rate limit is used up. In the past:
 * none of it. Infinity: the log's predecessor has to be heard first.
 */
export const heldUntilMs = (log: LogState, s: Subscription): number =>
  s.gated
    ? Number.POSITIVE_INFINITY
    : Math.max(s.holdUntilMs, s.health.circuit?.untilMs ?? 0, nextAttemptMs(s, log.platform.clock.now()));

export const isHeld = (log: LogState, s: Subscription): boolean =>
  isTaken(s) || heldUntilMs(log, s) > log.platform.clock.now();

/**
 * When somebody has to come to the retry slot: at the first due lane; where the subscription is held, not before that ends,
 * and then for fresh events too, unless somebody is there who only waits for the rate. Infinity: never.
 */
export function nextRetryMs(log: LogState, s: Subscription): number {
  if (isTaken(s)) return Number.POSITIVE_INFINITY;
  const dueMs = earliestDueMs(log, s, true);
  const untilMs = heldUntilMs(log, s);
  if (untilMs <= log.platform.clock.now()) return dueMs;
  const isForRate = untilMs > Math.max(s.holdUntilMs, s.health.circuit?.untilMs ?? 0);
  const isWaitedFor = isForRate && isServed(log, s);
  return Math.max(untilMs, isWaitedFor ? dueMs : Math.min(dueMs, freshDueMs(log, s)));
}

/** When there is, or will be, something for a fresh slot; Infinity: never. */
const freshDueMs = (log: LogState, s: Subscription): number => (hasFresh(s) ? 0 : earliestDueMs(log, s, false));

/** When the alarm has to look after this subscription, whatever becomes of wakes and consumers; Infinity: never. */
export function nextAlarmMs(log: LogState, s: Subscription): number {
  const now = log.platform.clock.now();
  let atMs = Number.POSITIVE_INFINITY;
  for (const { lease } of s.slots) if (lease) atMs = Math.min(atMs, lease.expiresMs + 1);
  if (waitsForPredecessor(log, s)) atMs = Math.min(atMs, log.gates.nextAskMs());
  if (!isDeliverable(s)) return atMs;
  const retryMs = nextRetryMs(log, s);
  if (retryMs < Number.POSITIVE_INFINITY)
    atMs = Math.min(atMs, Math.max(now + WAKE_COVER_MS, retryMs + SLEEPER_GRACE_MS));
  if (hasFreshWork(log, s)) atMs = Math.min(atMs, Math.max(now, heldUntilMs(log, s)) + WAKE_COVER_MS);
  return atMs;
}
