import { FILTER_CALL_STEPS_MAX, KEY_SEARCH_BLOCKS_MAX } from "../../kernel/limits.ts";
import type { AttemptStore } from "../store/attempt-store.ts";
import type { CaughtUpStore } from "../store/caught-up-store.ts";
import type { ClosedStore } from "../store/closed-store.ts";
import type { EventRow } from "../store/event-rows.ts";
import type { EventStore, KeySearch } from "../store/event-store.ts";
import type { HubStore } from "../store/hub-store.ts";
import type { IdempotencyStore } from "../store/idempotency-store.ts";
import { type LaneOwner, type LaneStore, laneKeyOf, loneLaneKey, readLaneKey } from "../store/lane-store.ts";
import type { NoticeStore } from "../store/notice-store.ts";
import type { LogPlatform } from "../store/platform.ts";
import { cursorOf, isConsumed, type Subscription } from "../store/subscription.ts";
import type { SubscriptionStore } from "../store/subscription-store.ts";
import type { Succession } from "../store/succession.ts";
import type { AlarmClock } from "./alarm-clock.ts";
import type { Counters } from "./counters.ts";
import { type Answer, type FilterBudget, FilteredEvent, type Filters } from "./filters.ts";
import type { Gates } from "./gates.ts";
import type { Listeners } from "./listeners.ts";
import type { PublisherRates } from "./publisher-rates.ts";
import type { Waker } from "./waker.ts";

/** The stores of one topic log, and its ways of being heard again: wakes, pokes and the alarm. */
export type LogState = {
  platform: LogPlatform;
  events: EventStore;
  subscriptions: SubscriptionStore;
  caughtUp: CaughtUpStore;
  filters: Filters;
  lanes: LaneStore;
  attempts: AttemptStore;
  closed: ClosedStore;
  idempotency: IdempotencyStore;
  publishers: PublisherRates;
  notices: NoticeStore;
  succession: Succession;
  gates: Gates;
  hubs: HubStore;
  listeners: Listeners;
  waker: Waker;
  alarm: AlarmClock;
  counters: Counters;
};

/** How far one call may search for next events, and look into them, over all its searches. */
export type SearchBudget = FilterBudget & { blocks: number };

export const newSearchBudget = (): SearchBudget => ({
  blocks: KEY_SEARCH_BLOCKS_MAX,
  filterSteps: FILTER_CALL_STEPS_MAX,
});

export const laneOwner = (s: Subscription): LaneOwner => ({ id: s.id, epoch: s.epoch });

/** Whether a subscription may have an event, which was neither given up nor skipped: all but its filter, which has to read it. */
export function isPermitted(log: LogState, s: Subscription, row: EventRow): boolean {
  if (!log.subscriptions.matches(s, row, log.platform.clock.now())) return false;
  return !s.hasClosed || log.closed.kindOf(laneOwner(s), row.seq) === null;
}

/** Whether the filter that a subscription has now lets an event through. */
export const passesFilter = (log: LogState, s: Subscription, row: EventRow, budget: SearchBudget): Answer =>
  log.filters.passes(s.config, new FilteredEvent(row, () => log.events.read(row.seq)), budget);

/**
 * Looks whether an event is owed to a subscription: it is permitted, and passes the filter. Asked anew whenever it may be
 * leased: what no longer passes is passed over, and its key goes on without it.
 */
export function lookAt(log: LogState, s: Subscription, row: EventRow, budget: SearchBudget): KeySearch {
  const answer = isPermitted(log, s, row) ? passesFilter(log, s, row, budget) : "no";
  if (answer === "unknown") return { kind: "unfinished", fromSeq: row.seq };
  return answer === "yes" ? { kind: "found", row } : { kind: "none" };
}

/** The first open event of a lane from its head on, at or before the cursor. */
export function firstOpen(
  log: LogState,
  s: Subscription,
  laneKey: string,
  head: number,
  budget: SearchBudget,
): KeySearch {
  const row = log.events.row(head);
  const isOfLane = row !== null && (laneKeyOf(row) === laneKey || loneLaneKey(row.seq) === laneKey);
  const looked: KeySearch = isOfLane ? lookAt(log, s, row, budget) : { kind: "none" };
  return looked.kind === "none" ? nextOpen(log, s, laneKey, head, budget) : looked;
}

/** The first open event of a lane after a place, at or before the cursor. */
export function nextOpen(
  log: LogState,
  s: Subscription,
  laneKey: string,
  after: number,
  budget: SearchBudget,
): KeySearch {
  const upTo = cursorOf(s);
  const lane = readLaneKey(laneKey);
  if ("seq" in lane) {
    const row = lane.seq > after && lane.seq <= upTo ? log.events.row(lane.seq) : null;
    return row ? lookAt(log, s, row, budget) : { kind: "none" };
  }
  for (let place = after; ; ) {
    const search = log.events.nextOfKey(lane.key, place, upTo, budget);
    if (search.kind !== "found") return search;
    const looked = lookAt(log, s, search.row, budget);
    if (looked.kind !== "none") return looked;
    place = search.row.seq;
  }
}

/** Where a lane begins after a search that did not end with nothing. */
export const headOf = (search: Exclude<KeySearch, { kind: "none" }>): number =>
  search.kind === "found" ? search.row.seq : search.fromSeq;

/** Whether the predecessor has to be asked about a subscription: what it has comes first, as a whole or for some keys. */
export const waitsForPredecessor = (log: LogState, s: Subscription): boolean =>
  log.succession.shard > 0 && isConsumed(s) && (s.gated || log.lanes.hasHeld(laneOwner(s)));

/** Whether an event after the cursor may match. Never says no where there is one. */
export const hasFresh = (s: Subscription): boolean => s.lastMatchSeq > cursorOf(s);

/** Keys in a lease of the subscription, of whatever epoch, but for one slot's. */
export function lockedKeys(s: Subscription, exceptSlot: number | null): Set<string> {
  const locked = new Set<string>();
  for (const slot of s.slots) {
    if (slot.n === exceptSlot || !slot.lease) continue;
    for (const item of slot.lease.items) locked.add(item.key);
  }
  return locked;
}

/** When the first lane that nobody holds is due; Infinity: there is none. */
export function earliestDueMs(log: LogState, s: Subscription, retrying: boolean): number {
  const locked = lockedKeys(s, null);
  const lanes = log.lanes.due(laneOwner(s), retrying, Number.MAX_SAFE_INTEGER, locked.size + 1);
  return lanes.find((lane) => !locked.has(lane.key))?.dueMs ?? Number.POSITIVE_INFINITY;
}
