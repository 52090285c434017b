import type { AppendOutcome } from "../../domain/append-outcome.ts";
import type { NewEvent } from "../../domain/event.ts";
import type { PublishLimit } from "../../domain/publish-limit.ts";
import { placeKeyOf, type TopicConfig } from "../../domain/topic.ts";
import {
  BACKLOG_NOTICE_MS,
  FILTER_APPEND_STEPS_MAX,
  SCAN_ROWS_MAX,
  STORAGE_BYTES_MAX,
  WAKE_COVER_MS,
} from "../../kernel/limits.ts";
import { nextCaughtUpMs, noteMatch } from "../state/caught-up.ts";
import { type FilterBudget, FilteredEvent } from "../state/filters.ts";
import type { LogState } from "../state/log-state.ts";
import { transact } from "../state/open-log.ts";
import type { FirstAnswer } from "../store/idempotency-store.ts";
import { cursorOf, isConsumed, isDeliverable, type Subscription } from "../store/subscription.ts";
import { arm, armFresh, isHeld, isServed } from "./arm.ts";
import { takeTopic } from "./controls.ts";
import { watchStorage } from "./notices.ts";
import { nextRetentionMs } from "./retention.ts";

/**
 * One call: its events are stored together or not at all. `topicVersion`: what its publisher believes of the API. `isRetry`:
 * the caller did not hear the answer of an earlier try with the same event ids. `limit`: how fast this publisher may be.
 */
export type Append = { events: NewEvent[]; topicVersion: number; isRetry: boolean; limit: PublishLimit | null };

/**
 * Appends what calls bring in one transaction; one outcome for each event of each call. A call that makes the transaction
 * throw is found by halving and fails alone.
 */
export function appendEvents(log: LogState, topic: TopicConfig, appends: Append[]): AppendOutcome[][] {
  try {
    return transact(log, () => {
      takeTopic(log, topic);
      const group: Group = { budget: { filterSteps: FILTER_APPEND_STEPS_MAX }, concerned: new Set() };
      const outcomes = appends.map((append) => appendCall(log, append, group));
      armConcerned(log, group);
      watchStorage(log);
      log.listeners.cover();
      log.alarm.by(Math.min(nextRetentionMs(log), nextCaughtUpMs(log)));
      return outcomes;
    });
  } catch (error) {
    if (appends.length <= 1) return appends.map(({ events }) => events.map(() => failed(error)));
    const middle = appends.length >> 1;
    return [...appendEvents(log, topic, appends.slice(0, middle)), ...appendEvents(log, topic, appends.slice(middle))];
  }
}

const failed = (error: unknown): AppendOutcome => ({ kind: "failed", error: String(error) });

/** What is appended in one transaction; `concerned`: who has to look at some of it. */
type Group = { budget: FilterBudget; concerned: Set<Subscription> };

/** Wakes the subscriptions that match something new, and nobody else. */
function armConcerned(log: LogState, { concerned }: Group): void {
  for (const s of concerned) {
    if (isDeliverable(s)) log.alarm.by(log.platform.clock.now() + WAKE_COVER_MS);
    // Nobody is woken; but where nobody comes, that is to be told.
    else if (isConsumed(s)) log.alarm.by(log.platform.clock.now() + BACKLOG_NOTICE_MS);
    if (isHeld(log, s)) arm(log, s);
    else armFresh(log, s);
  }
}

/** Appends the events of one call inside the caller's transaction: all are looked at before one is stored. */
function appendCall(log: LogState, append: Append, group: Group): AppendOutcome[] {
  const { events, limit } = append;
  const now = log.platform.clock.now();
  const firstOfCall = new Map<string, FirstAnswer>();
  const known = events.map((event) => answerUnstored(log, append, event, firstOfCall));
  if (known.some(isRefusal)) return known.map((it) => (isRefusal(it) ? it : { kind: "companion_refused" }));
  if (known.includes(null) && log.platform.storageBytes() > STORAGE_BYTES_MAX) {
    return events.map(() => ({ kind: "storage_full" }));
  }
  // What was accepted before costs nothing, and is answered however fast its publisher is.
  const fresh = known.filter((outcome) => outcome === null).length;
  const taken = limit && log.publishers.take(limit, fresh, now);
  if (taken && !taken.ok) return events.map(() => ({ kind: "rate_limited", ...taken.error }));
  const quota = taken ? { quota: taken.value } : {};
  return events.map((event, i) => {
    if (known[i] === null) store(log, event, now, group);
    return { kind: "accepted", eventId: event.id, ...known[i], ...quota };
  });
}

const isRefusal = (outcome: AppendOutcome | null): outcome is Exclude<AppendOutcome, { kind: "accepted" }> =>
  outcome !== null && outcome.kind !== "accepted";

/** What is answered to an event that is not stored, now or again; null: it is to be stored. */
function answerUnstored(
  log: LogState,
  { topicVersion, isRetry }: Append,
  event: NewEvent,
  firstOfCall: Map<string, FirstAnswer>,
): AppendOutcome | null {
  if (isRetry && log.events.hasRecent(event.id)) return { kind: "accepted", eventId: event.id };
  if (log.succession.hasMoved(placeKeyOf(event))) return { kind: "topic_changed" };
  if (topicVersion < (log.subscriptions.topic?.version ?? 0)) return { kind: "topic_changed" };
  if (!event.idempotency) return refuse(log, event);
  const { key, bodyDigest } = event.idempotency;
  const first = firstOfCall.get(key) ?? log.idempotency.find(key, log.platform.clock.now());
  if (first) return sameAnswer(first, bodyDigest);
  firstOfCall.set(key, { eventId: event.id, bodyDigest });
  return refuse(log, event);
}

/** Stores one event, and notes which subscriptions it concerns. */
function store(log: LogState, event: NewEvent, now: number, group: Group): void {
  const row = log.events.insert(event, now);
  if (event.idempotency) {
    const { key, bodyDigest } = event.idempotency;
    log.idempotency.add(key, { eventId: event.id, bodyDigest }, now);
  }
  const seen = new FilteredEvent(row, () => event);
  for (const s of log.subscriptions.candidates(row)) {
    if (s.removed || !log.subscriptions.matches(s, row, now) || !mayWant(log, s, seen, group)) continue;
    noteMatch(s, row);
    group.concerned.add(s);
  }
}

/**
 * Whether a subscription has to look at a new event. To ask its filter costs microseconds, to wake it in vain 1.65 $ a
 * million: so it is asked here, within a budget, unless a consumer is there or is coming, who asks it anyway.
 */
function mayWant(log: LogState, s: Subscription, event: FilteredEvent, group: Group): boolean {
  const { budget, concerned } = group;
  if (s.config.filter === null || concerned.has(s) || isFarBehind(log, s)) return true;
  if (log.filters.rulesOut(s.config, event, budget)) return false;
  if (!isDeliverable(s) || isServed(log, s) || event.stepsToRead > budget.filterSteps) return true;
  return log.filters.passes(s.config, event, budget) !== "no";
}

/**
 * Who wants nothing of what comes looks now and then all the same, as long as it is not written down who has caught up: a
 * restart finds its cursor near.
 */
const isFarBehind = (log: LogState, s: Subscription): boolean =>
  log.caughtUp.noted === null && log.events.lastSeq - cursorOf(s) > SCAN_ROWS_MAX;

const sameAnswer = (first: FirstAnswer, bodyDigest: string): AppendOutcome =>
  first.bodyDigest === bodyDigest ? { kind: "accepted", eventId: first.eventId } : { kind: "idempotency_conflict" };

function refuse(log: LogState, event: NewEvent): AppendOutcome | null {
  if (log.subscriptions.topic?.access === "consent" && event.dataOwnerId === null)
    return { kind: "data_owner_required" };
  if (event.subscriptionId !== null && !isActive(log, event.subscriptionId)) return { kind: "subscription_not_found" };
  return event.invalid === "refused" ? { kind: "message_invalid" } : null;
}

function isActive(log: LogState, subscriptionId: string): boolean {
  const s = log.subscriptions.get(subscriptionId);
  return s !== undefined && !s.removed && s.config.active;
}
