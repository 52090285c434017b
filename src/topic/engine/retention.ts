import { DAY_MS, EXPIRED_PER_ALARM_MAX, RETENTION_RETRY_MS, RETENTION_STEP_MS } from "../../kernel/limits.ts";
import { firstOwedTo, isOwedAnything } from "../queries/owed.ts";
import {
  hasFresh,
  headOf,
  type LogState,
  laneOwner,
  lockedKeys,
  lookAt,
  nextOpen,
  type SearchBudget,
} from "../state/log-state.ts";
import { isHeldLane, type Lane } from "../store/lane-store.ts";
import { cursorOf, type Subscription } from "../store/subscription.ts";
import { closeDead } from "./notices.ts";

/** When the alarm has to look at what is stored now, for retention's sake; Infinity: never. */
export function nextRetentionMs(log: LogState): number {
  const now = log.platform.clock.now();
  const forgetMs = nextForgetMs(log);
  const days = log.subscriptions.topic?.maxUndeliveredDays ?? null;
  // What is old and still owed is looked at now and then anyway.
  return Math.min(
    forgetMs > now ? forgetMs : Number.POSITIVE_INFINITY,
    days === null ? Number.POSITIVE_INFINITY : now + days * DAY_MS,
  );
}

/** When there is something to forget at the earliest; Infinity: not before another event comes. */
export function nextForgetMs({ subscriptions, events }: LogState): number {
  const endMs = events.oldestSegmentEndMs();
  // Nothing is forgotten before it is known for how long it was to be kept.
  const days = subscriptions.topic?.retentionDays ?? null;
  return endMs === null || days === null ? Number.POSITIVE_INFINITY : endMs + days * DAY_MS;
}

/**
 * Forgets segments that are older than the API keeps its events, once nobody is owed anything of them. Answers when to look
 * again.
 */
export function forgetOld(log: LogState): number {
  const now = log.platform.clock.now();
  while (nextForgetMs(log) <= now) {
    if (firstOwedSeq(log) <= log.events.oldestSegmentEndSeq()) return now + RETENTION_RETRY_MS;
    log.events.forgetOldestSegment();
    log.closed.forgetBefore(log.events.firstSeq);
  }
  return nextForgetMs(log);
}

/** The first event that somebody may still be owed; Infinity: there is none. */
function firstOwedSeq(log: LogState): number {
  let first = Number.POSITIVE_INFINITY;
  for (const s of log.subscriptions.all()) if (isOwedAnything(s)) first = Math.min(first, firstOwedTo(log, s));
  return first;
}

/**
 * Gives up what has not been delivered for as long as the API says: it is dead, and no longer in the way. Older events that a
 * subscription has asked for wait since then. Answers when to look again; Infinity: nothing waits, or it may wait for ever.
 */
export function expireUndelivered(log: LogState, budget: SearchBudget): number {
  const { subscriptions, events, platform } = log;
  const days = subscriptions.topic?.maxUndeliveredDays ?? null;
  if (days === null) return Number.POSITIVE_INFINITY;
  const now = platform.clock.now();
  const upToSeq = events.seqBefore(now - days * DAY_MS);
  const quota = { left: EXPIRED_PER_ALARM_MAX };
  let waitsSinceMs = Number.POSITIVE_INFINITY;
  for (const s of subscriptions.all()) {
    if (!isOwedAnything(s)) continue;
    const begunMs = log.notices.toldMs(s.id, "begun") ?? 0;
    if (begunMs <= now - days * DAY_MS && firstOwedTo(log, s) <= upToSeq) expireFor(log, s, upToSeq, quota, budget);
    waitsSinceMs = Math.min(waitsSinceMs, Math.max(begunMs, firstOwedMs(log, s)));
  }
  // What is overdue and still there is being attempted, or is the next step's.
  return Math.max(waitsSinceMs + days * DAY_MS, now + (quota.left === 0 ? 1 : RETENTION_STEP_MS));
}

/** When the first event that this subscription may still be owed was accepted; Infinity: there is none. */
function firstOwedMs(log: LogState, s: Subscription): number {
  const seq = firstOwedTo(log, s);
  return (Number.isFinite(seq) ? log.events.acceptedMs(seq) : null) ?? Number.POSITIVE_INFINITY;
}

type Quota = { left: number };

function expireFor(log: LogState, s: Subscription, upToSeq: number, quota: Quota, budget: SearchBudget): void {
  const locked = lockedKeys(s, null);
  for (const lane of log.lanes.withHeadUpTo(laneOwner(s), upToSeq, quota.left + locked.size)) {
    if (!locked.has(lane.key)) expireLane(log, s, lane, upToSeq, quota, budget);
  }
  expireFresh(log, s, upToSeq, quota, budget);
}

/**
 * The lane goes on at its first event that is not overdue; one that is held stays held, and goes no further than the cursor: what
 * stands behind that was not looked at.
 */
function expireLane(
  log: LogState,
  s: Subscription,
  lane: Lane,
  upToSeq: number,
  quota: Quota,
  budget: SearchBudget,
): void {
  let next = nextOpen(log, s, lane.key, lane.headSeq - 1, budget);
  while (next.kind === "found" && next.row.seq <= upToSeq && quota.left > 0) {
    giveUp(log, s, next.row.seq, quota);
    next = nextOpen(log, s, lane.key, next.row.seq, budget);
  }
  const headSeq = next.kind === "none" ? Math.min(upToSeq, cursorOf(s)) + 1 : headOf(next);
  if (headSeq === lane.headSeq) return;
  if (isHeldLane(lane)) log.lanes.hold(laneOwner(s), lane.key, headSeq);
  else if (next.kind === "none") log.lanes.delete(laneOwner(s), lane.key);
  else log.lanes.set(laneOwner(s), { key: lane.key, headSeq, attempt: 0, dueMs: log.platform.clock.now() });
}

/** The cursor goes over what is overdue, as it goes over what is leased. */
function expireFresh(log: LogState, s: Subscription, upToSeq: number, quota: Quota, budget: SearchBudget): void {
  const slot = s.slots[0];
  const cursor = cursorOf(s);
  if (!slot || slot.lease || cursor >= upToSeq || !hasFresh(s)) return;
  let highSeq = cursor;
  for (const row of log.events.rowsAfter(cursor, quota.left)) {
    if (row.seq > upToSeq) break;
    const looked = lookAt(log, s, row, budget);
    if (looked.kind === "unfinished") break;
    if (looked.kind === "found") giveUp(log, s, row.seq, quota);
    highSeq = row.seq;
  }
  if (highSeq === cursor) return;
  slot.epoch = s.epoch;
  slot.highSeq = highSeq;
  log.subscriptions.saveSlot(s, slot);
}

function giveUp(log: LogState, s: Subscription, seq: number, quota: Quota): void {
  closeDead(log, s, seq);
  quota.left--;
}
