import { hasFresh, type LogState, laneOwner } from "../state/log-state.ts";
import { cursorOf, isPulled, type Slot, type Subscription } from "../store/subscription.ts";

/** Whoever neither has an endpoint nor fetches events reads what there is, and is owed nothing. */
export const isOwedAnything = (s: Subscription): boolean => (!s.removed && s.config.target !== null) || isPulled(s);

/** The first event that this subscription may still be owed, of those that are there; Infinity: there is none. */
export function firstOwedTo(log: LogState, s: Subscription): number {
  const fresh = hasFresh(s) ? Math.max(cursorOf(s) + 1, s.firstFreshSeq) : Number.POSITIVE_INFINITY;
  const leased = s.slots.flatMap((slot) => firstsOfLease(s, slot));
  return Math.max(log.events.firstSeq, Math.min(fresh, log.lanes.firstHead(laneOwner(s)), ...leased));
}

/** What a lease of before a seek locks was passed over for it, from the seek's place on. */
function firstsOfLease(s: Subscription, { epoch, lease }: Slot): number[] {
  if (!lease) return [];
  return epoch === s.epoch ? lease.items.flatMap(({ seqs }) => seqs.slice(0, 1)) : [s.fromSeq + 1];
}
