import type { AppendOutcome } from "../../../src/domain/append-outcome.ts";
import type { LogConsent } from "../../../src/domain/consent.ts";
import type {
  ControlOutcome,
  DeadRetried,
  DeliveryPage,
  EventDeliveriesQuery,
  EventDeliveryPage,
} from "../../../src/domain/delivery-log.ts";
import type { EventPage, EventQuery, NewEvent, StoredEvent, StoredEventPage } from "../../../src/domain/event.ts";
import type { FeedCall, FeedPage } from "../../../src/domain/feed.ts";
import type { LogMetrics } from "../../../src/domain/log-metrics.ts";
import type { PullAnswer, PullCall, PullRenewed, PullSettle, PullSettled } from "../../../src/domain/pull.ts";
import type { SentPage, SentQuery } from "../../../src/domain/sent-events.ts";
import type { LogSubscription, StartPosition } from "../../../src/domain/subscription.ts";
import type { HealthQuery, SubscriptionHealth } from "../../../src/domain/subscription-health.ts";
import type { SubscriptionStatus } from "../../../src/domain/subscription-status.ts";
import type { TailPage } from "../../../src/domain/tail.ts";
import type { TopicConfig } from "../../../src/domain/topic.ts";
import { readEventId } from "../../../src/kernel/ids.ts";
import { err, ok, type Result } from "../../../src/kernel/result.ts";
import type { LogControls, LogUnavailable } from "../../../src/topic/client.ts";

type Known = { topic: TopicConfig; subscription: LogSubscription; start: StartPosition };
type Answer<T> = Promise<Result<T, LogUnavailable>>;

/** Logs that keep the rules of `LogControls`: a call may be repeated, an older version is ignored, a removed one stays removed. */
export class FakeLogs implements LogControls {
  readonly topics = new Map<string, TopicConfig>();
  readonly consents = new Map<string, LogConsent>();
  /** What a log says of itself. */
  metricsOf: (log: string) => LogMetrics = () => ({ startedMs: 0, outcomes: {}, counts: {}, gauges: {} });
  readonly statuses = new Map<string, SubscriptionStatus>();
  readonly appended: NewEvent[] = [];
  /** The calls that arrived, in their order: `putConsent {log}`. */
  readonly calls: string[] = [];
  readonly #known = new Map<string, Known>();
  readonly #removed = new Map<string, number>();
  #concurrent = 0;
  mostConcurrent = 0;
  /** Logs that do not answer, or not to every call. */
  isDown: (log: string, call: string) => boolean = () => false;

  /** The logs that know a subscription, and what they know. */
  logsOf(subscriptionId: string): Map<string, Known> {
    const entries = [...this.#known].filter(([name]) => name.endsWith(` ${subscriptionId}`));
    return new Map(entries.map(([name, known]) => [name.split(" ")[0] ?? "", known]));
  }

  /** Consents that permit, as `log owner`. */
  grantsOf(subscriptionId: string): string[] {
    return [...this.consents].flatMap(([name, consent]) =>
      consent.subscriptionId === subscriptionId && consent.granted
        ? [`${name.split(" ")[0]} ${consent.dataOwnerId}`]
        : [],
    );
  }

  /** What a log has for whoever listens; null: nothing. */
  feedOf: (call: FeedCall) => FeedPage | null = () => null;

  readFeed(log: string, call: FeedCall): Answer<FeedPage> {
    const nothing = {
      events: [],
      after: 0,
      upTo: 0,
      lastSeq: 0,
      firstSeq: 1,
      successors: [],
      ended: [],
      reading: 0,
      validMs: 0,
    };
    return this.#take("readFeed", log, () => this.feedOf(call) ?? nothing);
  }

  readTail(log: string): Answer<TailPage> {
    const nothing = { events: [], downTo: 1, firstSeq: 1, isEnded: false, validMs: 0 };
    return this.#take("readTail", log, () => nothing);
  }

  append(log: string, topic: TopicConfig, events: NewEvent[]): Answer<AppendOutcome[]> {
    return this.#take("append", log, () => {
      if ((this.topics.get(log)?.version ?? 0) > topic.version) return events.map(() => ({ kind: "topic_changed" }));
      if (events.some(({ invalid }) => invalid === "refused")) {
        return events.map(({ invalid }) => ({ kind: invalid === "refused" ? "message_invalid" : "companion_refused" }));
      }
      this.appended.push(...events);
      return events.map(({ id }) => ({ kind: "accepted", eventId: id }));
    });
  }

  putTopic(log: string, topic: TopicConfig): Answer<null> {
    return this.#take("putTopic", log, () => {
      if ((this.topics.get(log)?.version ?? -1) < topic.version) this.topics.set(log, topic);
      return null;
    });
  }

  putSubscription(log: string, topic: TopicConfig, subscription: LogSubscription, start: StartPosition): Answer<null> {
    return this.#take("putSubscription", log, () => {
      const name = `${log} ${subscription.id}`;
      const before = this.#known.get(name);
      if ((this.#removed.get(name) ?? -1) >= subscription.version) return null;
      if (before && before.subscription.version >= subscription.version) return null;
      this.#known.set(name, { topic, subscription, start: before?.start ?? start });
      return null;
    });
  }

  removeSubscription(log: string, subscriptionId: string, version: number): Answer<null> {
    return this.#take("removeSubscription", log, () => {
      const name = `${log} ${subscriptionId}`;
      this.#removed.set(name, version);
      this.#known.delete(name);
      for (const [key, consent] of this.consents) {
        if (key.startsWith(`${log} `) && consent.subscriptionId === subscriptionId) this.consents.delete(key);
      }
      return null;
    });
  }

  putConsent(log: string, consent: LogConsent): Answer<boolean> {
    return this.#take("putConsent", log, () => {
      if (!this.#known.has(`${log} ${consent.subscriptionId}`)) return false;
      const name = `${log} ${consent.subscriptionId} ${consent.dataOwnerId}`;
      if ((this.consents.get(name)?.version ?? -1) < consent.version) this.consents.set(name, consent);
      return true;
    });
  }

  subscriptionStatus(log: string, subscriptionId: string): Answer<SubscriptionStatus | null> {
    return this.#take("subscriptionStatus", log, () => this.statuses.get(`${log} ${subscriptionId}`) ?? null);
  }

  readonly healths = new Map<string, SubscriptionHealth>();
  /** What the logs were asked for charts. */
  readonly healthQueries: HealthQuery[] = [];

  subscriptionHealth(log: string, query: HealthQuery): Answer<SubscriptionHealth | null> {
    this.healthQueries.push(query);
    return this.#take("subscriptionHealth", log, () => this.healths.get(`${log} ${query.subscriptionId}`) ?? null);
  }

  // What is asked of the events themselves is tested with real logs.

  listEvents(log: string): Answer<EventPage> {
    return this.#take("listEvents", log, () => ({ events: [], more: null }));
  }

  /** What was appended, the newest first; filters as the log does. */
  listStoredEvents(log: string, { dataOwnerId, fromMs, toMs, beforeSeq, limit }: EventQuery): Answer<StoredEventPage> {
    return this.#take("listStoredEvents", log, () => {
      const events = this.appended
        .map((event, i) => ({ ...event, seq: i + 1, acceptedMs: readEventId(event.id).mintedMs }))
        .filter(
          ({ seq, acceptedMs }) =>
            (beforeSeq === null || seq < beforeSeq) &&
            (fromMs === null || acceptedMs >= fromMs) &&
            (toMs === null || acceptedMs < toMs),
        )
        .filter((event) => dataOwnerId === null || event.dataOwnerId === dataOwnerId)
        .reverse();
      const page = events.slice(0, limit);
      const last = page.at(-1);
      return {
        events: page,
        more: last && events.length > limit ? { seq: last.seq, acceptedMs: last.acceptedMs } : null,
      };
    });
  }

  readEvent(log: string, eventId: string): Answer<StoredEvent | null> {
    const event = this.appended.find(({ id }) => id === eventId);
    return this.#take("readEvent", log, () => (event ? { ...event, seq: 1, acceptedMs: 0 } : null));
  }

  listDeliveries(log: string): Answer<DeliveryPage> {
    return this.#take("listDeliveries", log, () => ({ deliveries: [], more: null }));
  }

  /** What a log has sent of a data owner's events; nothing unless a test says so. */
  sentOf: (log: string, query: SentQuery) => SentPage | null = () => ({ sent: [], more: null });

  listSent(log: string, query: SentQuery): Answer<SentPage | null> {
    return this.#take("listSent", log, () => this.sentOf(log, query));
  }

  /** Each subscription that is asked for has it before itself. */
  listDeliveriesOf(log: string, eventId: string, query: EventDeliveriesQuery): Answer<EventDeliveryPage | null> {
    const isKnown = this.appended.some(({ id }) => id === eventId);
    const deliveries = (query.subscriptionIds ?? []).map((subscriptionId) => ({
      ...{ subscriptionId, eventId, seq: 1, acceptedMs: 0, channel: "orders/created", partitionKey: null },
      ...{ status: "waiting" as const, nextAttemptMs: null, attempts: [] },
    }));
    return this.#take("listDeliveriesOf", log, () => (isKnown ? { deliveries, after: null } : null));
  }

  retryDelivery(log: string): Answer<ControlOutcome> {
    return this.#take("retryDelivery", log, () => "not_found");
  }

  skipDelivery(log: string): Answer<ControlOutcome> {
    return this.#take("skipDelivery", log, () => "not_found");
  }

  retryDead(log: string): Answer<DeadRetried> {
    return this.#take("retryDead", log, () => ({ retried: 0, remaining: 0 }));
  }

  /** What a log answers to who fetches events; it has none unless a test says so. */
  pulled: (log: string, call: PullCall) => PullAnswer = () => ({ kind: "nothing", retryMs: null });

  pullLease(log: string, call: PullCall): Answer<PullAnswer> {
    return this.#take("pullLease", log, () => this.pulled(log, call));
  }

  pullSettle(log: string, { outcomes }: PullSettle): Answer<PullSettled> {
    return this.#take("pullSettle", log, () => ({ settled: outcomes.map(({ eventId }) => eventId), unknown: [] }));
  }

  pullRenew(log: string): Answer<PullRenewed> {
    return this.#take("pullRenew", log, () => ({ leases: [] }));
  }

  metrics(log: string): Answer<LogMetrics> {
    return this.#take("metrics", log, () => this.metricsOf(log));
  }

  tick(log: string): Answer<null> {
    return this.#take("tick", log, () => null);
  }

  async #take<T>(name: string, log: string, work: () => T): Answer<T> {
    this.mostConcurrent = Math.max(this.mostConcurrent, ++this.#concurrent);
    await Promise.resolve();
    this.#concurrent--;
    this.calls.push(`${name} ${log}`);
    return this.isDown(log, name) ? err({ reason: "log_unavailable" }) : ok(work());
  }
}
