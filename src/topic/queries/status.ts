import type { BlockedKey } from "../../domain/delivery-log.ts";
import type { SubscriptionStatus } from "../../domain/subscription-status.ts";
import { BLOCKED_SHOWN_MAX, STATUS_LANES_MAX, STATUS_ROWS_MAX } from "../../kernel/limits.ts";
import {
  firstOpen,
  hasFresh,
  headOf,
  type LogState,
  laneOwner,
  lookAt,
  newSearchBudget,
  nextOpen,
  type SearchBudget,
} from "../state/log-state.ts";
import { cursorOf, type Subscription } from "../store/subscription.ts";

/**
 * Counts what is outstanding for a subscription: behind lanes and leases, and after the cursor, as far as its filter lets
 * it through. Bounded, and says so.
 * null: this log does not know it.
 */
export function measureStatus(log: LogState, subscriptionId: string): SubscriptionStatus | null {
  const s = log.subscriptions.get(subscriptionId);
  if (!s || s.removed) return null;
  const owner = laneOwner(s);
  const count: Count = { events: 0, oldestSeq: Number.POSITIVE_INFINITY, isExact: true };
  const budget = newSearchBudget();
  const heads = outstandingHeads(log, s);
  for (const [key, headSeq] of heads) countLane(log, s, { key, headSeq }, count, budget);
  if (heads.size >= STATUS_LANES_MAX) count.isExact = false;
  countFresh(log, s, count, budget);
  return {
    backlog: count.events,
    backlogIsExact: count.isExact,
    oldestUndeliveredMs: Number.isFinite(count.oldestSeq) ? log.events.acceptedMs(count.oldestSeq) : null,
    blockedKeys: log.lanes.countRetrying(owner, STATUS_ROWS_MAX),
    blocked: listBlocked(log, s),
    dead: s.hasClosed ? log.closed.countDead(owner, STATUS_ROWS_MAX) : 0,
    circuit: showCircuit(s),
    ...log.attempts.recent(s.id, log.platform.clock.now()),
  };
}

function listBlocked(log: LogState, s: Subscription): BlockedKey[] {
  return log.lanes.due(laneOwner(s), true, Number.MAX_SAFE_INTEGER, BLOCKED_SHOWN_MAX).flatMap((lane) => {
    const event = log.events.describe(lane.headSeq);
    if (!event) return [];
    const { partitionKey, id: eventId } = event;
    return [{ partitionKey, eventId, attempts: lane.attempt, nextAttemptMs: lane.dueMs }];
  });
}

const showCircuit = ({ health }: Subscription): SubscriptionStatus["circuit"] =>
  health.circuit && { failingSinceMs: health.failingSinceMs ?? 0, nextAttemptMs: health.circuit.untilMs };

type Count = { events: number; oldestSeq: number; isExact: boolean };

/** The first outstanding event of each key that has one at or before the cursor. */
function outstandingHeads(log: LogState, s: Subscription): Map<string, number> {
  const heads = new Map<string, number>();
  for (const lane of log.lanes.list(laneOwner(s), STATUS_LANES_MAX)) heads.set(lane.key, lane.headSeq);
  for (const slot of s.slots) {
    if (slot.epoch !== s.epoch) continue;
    for (const { key, seqs } of slot.lease?.items ?? []) if (seqs[0] !== undefined) heads.set(key, seqs[0]);
  }
  return heads;
}

/** `budget` is for the whole status: it must not cost more, the more lanes fail and the more a filter has to look at. */
function countLane(
  log: LogState,
  s: Subscription,
  { key, headSeq }: { key: string; headSeq: number },
  count: Count,
  budget: SearchBudget,
): void {
  let search = firstOpen(log, s, key, headSeq, budget);
  if (search.kind !== "none") count.oldestSeq = Math.min(count.oldestSeq, headOf(search));
  while (search.kind === "found" && count.events < STATUS_ROWS_MAX) {
    count.events++;
    search = nextOpen(log, s, key, search.row.seq, budget);
  }
  if (search.kind !== "none") count.isExact = false;
}

function countFresh(log: LogState, s: Subscription, count: Count, budget: SearchBudget): void {
  if (!hasFresh(s)) return;
  const rows = log.events.rowsAfter(Math.max(cursorOf(s), s.firstFreshSeq - 1), STATUS_ROWS_MAX);
  for (const row of rows) {
    const looked = lookAt(log, s, row, budget);
    if (looked.kind === "unfinished") {
      count.isExact = false;
      return;
    }
    if (looked.kind === "none") continue;
    count.events++;
    count.oldestSeq = Math.min(count.oldestSeq, row.seq);
  }
  if (rows.length === STATUS_ROWS_MAX && s.lastMatchSeq > (rows.at(-1)?.seq ?? 0)) count.isExact = false;
}
