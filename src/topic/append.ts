import type { NewEvent } from "../domain/event.ts";
import type { LogState } from "./log-state.ts";

/** What became of one publish. All but `failed` are final answers. */
export type AppendOutcome =
  | { kind: "accepted"; eventId: string }
  /** The same idempotency key came with another body. */
  | { kind: "idempotency_conflict" }
  | { kind: "subscription_not_found" }
  | { kind: "data_owner_required" }
  /** Nothing was stored; the publisher may try again. */
  | { kind: "failed"; error: string };

/** Appends one event inside the caller's transaction, and notes which subscriptions it may concern. */
export function appendOne(log: LogState, event: NewEvent, isRetry: boolean): AppendOutcome {
  const now = log.platform.clock.now();
  if (isRetry && log.events.hasRecent(event.id)) return { kind: "accepted", eventId: event.id };
  if (event.idempotency) {
    const first = log.idempotency.find(event.idempotency.key, now);
    if (first) return sameAnswer(first, event.idempotency.bodyDigest);
  }
  const refusal = refuse(log, event);
  if (refusal) return refusal;
  const row = log.events.insert(event, now);
  if (event.idempotency) {
    const { key, bodyDigest } = event.idempotency;
    log.idempotency.add(key, { eventId: event.id, bodyDigest }, now);
  }
  for (const s of log.subscriptions.all()) {
    if (s.removed || !log.subscriptions.matches(s, row, now)) continue;
    s.lastMatchSeq = row.seq;
    s.hasNews = true;
  }
  return { kind: "accepted", eventId: event.id };
}

const sameAnswer = (first: { eventId: string; bodyDigest: string }, bodyDigest: string): AppendOutcome =>
  first.bodyDigest === bodyDigest ? { kind: "accepted", eventId: first.eventId } : { kind: "idempotency_conflict" };

function refuse(log: LogState, event: NewEvent): AppendOutcome | null {
  if (log.subscriptions.topic?.access === "consent" && event.dataOwnerId === null)
    return { kind: "data_owner_required" };
  if (event.subscriptionId === null) return null;
  const s = log.subscriptions.get(event.subscriptionId);
  return s && !s.removed && s.config.active ? null : { kind: "subscription_not_found" };
}
