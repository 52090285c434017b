import type { LogConsent } from "../../domain/consent.ts";
import { DEFAULT_RETRY_POLICY } from "../../domain/retry-schedule.ts";
import type { LogSubscription, Seek, StartPosition } from "../../domain/subscription.ts";
import type { TopicConfig } from "../../domain/topic.ts";
import { WAKE_COVER_MS } from "../../kernel/limits.ts";
import { findEvent } from "../queries/events.ts";
import type { LogState } from "../state/log-state.ts";
import { transact } from "../state/open-log.ts";
import type { EventStore } from "../store/event-store.ts";
import { isConsumed, type Subscription } from "../store/subscription.ts";
import { arm, nextAlarmMs } from "./arm.ts";
import { beginBacklog, startAfresh } from "./notices.ts";
import { nextForgetMs } from "./retention.ts";

/** Learns what the API's settings are now. */
export function putTopic(log: LogState, topic: TopicConfig): void {
  transact(log, () => {
    takeTopic(log, topic);
    for (const s of log.subscriptions.all()) lookAfter(log, s);
  });
}

/** As `putTopic`, inside the caller's transaction. */
export function takeTopic(log: LogState, topic: TopicConfig): void {
  const { subscriptions, events, alarm, platform } = log;
  const before = subscriptions.topic;
  if (!subscriptions.putTopic(topic)) return;
  const now = platform.clock.now();
  // What waits may be overdue from now on, as may be what is kept.
  alarm.by(topic.maxUndeliveredDays === null ? Math.max(nextForgetMs(log), now) : now);
  // What did not match under the old access may match now.
  if (topic.access === before?.access && topic.isAddressed === before.isAddressed) return;
  for (const s of subscriptions.all()) subscriptions.expectMatches(s, events.lastSeq);
}

/**
 * Adds or changes a subscription. `start` counts only where the log does not know it yet; one that was removed comes
 * back with a higher version, from the latest event on and without its consents. A changed filter decides on all that is
 * leased from then on: what waits, failing heads included, comes only if it passes the new one. What the old one has
 * refused is looked at again as far as the cursor has not passed it, and after a seek. A seek that the log has not heard of
 * yet begins now; one that is older than the log's knowledge of the subscription never does.
 */
export function putSubscription(
  log: LogState,
  topic: TopicConfig,
  config: LogSubscription,
  start: StartPosition,
): void {
  const { events, subscriptions } = log;
  transact(log, () => {
    takeTopic(log, topic);
    const known = subscriptions.get(config.id);
    if (known && known.config.version >= config.version) return;
    const isLive = known !== undefined && !known.removed;
    const s = known ?? subscriptions.add(config, startSeq(events, start), events.lastSeq);
    if (known?.removed) subscriptions.revive(known, events.lastSeq);
    const isChoiceChanged = s.config.filter !== config.filter || s.config.organizationId !== config.organizationId;
    if (isChoiceChanged) subscriptions.expectMatches(s, events.lastSeq);
    if (isLive && config.seek && config.seek.n !== s.config.seek?.n) beginEpoch(log, s, placeOf(log, config.seek));
    if (isLive && config.active && !s.config.active) startAfresh(log, s);
    if (!isLive) beginBacklog(log, s);
    s.config = config;
    subscriptions.save(s);
    if (!config.active) log.listeners.expectNews();
    lookAfter(log, s);
  });
}

function startSeq(events: EventStore, start: StartPosition): number {
  if (start === "latest") return events.lastSeq;
  if (start === "earliest") return 0;
  return events.seqBefore(start.atMs);
}

/** Ends a subscription. Its row stays with the version, so that a late push does not bring it back; its lanes go with the alarm. */
export function removeSubscription(log: LogState, id: string, version: number): void {
  const { subscriptions, events, alarm, platform } = log;
  transact(log, () => {
    const known = subscriptions.get(id);
    if (known && known.config.version >= version) return;
    const gone = {
      active: false,
      retry: DEFAULT_RETRY_POLICY,
      target: null,
      filter: null,
      rateLimit: null,
      seek: null,
      organizationId: null,
    };
    const config: LogSubscription = { id, version, ...gone };
    const s = known ?? subscriptions.add(config, events.lastSeq, events.lastSeq);
    s.config = config;
    s.removed = true;
    s.epoch++;
    s.hasStaleLanes = true;
    subscriptions.save(s);
    subscriptions.dropConsents(s);
    log.notices.forget(id);
    log.listeners.expectNews();
    alarm.by(platform.clock.now() + WAKE_COVER_MS);
  });
}

/**
 * Grants or withdraws a data owner's consent. After a withdrawal, wait until `holdsOwner` is false. False: the log has no
 * such live subscription, and a grant has to come again once it has.
 */
export function putConsent(log: LogState, consent: LogConsent): boolean {
  const { events, subscriptions, platform } = log;
  return transact(log, () => {
    const s = subscriptions.get(consent.subscriptionId);
    if (s) subscriptions.putConsent(s, consent, events.lastSeq, platform.clock.now());
    return s !== undefined && !s.removed;
  });
}

/**
 * Whether a live lease of the subscription still holds an event of this owner without consent. What a pulling consumer has was out
 * when its call was answered: there is nothing to wait for, and its lease does not give it out again.
 */
export function holdsOwner(log: LogState, subscriptionId: string, dataOwnerId: string): boolean {
  const { events, subscriptions, platform } = log;
  const s = subscriptions.get(subscriptionId);
  if (!s) return false;
  const now = platform.clock.now();
  const isWithheld = (seq: number): boolean => {
    const row = events.row(seq);
    return row?.dataOwnerId === dataOwnerId && !subscriptions.matches(s, row, now);
  };
  return s.slots.some(
    ({ role, lease }) =>
      role !== "pull" && lease && lease.expiresMs > now && lease.items.some((item) => item.seqs.some(isWithheld)),
  );
}

/** Replays from a place: events after `fromSeq`, delivered ones too. What is leased now stays locked until it ends. */
function beginEpoch(log: LogState, s: Subscription, fromSeq: number): void {
  const { subscriptions, events } = log;
  s.epoch++;
  s.hasStaleLanes = true;
  subscriptions.startFrom(s, fromSeq, events.lastSeq);
  beginBacklog(log, s);
}

function placeOf(log: LogState, { toMs, toEventId }: Seek): number {
  const seq = toEventId === null ? null : findEvent(log, toEventId);
  return seq === null ? log.events.seqBefore(toMs) : seq - 1;
}

/** A change may have made work: the alarm stands behind it, and somebody is sent. */
export function lookAfter(log: LogState, s: Subscription): void {
  if (!isConsumed(s)) return;
  log.alarm.by(nextAlarmMs(log, s));
  arm(log, s);
}
