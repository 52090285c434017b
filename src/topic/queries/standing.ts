import type { DeliveryStatus } from "../../domain/delivery-log.ts";
import { type LogState, laneOwner, lookAt, type SearchBudget } from "../state/log-state.ts";
import type { EventRow } from "../store/event-rows.ts";
import { laneKeyOf, loneLaneKey } from "../store/lane-store.ts";
import { cursorOf, type Subscription } from "../store/subscription.ts";

/**
 * Where an event stands for a subscription. `done`: neither outstanding nor closed, so that only its attempts can tell more;
 * `unknown`: the budget did not suffice to look. `laneKey`: the lane whose head it is.
 */
export type Standing = {
  status: DeliveryStatus | "done" | "unknown";
  laneKey: string | null;
  dueMs: number | null;
  /** A live lease holds it. */
  isLeased: boolean;
};

/** Tells of each event of a log where it stands for a subscription, as long as the log does not change. */
export function standings(log: LogState, s: Subscription): (row: EventRow, budget: SearchBudget) => Standing {
  const owner = laneOwner(s);
  const cursor = cursorOf(s);
  const leased = leasedEvents(s);
  const place = (row: EventRow): Standing => {
    const isLeased = leased.seqs.has(row.seq);
    const stand = (status: Standing["status"], more: Partial<Standing> = {}): Standing => ({
      ...{ status, laneKey: null, dueMs: null, isLeased },
      ...more,
    });
    const closed = s.hasClosed ? log.closed.kindOf(owner, row.seq) : null;
    if (closed !== null) return stand(closed);
    const lane = log.lanes.get(owner, loneLaneKey(row.seq)) ?? log.lanes.get(owner, laneKeyOf(row));
    const isFailing = lane !== null && lane.attempt > 0;
    if (lane?.headSeq === row.seq) {
      return stand(isFailing ? "failing" : "waiting", { laneKey: lane.key, dueMs: isFailing ? lane.dueMs : null });
    }
    if (lane && row.seq > lane.headSeq) return stand(isFailing ? "blocked" : "waiting");
    const firstLeased = leased.firstOfKey.get(laneKeyOf(row)) ?? Number.POSITIVE_INFINITY;
    return stand(row.seq > cursor || row.seq >= firstLeased ? "waiting" : "done");
  };
  return (row, budget) => {
    const standing = place(row);
    if (!["waiting", "failing", "blocked"].includes(standing.status)) return standing;
    const looked = lookAt(log, s, row, budget);
    if (looked.kind === "found") return standing;
    return { ...standing, status: looked.kind === "none" ? "done" : "unknown" };
  };
}

/** What the leases of this epoch hold: all of it, and the first event of each key. */
function leasedEvents(s: Subscription): { seqs: Set<number>; firstOfKey: Map<string, number> } {
  const items = s.slots.flatMap((slot) => (slot.epoch === s.epoch ? (slot.lease?.items ?? []) : []));
  return {
    seqs: new Set(items.flatMap((item) => item.seqs)),
    firstOfKey: new Map(items.map(({ key, seqs }) => [key, seqs[0] ?? Number.POSITIVE_INFINITY])),
  };
}
