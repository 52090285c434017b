import { CAUGHT_UP_BEHIND_MAX, CAUGHT_UP_CHECKS_MAX, CAUGHT_UP_ROWS_MAX, WAKE_COVER_MS } from "../../kernel/limits.ts";
import type { EventRow } from "../store/event-rows.ts";
import { cursorOf, type Subscription } from "../store/subscription.ts";
import { hasFresh, type LogState } from "./log-state.ts";

/** A new event matches a subscription. */
export function noteMatch(s: Subscription, { seq }: EventRow): void {
  if (!hasFresh(s)) s.firstFreshSeq = seq;
  s.lastMatchSeq = seq;
}

/**
 * Writes down who has caught up, where that is worth a row: somebody's cursor has stayed behind events that do not match.
 * The next instance of the log would wake it, and so most subscriptions of a large topic, for each event of somebody else.
 */
export function noteCaughtUp({ subscriptions, caughtUp, events }: LogState): void {
  const behind: [string, number][] = [];
  let isWorthIt = false;
  for (const s of subscriptions.all()) {
    if (s.removed) continue;
    if (hasFresh(s)) behind.push([s.id, s.firstFreshSeq]);
    else isWorthIt ||= cursorOf(s) < events.lastSeq;
    if (behind.length > CAUGHT_UP_BEHIND_MAX) return;
  }
  const { noted } = caughtUp;
  const isNoted = noted?.seq === events.lastSeq && noted.behind.length === behind.length;
  if (isWorthIt && !isNoted) caughtUp.note({ seq: events.lastSeq, behind });
}

/** When the alarm has to come so that what is written down is not too old to be of use; Infinity: never. */
export function nextCaughtUpMs({ caughtUp, events, platform }: LogState): number {
  const isOld = caughtUp.noted !== null && events.lastSeq - caughtUp.noted.seq > CAUGHT_UP_ROWS_MAX / 2;
  return isOld ? platform.clock.now() + WAKE_COVER_MS : Number.POSITIVE_INFINITY;
}

/** Recalls, when a log is opened, who had caught up, and looks whom the events since then are for. */
export function recallCaughtUp(log: LogState): void {
  const { noted } = log.caughtUp;
  if (noted === null) return;
  const matches = matchesAfter(log, noted.seq);
  const behind = new Map(noted.behind);
  for (const s of log.subscriptions.all()) {
    const firstFreshSeq = behind.get(s.id);
    if (firstFreshSeq === undefined && matches !== null) s.lastMatchSeq = 0;
    else s.firstFreshSeq = firstFreshSeq ?? noted.seq + 1;
  }
  for (const [s, row] of matches ?? []) if (row.seq > cursorOf(s)) noteMatch(s, row);
}

/** Who an event after a place may be for, filters not asked; null: too many to look at. */
function matchesAfter({ events, subscriptions, platform }: LogState, seq: number): [Subscription, EventRow][] | null {
  if (events.lastSeq - seq > CAUGHT_UP_ROWS_MAX) return null;
  const found: [Subscription, EventRow][] = [];
  const now = platform.clock.now();
  let checks = 0;
  for (const row of events.rowsAfter(seq, CAUGHT_UP_ROWS_MAX)) {
    for (const s of subscriptions.candidates(row)) {
      if (++checks > CAUGHT_UP_CHECKS_MAX) return null;
      if (!s.removed && subscriptions.matches(s, row, now)) found.push([s, row]);
    }
  }
  return found;
}
