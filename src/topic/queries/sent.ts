import type { LoggedAttempt } from "../../domain/delivery-log.ts";
import type { EventHeader } from "../../domain/event.ts";
import type { SentEvent, SentPage, SentQuery } from "../../domain/sent-events.ts";
import { ATTEMPT_DAYS_KEPT, DAY_MS, SENT_ATTEMPT_ROWS_MAX, SENT_LOOKED_AT_MAX } from "../../kernel/limits.ts";
import { type LogState, newSearchBudget, passesFilter, type SearchBudget } from "../state/log-state.ts";
import { isEnough, type LookedAt, newLookedAt } from "../store/attempt-store.ts";
import type { Subscription } from "../store/subscription.ts";
import { rangeOf } from "./events.ts";
import { standings } from "./standing.ts";

/**
 * Which events of a data owner a subscription was sent, newest first. What it was sent it keeps, though it was removed or may not
 * have any more of them. null: this log never knew it.
 */
export function listSent(log: LogState, query: SentQuery): SentPage | null {
  const s = log.subscriptions.get(query.subscriptionId);
  if (!s) return null;
  const range = rangeOf(log, query);
  const anyOf = { channel: null, partitionKey: null, requestId: null };
  const { found, lookedDownTo } = log.events.search(range, { ...query, ...anyOf, limit: SENT_LOOKED_AT_MAX });
  const budget = newSearchBudget();
  const looked = newLookedAt();
  const attemptsOf = findAttempts(log, s, found.slice(0, query.limit), looked);
  const sent: SentEvent[] = [];
  for (const event of found) {
    const { seq, acceptedMs } = event;
    if (isEnough(looked)) return { sent, more: { seq: seq + 1, acceptedMs } };
    const one = describeSent(log, s, event, attemptsOf(event), budget);
    if (one) sent.push(one);
    if (sent.length === query.limit) return { sent, more: { seq, acceptedMs } };
  }
  return { sent, more: lookedDownTo > range.after + 1 ? log.events.placeOf(lookedDownTo) : null };
}

type Made = { made: LoggedAttempt[]; isComplete: boolean };

/**
 * Looks for the attempts of these events together, since they may have been made long after they were accepted; where that does not
 * reach, for those of each event behind its own time. Only these are counted: however much the first look took, some come of it.
 */
function findAttempts(log: LogState, s: Subscription, events: EventHeader[], looked: LookedAt) {
  const seqs = new Set(events.map(({ seq }) => seq));
  const sinceMs = events.at(-1)?.acceptedMs ?? 0;
  const together = log.attempts.of(s.id, seqs, sinceMs, newLookedAt(), { untilDelivered: true });
  return ({ seq, acceptedMs }: EventHeader): Made => {
    const known = together.attempts.get(seq) ?? [];
    const isTold = known.some(({ delivered }) => delivered) || (together.isComplete && seqs.has(seq));
    if (isTold) return { made: known, isComplete: true };
    const search = { rowsMax: SENT_ATTEMPT_ROWS_MAX, untilDelivered: true };
    const { attempts, isComplete } = log.attempts.of(s.id, new Set([seq]), acceptedMs, looked, search);
    return { made: attempts.get(seq) ?? known, isComplete };
  };
}

/** null: no attempt of it was made. */
function describeSent(
  log: LogState,
  s: Subscription,
  { seq, id: eventId, channel, acceptedMs }: EventHeader,
  { made, isComplete }: Made,
  budget: SearchBudget,
): SentEvent | null {
  const deliveredMs = made.find(({ delivered }) => delivered)?.atMs ?? null;
  const shown = { seq, eventId, channel, acceptedMs, deliveredMs };
  if (deliveredMs !== null) return { ...shown, status: "delivered" };
  const isForgotten = acceptedMs < log.platform.clock.now() - ATTEMPT_DAYS_KEPT * DAY_MS;
  const stands = standingOf(log, s, seq, budget);
  if (stands === "failing") return { ...shown, status: "failing" };
  if (stands === "done" && (!isComplete || isForgotten)) return { ...shown, status: "delivered" };
  if (made.length === 0) return null;
  return { ...shown, status: stands === "open" ? "failing" : "stopped" };
}

/** `done`: it was leased, nobody works on it any more, and the subscription may have it; `closed`: one of these is not so. */
function standingOf(log: LogState, s: Subscription, seq: number, budget: SearchBudget) {
  const row = log.events.row(seq);
  if (!row || s.removed) return "closed";
  const { status } = standings(log, s)(row, budget);
  if (status === "failing") return "failing";
  if (status === "waiting" || status === "blocked" || status === "unknown") return "open";
  const wasLeased = status === "done" && seq > s.fromSeq;
  if (!wasLeased || !log.subscriptions.matches(s, row, log.platform.clock.now())) return "closed";
  return passesFilter(log, s, row, budget) === "yes" ? "done" : "closed";
}
