import type { LogCounts, LogGauges, LogMetrics } from "../../domain/log-metrics.ts";
import { STATUS_ROWS_MAX } from "../../kernel/limits.ts";
import { hasFresh, type LogState } from "../state/log-state.ts";
import { cursorOf, isConsumed, type Subscription } from "../store/subscription.ts";

/** What a log says of itself: from memory, but for a look at the rows of its lanes, and at those of what is closed if any is. */
export function measureLog(log: LogState): LogMetrics {
  const { startedMs, outcomes } = log.counters;
  const counts = { ...log.counters.read(), ...sumAttempts(log) };
  return { startedMs, outcomes: { ...outcomes }, counts, gauges: measureGauges(log) };
}

/** Of all attempts ever, those for subscriptions that are gone included. */
function sumAttempts({ subscriptions }: LogState): Pick<LogCounts, "delivered" | "failed" | "attemptMs"> {
  const sums = { delivered: 0, failed: 0, attemptMs: 0 };
  for (const { made } of subscriptions.all()) {
    sums.delivered += made.delivered;
    sums.failed += made.failed;
    sums.attemptMs += made.ms;
  }
  return sums;
}

function measureGauges(log: LogState): LogGauges {
  const { events, platform, subscriptions } = log;
  const live = [...subscriptions.all()].filter(({ removed }) => !removed);
  const delivering = live.filter(isConsumed);
  const waiting = delivering.filter(hasFresh);
  const lanes = summarizeLanes(log);
  const oldestSeq = waiting.reduce((oldest, s) => Math.min(oldest, firstFreshSeq(s)), lanes.oldestSeq);
  return {
    lastSeq: events.lastSeq,
    storageBytes: platform.storageBytes(),
    subscriptions: live.length,
    delivering: delivering.length,
    gated: live.filter(({ gated }) => gated).length,
    openCircuits: live.filter(({ health }) => health.circuit !== null).length,
    liveLeases: live.reduce((sum, s) => sum + countLeases(s, platform.clock.now()), 0),
    lanes: lanes.all,
    retryingLanes: lanes.retrying,
    deadEvents: countDead(log),
    cursorLag: waiting.reduce((most, s) => Math.max(most, events.lastSeq - cursorOf(s)), 0),
    oldestWaitingMs: ageOf(log, oldestSeq),
  };
}

const firstFreshSeq = (s: Subscription): number => Math.max(cursorOf(s) + 1, s.firstFreshSeq);

const countLeases = (s: Subscription, nowMs: number): number =>
  s.slots.filter(({ lease }) => lease && lease.expiresMs > nowMs).length;

/** Lanes of subscriptions that something is delivered for now; those of an earlier epoch are void. */
function summarizeLanes({ lanes, subscriptions }: LogState): { all: number; retrying: number; oldestSeq: number } {
  const sum = { all: 0, retrying: 0, oldestSeq: Number.POSITIVE_INFINITY };
  for (const { owner, count, retrying, firstHead } of lanes.summarize(STATUS_ROWS_MAX)) {
    const s = subscriptions.get(owner.id);
    if (!s || s.epoch !== owner.epoch || !isConsumed(s)) continue;
    sum.all += count;
    sum.retrying += retrying;
    sum.oldestSeq = Math.min(sum.oldestSeq, firstHead);
  }
  return sum;
}

/** Of an earlier epoch, or a removed subscription, nothing can be brought back. */
function countDead({ closed, subscriptions }: LogState): number {
  if (![...subscriptions.all()].some(({ hasClosed }) => hasClosed)) return 0;
  return closed.summarizeDead(STATUS_ROWS_MAX).reduce((sum, { owner, count }) => {
    const s = subscriptions.get(owner.id);
    return s && !s.removed && s.epoch === owner.epoch ? sum + count : sum;
  }, 0);
}

function ageOf({ events, platform }: LogState, seq: number): number {
  const acceptedMs = Number.isFinite(seq) ? events.acceptedMs(seq) : null;
  return acceptedMs === null ? 0 : Math.max(0, platform.clock.now() - acceptedMs);
}
