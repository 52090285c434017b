import { STATUS_LANES_MAX, STATUS_ROWS_MAX } from "../../kernel/limits.ts";
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

/** What is outstanding for a subscription. `isExact`: false where the count has met a bound. `oldestSeq`: Infinity where nothing is. */
export type Backlog = { events: number; oldestSeq: number; isExact: boolean };

/** How far a count goes. `budget` is for all of it: it must not cost more, the more lanes fail and the more a filter has to look at. */
export type Bounds = { rows: number; lanes: number; budget: SearchBudget };

/** Counts behind lanes and leases, and after the cursor, as far as the filter lets it through. */
export function countBacklog(log: LogState, s: Subscription): Backlog {
  const bounds = { rows: STATUS_ROWS_MAX, lanes: STATUS_LANES_MAX, budget: newSearchBudget() };
  const behind = countBehind(log, s, bounds);
  const fresh = countFresh(log, s, bounds);
  return {
    events: behind.events + fresh.owed,
    oldestSeq: Math.min(behind.oldestSeq, fresh.oldestSeq),
    isExact: behind.isExact && fresh.unseen === 0,
  };
}

/** What is outstanding up to the cursor. */
export function countBehind(log: LogState, s: Subscription, bounds: Bounds): Backlog {
  const backlog: Backlog = { events: 0, oldestSeq: Number.POSITIVE_INFINITY, isExact: true };
  const heads = outstandingHeads(log, s, bounds.lanes);
  for (const [key, headSeq] of heads) countLane(log, s, { key, headSeq }, backlog, bounds);
  if (heads.size >= bounds.lanes) backlog.isExact = false;
  return backlog;
}

/** Whether nothing is outstanding: no event is fresh or leased, and no key has a lane. */
export const isDrained = (log: LogState, s: Subscription): boolean =>
  !hasFresh(s) && s.slots.every(({ lease }) => !lease) && log.lanes.list(laneOwner(s), 1).length === 0;

/** The first outstanding event of each key that has one at or before the cursor. */
function outstandingHeads(log: LogState, s: Subscription, lanesMax: number): Map<string, number> {
  const heads = new Map<string, number>();
  for (const lane of log.lanes.list(laneOwner(s), lanesMax)) heads.set(lane.key, lane.headSeq);
  for (const slot of s.slots) {
    if (slot.epoch !== s.epoch) continue;
    for (const { key, seqs } of slot.lease?.items ?? []) if (seqs[0] !== undefined) heads.set(key, seqs[0]);
  }
  return heads;
}

function countLane(
  log: LogState,
  s: Subscription,
  { key, headSeq }: { key: string; headSeq: number },
  backlog: Backlog,
  { rows, budget }: Bounds,
): void {
  let search = firstOpen(log, s, key, headSeq, budget);
  if (search.kind !== "none") backlog.oldestSeq = Math.min(backlog.oldestSeq, headOf(search));
  while (search.kind === "found" && backlog.events < rows) {
    backlog.events++;
    search = nextOpen(log, s, key, search.row.seq, budget);
  }
  if (search.kind !== "none") backlog.isExact = false;
}

/** Of the events after the cursor: how many were looked at, how many of them are owed, and how many may follow. */
export type Fresh = { seen: number; owed: number; oldestSeq: number; unseen: number };

export function countFresh(log: LogState, s: Subscription, { rows: rowsMax, budget }: Bounds): Fresh {
  const fresh: Fresh = { seen: 0, owed: 0, oldestSeq: Number.POSITIVE_INFINITY, unseen: 0 };
  if (!hasFresh(s)) return fresh;
  const rows = log.events.rowsAfter(Math.max(cursorOf(s), s.firstFreshSeq - 1), rowsMax);
  for (const row of rows) {
    const looked = lookAt(log, s, row, budget);
    if (looked.kind === "unfinished") return { ...fresh, unseen: Math.max(1, s.lastMatchSeq - row.seq + 1) };
    fresh.seen++;
    if (looked.kind === "none") continue;
    fresh.owed++;
    fresh.oldestSeq = Math.min(fresh.oldestSeq, row.seq);
  }
  if (rows.length === rowsMax) fresh.unseen = Math.max(0, s.lastMatchSeq - (rows.at(-1)?.seq ?? 0));
  return fresh;
}
