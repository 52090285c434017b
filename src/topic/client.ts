import type { AppendOutcome } from "../domain/append-outcome.ts";
import type { LogConsent } from "../domain/consent.ts";
import type { LeaseAnswer, LeaseCall } from "../domain/delivery.ts";
import type {
  ControlOutcome,
  DeadFilter,
  DeadRetried,
  DeliveryPage,
  DeliveryQuery,
  EventDeliveriesQuery,
  EventDeliveryPage,
} from "../domain/delivery-log.ts";
import type { EventPage, EventQuery, NewEvent, StoredEvent, StoredEventPage } from "../domain/event.ts";
import type { FeedCall, FeedPage } from "../domain/feed.ts";
import type { LogMetrics } from "../domain/log-metrics.ts";
import type { LogNotice } from "../domain/notice.ts";
import type { PublishLimit } from "../domain/publish-limit.ts";
import type { PullAnswer, PullCall, PullRenew, PullRenewed, PullSettle, PullSettled } from "../domain/pull.ts";
import type { SentPage, SentQuery } from "../domain/sent-events.ts";
import type { LogSubscription, StartPosition } from "../domain/subscription.ts";
import type { HealthQuery, SubscriptionHealth } from "../domain/subscription-health.ts";
import type { SubscriptionStatus } from "../domain/subscription-status.ts";
import type { TailCall, TailPage } from "../domain/tail.ts";
import type { TopicConfig } from "../domain/topic.ts";
import { RPC_TRIES_MAX } from "../kernel/limits.ts";
import { logLine } from "../kernel/log.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import type { TopicLog } from "./topic-log.ts";
import { readAppendOutcomes, readControlOutcome, readLeaseAnswer, readPullAnswer, readStatus } from "./versions.ts";

/** The log did not answer; the caller may try again. */
export type LogUnavailable = { reason: "log_unavailable" };

export type Answered<T> = Promise<Result<T, LogUnavailable>>;

/** What is asked of a topic's log over HTTP. Every control may be repeated; an older version is ignored. */
export type LogControls = {
  /** Answers when the events are durable, all of them or none: one outcome an event, in order. */
  append(log: string, topic: TopicConfig, events: NewEvent[], limit?: PublishLimit | null): Answered<AppendOutcome[]>;
  putTopic(log: string, topic: TopicConfig): Answered<null>;
  /** `start` counts only where the log does not know the subscription yet. */
  putSubscription(log: string, topic: TopicConfig, subscription: LogSubscription, start: StartPosition): Answered<null>;
  /** A later `putSubscription` with a higher version brings it back, from the latest event on. */
  removeSubscription(log: string, subscriptionId: string, version: number): Answered<null>;
  /**
   * A revocation is answered when no live lease holds an event of that owner (at most a lease's length). False: this log
   * has no such live subscription, so that a grant has to come again after it.
   */
  putConsent(log: string, consent: LogConsent): Answered<boolean>;
  /** What comes next for live listeners. */
  readFeed(log: string, call: FeedCall): Answered<FeedPage>;
  /** The newest event of each key, or of each channel, from a place backwards. */
  readTail(log: string, call: TailCall): Answered<TailPage>;
  /** null: this log does not know the subscription. */
  subscriptionStatus(log: string, subscriptionId: string): Answered<SubscriptionStatus | null>;
  /** null: this log does not know the subscription. */
  subscriptionHealth(log: string, query: HealthQuery): Answered<SubscriptionHealth | null>;
  listEvents(log: string, query: EventQuery): Answered<EventPage>;
  /** As `listEvents`, with payloads: a page has no more than an answer may carry. */
  listStoredEvents(log: string, query: EventQuery): Answered<StoredEventPage>;
  /** null: this log does not hold it, or not any more. */
  readEvent(log: string, eventId: string): Answered<StoredEvent | null>;
  /** null: this log does not know the subscription. */
  listDeliveries(log: string, query: DeliveryQuery): Answered<DeliveryPage | null>;
  /** null: this log never knew the subscription. */
  listSent(log: string, query: SentQuery): Answered<SentPage | null>;
  /** null: this log does not hold the event. */
  listDeliveriesOf(log: string, eventId: string, query: EventDeliveriesQuery): Answered<EventDeliveryPage | null>;
  retryDelivery(log: string, subscriptionId: string, eventId: string): Answered<ControlOutcome>;
  skipDelivery(log: string, subscriptionId: string, eventId: string): Answered<ControlOutcome>;
  /** null: this log does not know the subscription. */
  retryDead(log: string, subscriptionId: string, filter: DeadFilter): Answered<DeadRetried | null>;
  /** May be repeated with the same nonce: its lease is given again. */
  pullLease(log: string, call: PullCall): Answered<PullAnswer>;
  pullSettle(log: string, call: PullSettle): Answered<PullSettled>;
  pullRenew(log: string, call: PullRenew): Answered<PullRenewed>;
  metrics(log: string): Answered<LogMetrics>;
  /** Looks after whatever work the log has; the net below its alarm. */
  tick(log: string): Answered<null>;
};

/** The door to the topic logs. */
export type TopicLogs = LogControls & {
  /** One try: the consumer repeats it itself, with the same nonce and ordinal. */
  settleAndLease(log: string, call: LeaseCall): Answered<LeaseAnswer>;
  /** What the log has to tell, the oldest first: the same again until it is dropped. */
  takeNotices(log: string): Answered<LogNotice[]>;
  /** What was taken has been told, up to this one. */
  dropNotices(log: string, upTo: number): Answered<null>;
};

type Stub = DurableObjectStub<TopicLog>;

/** Opens the door. Log names come from `domain/topic.logName`. */
export function topicLogs(namespace: DurableObjectNamespace<TopicLog>): TopicLogs {
  const call = <T>(log: string, tries: number, use: (stub: Stub, isRetry: boolean) => Promise<T>) =>
    callWithRetries(() => namespace.getByName(log), tries, use);
  const control = async (log: string, use: (stub: Stub) => Promise<void>): Answered<null> => {
    const done = await call(log, RPC_TRIES_MAX, use);
    return done.ok ? ok(null) : done;
  };
  return {
    append: (log, topic, events, limit = null) =>
      call(log, RPC_TRIES_MAX, async (stub, isRetry) =>
        readAppendOutcomes((await stub.append(topic, events, isRetry, limit)) as AppendOutcome[]),
      ),
    settleAndLease: (log, lease) =>
      call(log, 1, async (stub) => readLeaseAnswer((await stub.settleAndLease(lease)) as LeaseAnswer)),
    putTopic: (log, topic) => control(log, (stub) => stub.putTopic(topic)),
    putSubscription: (log, topic, subscription, start) =>
      control(log, (stub) => stub.putSubscription(topic, subscription, start)),
    removeSubscription: (log, id, version) => control(log, (stub) => stub.removeSubscription(id, version)),
    putConsent: (log, consent) => call(log, RPC_TRIES_MAX, (stub) => stub.putConsent(consent)),
    readFeed: (log, feed) => call(log, RPC_TRIES_MAX, async (stub) => (await stub.readFeed(feed)) as FeedPage),
    readTail: (log, tail) => call(log, RPC_TRIES_MAX, async (stub) => (await stub.readTail(tail)) as TailPage),
    subscriptionStatus: (log, id) =>
      call(log, RPC_TRIES_MAX, async (stub) => {
        const status = await stub.subscriptionStatus(id);
        return status && readStatus(status);
      }),
    subscriptionHealth: (log, query) => call(log, RPC_TRIES_MAX, (stub) => stub.subscriptionHealth(query)),
    listEvents: (log, query) => call(log, RPC_TRIES_MAX, (stub) => stub.listEvents(query)),
    listStoredEvents: (log, query) =>
      call(log, RPC_TRIES_MAX, (stub) => stub.listStoredEvents(query) as Promise<StoredEventPage>),
    readEvent: (log, eventId) =>
      call(log, RPC_TRIES_MAX, (stub) => stub.readEvent(eventId) as Promise<StoredEvent | null>),
    listDeliveries: (log, query) => call(log, RPC_TRIES_MAX, (stub) => stub.listDeliveries(query)),
    listSent: (log, query) => call(log, RPC_TRIES_MAX, (stub) => stub.listSent(query)),
    listDeliveriesOf: (log, eventId, query) =>
      call(log, RPC_TRIES_MAX, (stub) => stub.listDeliveriesOf(eventId, query)),
    // Done once, a control is in conflict with what it has done: whoever lost its answer looks first.
    retryDelivery: (log, id, eventId) =>
      call(log, 1, async (stub) => readControlOutcome(await stub.retryDelivery(id, eventId))),
    skipDelivery: (log, id, eventId) =>
      call(log, 1, async (stub) => readControlOutcome(await stub.skipDelivery(id, eventId))),
    retryDead: (log, id, filter) => call(log, RPC_TRIES_MAX, (stub) => stub.retryDead(id, filter)),
    pullLease: (log, pull) =>
      call(log, RPC_TRIES_MAX, async (stub) => readPullAnswer((await stub.pullLease(pull)) as PullAnswer)),
    pullSettle: (log, settle) => call(log, RPC_TRIES_MAX, (stub) => stub.pullSettle(settle)),
    pullRenew: (log, renew) => call(log, RPC_TRIES_MAX, (stub) => stub.pullRenew(renew)),
    takeNotices: (log) => call(log, RPC_TRIES_MAX, (stub) => stub.takeNotices()),
    dropNotices: (log, upTo) => control(log, (stub) => stub.dropNotices(upTo)),
    // One try: what does not answer now says something by that.
    metrics: (log) => call(log, 1, (stub) => stub.metrics()),
    tick: (log) => control(log, (stub) => stub.tick()),
  };
}

/**
 * A stub is broken after an error: each try gets a new one. Only errors the platform calls retryable are tried again,
 * and never an overloaded object. An object of an older version, which lacks a method, does not answer either.
 */
async function callWithRetries<T>(
  newStub: () => Stub,
  tries: number,
  use: (stub: Stub, isRetry: boolean) => Promise<T>,
): Answered<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return ok(await use(newStub(), attempt > 1));
    } catch (error) {
      const { retryable, overloaded } = error as { retryable?: boolean; overloaded?: boolean };
      if (retryable && !overloaded && attempt < tries) continue;
      logLine("log_call_failed", { error: String(error), attempt });
      return err({ reason: "log_unavailable" });
    }
  }
}
