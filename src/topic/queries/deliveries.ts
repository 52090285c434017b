import type {
  DeliveryPage,
  DeliveryQuery,
  DeliveryStatus,
  EventDeliveriesQuery,
  EventDeliveryPage,
  LoggedDelivery,
} from "../../domain/delivery-log.ts";
import {
  ATTEMPTS_SHOWN_MAX,
  EVENT_SUBSCRIPTIONS_LOOKED_AT_MAX,
  SCAN_ROWS_MAX,
  STATUS_ROWS_MAX,
} from "../../kernel/limits.ts";
import { type LogState, laneOwner, newSearchBudget, type SearchBudget } from "../state/log-state.ts";
import { isEnough, type LookedAt, newLookedAt } from "../store/attempt-store.ts";
import type { EventRow } from "../store/event-rows.ts";
import type { Subscription } from "../store/subscription.ts";
import { type Standing, standings } from "./standing.ts";

const CHUNK_ROWS = 200;

/** Deliveries of one subscription, newest event first; null: this log does not know it. */
export function listDeliveries(log: LogState, query: DeliveryQuery): DeliveryPage | null {
  const s = log.subscriptions.get(query.subscriptionId);
  if (!s || s.removed) return null;
  const deliveries: LoggedDelivery[] = [];
  const budget = newSearchBudget();
  const attemptsLookedAt = newLookedAt();
  const standingOf = standings(log, s);
  let beforeSeq = Math.min(query.beforeSeq ?? Number.POSITIVE_INFINITY, endSeq(log, query.toMs));
  for (let looked = 0; looked < SCAN_ROWS_MAX && !isEnough(attemptsLookedAt); ) {
    const rows = candidates(log, s, { ...query, beforeSeq });
    const found = describe(log, s, rows, (row) => standingOf(row, budget), { ...query, attemptsLookedAt });
    for (const delivery of found.deliveries) {
      deliveries.push(delivery);
      if (deliveries.length === query.limit)
        return { deliveries, more: { seq: delivery.seq, acceptedMs: delivery.acceptedMs } };
    }
    if (found.stoppedAt !== null)
      return { deliveries, more: { ...log.events.placeOf(found.stoppedAt), seq: found.stoppedAt + 1 } };
    const last = rows.at(-1);
    if (!last || rows.length < CHUNK_ROWS) return { deliveries, more: null };
    beforeSeq = last.seq;
    looked += rows.length;
  }
  return { deliveries, more: log.events.placeOf(beforeSeq) };
}

/** The deliveries of one event to these subscriptions, or to all from one on, in the order of the subscriptions' ids. */
export function listDeliveriesOf(log: LogState, seq: number, query: EventDeliveriesQuery): EventDeliveryPage {
  const deliveries: EventDeliveryPage["deliveries"] = [];
  const ids = query.subscriptionIds ?? [...log.subscriptions.all()].map(({ id }) => id);
  const rest = ids.filter((id) => query.after === null || id > query.after).sort();
  const spent = { ...newSearchBudget(), attemptsLookedAt: newLookedAt() };
  for (const [i, subscriptionId] of rest.entries()) {
    const isSpent = spent.filterSteps <= 0 || isEnough(spent.attemptsLookedAt);
    if (deliveries.length === query.limit || i === EVENT_SUBSCRIPTIONS_LOOKED_AT_MAX || isSpent) {
      return { deliveries, after: rest[i - 1] ?? null };
    }
    const s = log.subscriptions.get(subscriptionId);
    const delivery = s && findDelivery(log, s, seq, spent);
    if (delivery) deliveries.push({ ...delivery, subscriptionId });
  }
  return { deliveries, after: null };
}

/** One event's delivery to a subscription; null: there is none, or nothing is known of it any more. */
export function findDelivery(
  log: LogState,
  s: Subscription,
  seq: number,
  spent: SearchBudget & { attemptsLookedAt: LookedAt } = { ...newSearchBudget(), attemptsLookedAt: newLookedAt() },
): LoggedDelivery | null {
  const row = log.events.row(seq);
  if (!row || s.removed) return null;
  const standingOf = standings(log, s);
  const query = { status: null, partitionKey: null, attemptsLookedAt: spent.attemptsLookedAt };
  return describe(log, s, [row], (one) => standingOf(one, spent), query).deliveries[0] ?? null;
}

function endSeq(log: LogState, toMs: number | null): number {
  return toMs === null ? log.events.lastSeq + 1 : log.events.seqBefore(toMs) + 1;
}

/** Up to a chunk of events before a place that may have the status asked for, newest first. */
function candidates(log: LogState, s: Subscription, query: DeliveryQuery & { beforeSeq: number }): EventRow[] {
  const { status, beforeSeq, fromMs } = query;
  const after = fromMs === null ? log.events.firstSeq - 1 : log.events.seqBefore(fromMs);
  const read = (seqs: number[]): EventRow[] => seqs.flatMap((seq) => log.events.row(seq) ?? []);
  if (status === "dead" || status === "skipped") {
    return read(
      log.closed.list(laneOwner(s), status, { after, before: beforeSeq }, { order: "newest first", limit: CHUNK_ROWS }),
    );
  }
  if (status === "failing") {
    const heads = log.lanes.list(laneOwner(s), STATUS_ROWS_MAX).filter(({ attempt }) => attempt > 0);
    const seqs = heads.map(({ headSeq }) => headSeq).filter((seq) => seq > after && seq < beforeSeq);
    return read(seqs.sort((a, b) => b - a).slice(0, CHUNK_ROWS));
  }
  return log.events.rowsBefore(beforeSeq, CHUNK_ROWS).filter(({ seq }) => seq > after);
}

/** Those of the rows that are deliveries, with their attempts. `stoppedAt`: where the look into events had to end. */
function describe(
  log: LogState,
  s: Subscription,
  rows: EventRow[],
  standingOf: (row: EventRow) => Standing,
  {
    status,
    partitionKey,
    attemptsLookedAt,
  }: Pick<DeliveryQuery, "status" | "partitionKey"> & { attemptsLookedAt: LookedAt },
): { deliveries: LoggedDelivery[]; stoppedAt: number | null } {
  const placed: { row: EventRow; status: DeliveryStatus | "done"; dueMs: number | null }[] = [];
  let stoppedAt: number | null = null;
  for (const row of rows) {
    if (partitionKey !== null && row.key !== partitionKey) continue;
    const standing = standingOf(row);
    if (standing.status === "unknown") {
      stoppedAt = row.seq;
      break;
    }
    const isAsked =
      status === null || standing.status === status || (standing.status === "done" && status === "delivered");
    if (isAsked) placed.push({ row, status: standing.status, dueMs: standing.dueMs });
  }
  const oldest = placed.at(-1);
  if (!oldest) return { deliveries: [], stoppedAt };
  const sinceMs = log.events.acceptedMs(oldest.row.seq) ?? 0;
  const { attempts, isComplete } = log.attempts.of(
    s.id,
    new Set(placed.map(({ row }) => row.seq)),
    sinceMs,
    attemptsLookedAt,
  );
  const deliveries = placed.flatMap(({ row, status: known, dueMs }): LoggedDelivery[] => {
    const { seq } = row;
    const event = log.events.describe(seq);
    const made = attempts.get(seq) ?? [];
    // What was passed over, as it did not match then, has no attempt. Where not all of them were looked at, that does not tell:
    // what the subscription may not have is none of its deliveries then.
    const mayBeDone = () => !isComplete && log.subscriptions.matches(s, row, log.platform.clock.now());
    const isDone = known === "done" && (made.some(({ delivered }) => delivered) || mayBeDone());
    if (!event || (known === "done" && !isDone)) return [];
    return [
      {
        seq,
        eventId: event.id,
        channel: event.channel,
        partitionKey: event.partitionKey,
        acceptedMs: event.acceptedMs,
        status: known === "done" ? "delivered" : known,
        nextAttemptMs: dueMs,
        attempts: made.slice(-ATTEMPTS_SHOWN_MAX),
      },
    ];
  });
  return { deliveries, stoppedAt };
}
