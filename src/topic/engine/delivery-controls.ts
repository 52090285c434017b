import type { ControlOutcome, DeadFilter, DeadRetried } from "../../domain/delivery-log.ts";
import { DEAD_LOOKED_AT_MAX, DEAD_RETRIED_MAX } from "../../kernel/limits.ts";
import { findDelivery } from "../queries/deliveries.ts";
import { type Standing, standings } from "../queries/standing.ts";
import { headOf, type LogState, laneOwner, lockedKeys, newSearchBudget, nextOpen } from "../state/log-state.ts";
import { transact } from "../state/open-log.ts";
import type { EventRow } from "../store/event-rows.ts";
import { isHeldLane, laneKeyOf, loneLaneKey } from "../store/lane-store.ts";
import { cursorOf, type Subscription } from "../store/subscription.ts";
import { lookAfter } from "./controls.ts";
import { beginBacklog } from "./notices.ts";
import { keepCandidate } from "./take.ts";

/** Attempts a failing delivery now, or brings a dead or skipped one back: that goes by itself, outside its key's order. */
export function retryDelivery(log: LogState, subscriptionId: string, seq: number): ControlOutcome {
  return control(log, subscriptionId, seq, (s, row, standing) => {
    const now = log.platform.clock.now();
    if (standing.status === "dead" || standing.status === "skipped") {
      reopen(log, s, row);
      return "done";
    }
    const lane = standing.laneKey === null ? null : log.lanes.get(laneOwner(s), standing.laneKey);
    if (standing.status !== "failing" || !lane || row.seq !== lane.headSeq) return "conflict";
    log.lanes.set(laneOwner(s), { ...lane, dueMs: now });
    return "done";
  });
}

/** Gives a delivery up, so that its key goes on at once. */
export function skipDelivery(log: LogState, subscriptionId: string, seq: number): ControlOutcome {
  return control(log, subscriptionId, seq, (s, _row, { status, laneKey }) => {
    if (!["waiting", "failing", "blocked"].includes(status)) return "conflict";
    log.closed.add(laneOwner(s), seq, "skipped", log.platform.clock.now());
    s.hasClosed = true;
    if (laneKey !== null) passHead(log, s, laneKey, seq);
    return "done";
  });
}

function passHead(log: LogState, s: Subscription, laneKey: string, headSeq: number): void {
  const lane = log.lanes.get(laneOwner(s), laneKey);
  if (lane && isHeldLane(lane)) return;
  const next = nextOpen(log, s, laneKey, headSeq, newSearchBudget());
  if (next.kind === "none") log.lanes.delete(laneOwner(s), laneKey);
  else keepCandidate(log, s, { key: laneKey, headSeq: headOf(next), attempt: 0 });
}

function control(
  log: LogState,
  subscriptionId: string,
  seq: number,
  act: (s: Subscription, row: EventRow, standing: Standing) => ControlOutcome,
): ControlOutcome {
  return transact(log, () => {
    const s = log.subscriptions.get(subscriptionId);
    const row = log.events.row(seq);
    if (!s || s.removed || !row) return "not_found";
    const standing = standings(log, s)(row, newSearchBudget());
    if (standing.isLeased) return "attempting";
    const outcome = act(s, row, standing);
    if (outcome === "done") lookAfter(log, s);
    // What is no delivery of the subscription is not there for it.
    return outcome === "conflict" && !findDelivery(log, s, seq) ? "not_found" : outcome;
  });
}

/**
 * Opens a closed event again. Where its key has not come that far, it takes its place in the key's order; else it goes by itself.
 */
function reopen(log: LogState, s: Subscription, row: EventRow): void {
  const { seq } = row;
  log.closed.delete(laneOwner(s), seq);
  const key = laneKeyOf(row);
  const head = log.lanes.get(laneOwner(s), key)?.headSeq ?? Number.POSITIVE_INFINITY;
  // A search that was cut short may have left its key's head at an event that is closed.
  const isStillToCome = seq > cursorOf(s) || (head <= seq && !lockedKeys(s, null).has(key));
  if (isStillToCome) return;
  const lane = { key: loneLaneKey(seq), headSeq: seq, attempt: 0, dueMs: log.platform.clock.now() };
  log.lanes.set(laneOwner(s), lane);
}

/** Brings dead deliveries back, the oldest first, up to a bound; `remaining` says how many more there are, up to a bound too. */
export function retryDead(
  log: LogState,
  subscriptionId: string,
  { fromMs, toMs, channel }: DeadFilter,
): DeadRetried | null {
  return transact(log, () => {
    const { events, closed } = log;
    const s = log.subscriptions.get(subscriptionId);
    if (!s || s.removed) return null;
    const after = fromMs === null ? events.firstSeq - 1 : events.seqBefore(fromMs);
    const before = toMs === null ? events.lastSeq + 1 : events.seqBefore(toMs) + 1;
    const dead = closed
      .list(laneOwner(s), "dead", { after, before }, { order: "oldest first", limit: DEAD_LOOKED_AT_MAX })
      .filter((seq) => channel === null || events.describe(seq)?.channel === channel);
    const chosen = dead.slice(0, DEAD_RETRIED_MAX);
    for (const seq of chosen) {
      const row = events.row(seq);
      if (row) reopen(log, s, row);
    }
    if (chosen.length > 0) {
      beginBacklog(log, s);
      lookAfter(log, s);
    }
    return { retried: chosen.length, remaining: dead.length - chosen.length };
  });
}
