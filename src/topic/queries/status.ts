import type { BlockedKey } from "../../domain/delivery-log.ts";
import type { SubscriptionStatus } from "../../domain/subscription-status.ts";
import { BLOCKED_SHOWN_MAX, STATUS_ROWS_MAX } from "../../kernel/limits.ts";
import { type LogState, laneOwner } from "../state/log-state.ts";
import type { Subscription } from "../store/subscription.ts";
import { countBacklog } from "./backlog.ts";

/** How a subscription stands. Bounded, and says so. null: this log does not know it. */
export function measureStatus(log: LogState, subscriptionId: string): SubscriptionStatus | null {
  const s = log.subscriptions.get(subscriptionId);
  if (!s || s.removed) return null;
  const owner = laneOwner(s);
  const { events, isExact, oldestSeq } = countBacklog(log, s);
  return {
    backlog: events,
    backlogIsExact: isExact,
    oldestUndeliveredMs: Number.isFinite(oldestSeq) ? log.events.acceptedMs(oldestSeq) : null,
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
