import type { NewEvent } from "../domain/event.ts";
import type { TopicConfig } from "../domain/topic.ts";
import { WAKE_COVER_MS } from "../kernel/limits.ts";
import { arm, armFresh, isHeld } from "./arm.ts";
import { takeTopic } from "./controls.ts";
import { hasFresh, type LogState } from "./log-state.ts";
import { transact } from "./open-log.ts";
import { isDeliverable } from "./subscription.ts";

/**
 * One event to append. `topicVersion`: what its publisher believes of the API. `isRetry`: the caller did not hear the
 * answer of an earlier try with the same event id.
 */
export type Append = { event: NewEvent; topicVersion: number; isRetry: boolean };

/** What became of one publish. All but `failed` are final answers. */
export type AppendOutcome =
  | { kind: "accepted"; eventId: string }
  /** The same idempotency key came with another body. */
  | { kind: "idempotency_conflict" }
  | { kind: "subscription_not_found" }
  | { kind: "data_owner_required" }
  /** Nothing was stored: the API has changed since the caller looked (credentials withdrawn, settings, deletion). */
  | { kind: "topic_changed" }
  /** Nothing was stored; the publisher may try again. */
  | { kind: "failed"; error: string };

/** Appends publishes in one transaction. One that makes the transaction throw is found by halving and fails alone. */
export function appendEvents(log: LogState, topic: TopicConfig, appends: Append[]): AppendOutcome[] {
  try {
    return transact(log, () => {
      takeTopic(log, topic);
      const outcomes = appends.map((append) => appendOne(log, append));
      armConcerned(log);
      return outcomes;
    });
  } catch (error) {
    if (appends.length <= 1) return appends.map(() => ({ kind: "failed", error: String(error) }));
    const middle = appends.length >> 1;
    return [...appendEvents(log, topic, appends.slice(0, middle)), ...appendEvents(log, topic, appends.slice(middle))];
  }
}

/** Wakes the subscriptions that match something new, and nobody else. */
function armConcerned(log: LogState): void {
  for (const s of log.subscriptions.all()) {
    if (!s.hasNews) continue;
    s.hasNews = false;
    if (isDeliverable(s)) log.alarm.by(log.platform.clock.now() + WAKE_COVER_MS);
    if (isHeld(log, s)) arm(log, s);
    else armFresh(log, s);
  }
}

/** Appends one event inside the caller's transaction, and notes which subscriptions it concerns. */
function appendOne(log: LogState, { event, topicVersion, isRetry }: Append): AppendOutcome {
  const now = log.platform.clock.now();
  if (isRetry && log.events.hasRecent(event.id)) return { kind: "accepted", eventId: event.id };
  if (topicVersion < (log.subscriptions.topic?.version ?? 0)) return { kind: "topic_changed" };
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
    if (!hasFresh(s)) s.firstFreshSeq = row.seq;
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
