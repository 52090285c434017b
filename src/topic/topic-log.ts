import { DurableObject } from "cloudflare:workers";
import type { AppendOutcome } from "../domain/append-outcome.ts";
import type { LogConsent } from "../domain/consent.ts";
import type { LeaseAnswer, LeaseCall, NoticeCall } from "../domain/delivery.ts";
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
import { LogSubscription, type StartPosition } from "../domain/subscription.ts";
import type { HealthQuery, SubscriptionHealth } from "../domain/subscription-health.ts";
import type { SubscriptionStatus } from "../domain/subscription-status.ts";
import type { TailCall, TailPage } from "../domain/tail.ts";
import { logName, predecessorOf, readLogName, TopicConfig } from "../domain/topic.ts";
import { logLine } from "../kernel/log.ts";
import { appendEvents } from "./engine/append.ts";
import { holdsOwner, putConsent, putSubscription, putTopic, removeSubscription } from "./engine/controls.ts";
import { retryDead, retryDelivery, skipDelivery } from "./engine/delivery-controls.ts";
import { GroupCommit } from "./engine/group-commit.ts";
import { settleAndLease } from "./engine/lease.ts";
import { pullLease, pullRenew } from "./engine/pull.ts";
import { pullSettle } from "./engine/pull-settle.ts";
import { lookAfterAll, runAlarm } from "./engine/upkeep.ts";
import { readFeed } from "./feed/read-feed.ts";
import { readTail } from "./feed/read-tail.ts";
import { listDeliveries, listDeliveriesOf } from "./queries/deliveries.ts";
import { findEvent, listEvents, listStoredEvents, readEvent } from "./queries/events.ts";
import { measureHealth } from "./queries/health.ts";
import { measureLog } from "./queries/metrics.ts";
import { listSent } from "./queries/sent.ts";
import { measureStatus } from "./queries/status.ts";
import { type MetricsBinding, NO_DATA_POINTS } from "./reports/data-points.ts";
import { dropNotices, takeNotices } from "./reports/notice-outbox.ts";
import { Reporter } from "./reports/reporter.ts";
import { askPredecessor } from "./shards/ask-predecessor.ts";
import { inherit, inheritAnswers } from "./shards/inherit.ts";
import { findFirstAnswers, listMovedKeys, listSubscriptions, sealFor } from "./shards/moved-keys.ts";
import type { MovedKeys, MovedKeysAsk, Predecessor, SubscriptionPage } from "./shards/predecessor.ts";
import type { LogState } from "./state/log-state.ts";
import { openLog } from "./state/open-log.ts";
import type { KnownAnswer } from "./store/idempotency-store.ts";
import type { LogPlatform, SqlValue, WakeToSend } from "./store/platform.ts";
import { readNewEvent } from "./versions.ts";

const PARALLEL_CONSUMERS = 1;
const REVOCATION_POLL_MS = 200;

/**
 * One shard of one topic: the ordered log and its subscriptions' cursors. Its public methods are its RPC contract; each
 * is one transaction on the log, and what that wants to send leaves once it is durable.
 */
export class TopicLog extends DurableObject<Env> {
  readonly #name: string;
  /** The log that this one takes its keys over from; null: it is its topic's first. */
  readonly #predecessor: Predecessor | null;
  #log!: LogState;
  readonly #reporter: Reporter;
  readonly #commits = new GroupCommit((topic, appends) =>
    this.#reporter.commit(this.#log, appends, () => this.#after(appendEvents(this.#log, topic, appends))),
  );

  constructor(ctx: DurableObjectState, env: Env & MetricsBinding) {
    super(ctx, env);
    if (!ctx.id.name) throw new Error("a topic log is reached by its name");
    this.#name = ctx.id.name;
    this.#reporter = new Reporter(this.#name, env.METRICS ?? NO_DATA_POINTS);
    const shard = predecessorOf(readLogName(this.#name).shard);
    this.#predecessor = shard === null ? null : predecessorAt(() => this.#shard(shard));
    ctx.blockConcurrencyWhile(async () => {
      const platform = platformOf(ctx, env, { logName: this.#name, alarmAtMs: await ctx.storage.getAlarm() });
      this.#log = openLog(platform, { logName: this.#name, parallelConsumers: PARALLEL_CONSUMERS });
      // Until then it answers nobody: what it accepts has to be seen by everybody who is to have it, in order.
      if (this.#predecessor) await inherit(this.#log, this.#predecessor);
    });
  }

  /**
   * Answers when the events are durable, all of them or none; one outcome an event, in order. `isRetry`: an earlier answer was
   * lost. A caller of an older version says nothing of a limit, and less of the rest.
   */
  async append(
    topic: TopicConfig,
    events: NewEvent[],
    isRetry: boolean,
    limit: PublishLimit | null = null,
  ): Promise<AppendOutcome[]> {
    if (this.#predecessor) {
      const keys = events.flatMap(({ idempotency }) => idempotency?.key ?? []);
      await inheritAnswers(this.#log, this.#predecessor, keys);
    }
    return this.#commits.add({ topic: TopicConfig.parse(topic), events: events.map(readNewEvent), isRetry, limit });
  }

  settleAndLease(call: LeaseCall): LeaseAnswer {
    return this.#reporter.settle(this.#log, call, () => this.#after(settleAndLease(this.#log, call)));
  }

  /** Leases events to a consumer that comes by itself. */
  pullLease(call: PullCall): PullAnswer {
    return this.#after(pullLease(this.#log, call));
  }

  pullSettle(call: PullSettle): PullSettled {
    return this.#reporter.settlePulled(this.#log, call, () => this.#after(pullSettle(this.#log, call)));
  }

  pullRenew(call: PullRenew): PullRenewed {
    return this.#after(pullRenew(this.#log, call));
  }

  async putTopic(topic: TopicConfig): Promise<void> {
    this.#after(putTopic(this.#log, TopicConfig.parse(topic)));
    await this.#tellSuccessors((log) => log.putTopic(topic));
  }

  async putSubscription(topic: TopicConfig, subscription: LogSubscription, start: StartPosition): Promise<void> {
    // A caller of an older version leaves out what it does not know of.
    this.#after(putSubscription(this.#log, TopicConfig.parse(topic), LogSubscription.parse(subscription), start));
    await this.#tellSuccessors((log) => log.putSubscription(topic, subscription, start));
  }

  async removeSubscription(subscriptionId: string, version: number): Promise<void> {
    this.#after(removeSubscription(this.#log, subscriptionId, version));
    await this.#tellSuccessors((log) => log.removeSubscription(subscriptionId, version));
  }

  /**
   * A withdrawal is answered when no live lease, and no page on its way to listeners, holds an event of that owner: at most a
   * lease's length. False: this log, or one after it, has no such live subscription.
   */
  async putConsent(consent: LogConsent): Promise<boolean> {
    const isKnown = this.#after(putConsent(this.#log, consent));
    const areKnown = await this.#tellSuccessors((log) => log.putConsent(consent));
    while (!consent.granted && this.#holdsOwner(consent)) {
      await scheduler.wait(REVOCATION_POLL_MS);
    }
    return isKnown && !areKnown.includes(false);
  }

  /** What comes next for listeners; a hub that reads is told from then on when there is more. */
  readFeed(call: FeedCall): FeedPage {
    return this.#after(readFeed(this.#log, call));
  }

  /** The newest event of each key, or of each channel, from a place backwards. */
  readTail(call: TailCall): TailPage {
    return this.#after(readTail(this.#log, call));
  }

  subscriptionStatus(subscriptionId: string): SubscriptionStatus | null {
    return measureStatus(this.#log, subscriptionId);
  }

  /** null: this log does not know the subscription. */
  subscriptionHealth(query: HealthQuery): SubscriptionHealth | null {
    return measureHealth(this.#log, query);
  }

  listEvents(query: EventQuery): EventPage {
    return listEvents(this.#log, query);
  }

  listStoredEvents(query: EventQuery): StoredEventPage {
    return listStoredEvents(this.#log, query);
  }

  /** null: this log does not hold it, or not any more. */
  readEvent(eventId: string): StoredEvent | null {
    return readEvent(this.#log, eventId);
  }

  /** null: this log does not know the subscription. */
  listDeliveries(query: DeliveryQuery): DeliveryPage | null {
    return listDeliveries(this.#log, query);
  }

  /** null: this log never knew the subscription. */
  listSent(query: SentQuery): SentPage | null {
    return listSent(this.#log, query);
  }

  /** null: this log does not hold the event. */
  listDeliveriesOf(eventId: string, query: EventDeliveriesQuery): EventDeliveryPage | null {
    const seq = findEvent(this.#log, eventId);
    return seq === null ? null : listDeliveriesOf(this.#log, seq, query);
  }

  retryDelivery(subscriptionId: string, eventId: string): ControlOutcome {
    const seq = findEvent(this.#log, eventId);
    return seq === null ? "not_found" : this.#after(retryDelivery(this.#log, subscriptionId, seq));
  }

  skipDelivery(subscriptionId: string, eventId: string): ControlOutcome {
    const seq = findEvent(this.#log, eventId);
    return seq === null ? "not_found" : this.#after(skipDelivery(this.#log, subscriptionId, seq));
  }

  /** null: this log does not know the subscription. */
  retryDead(subscriptionId: string, filter: DeadFilter): DeadRetried | null {
    return this.#after(retryDead(this.#log, subscriptionId, filter));
  }

  metrics(): LogMetrics {
    return measureLog(this.#log);
  }

  /** What this log has to tell, the oldest first: the same again until it is dropped. */
  takeNotices(): LogNotice[] {
    return takeNotices(this.#log);
  }

  /** What was taken has been told, up to this one. */
  dropNotices(upTo: number): void {
    this.#after(dropNotices(this.#log, upTo));
  }

  /** What a later shard asks of this one: see `Predecessor`. */
  seal(shard: number): void {
    this.#after(sealFor(this.#log, shard));
  }

  listSubscriptions(after: string): SubscriptionPage {
    return listSubscriptions(this.#log, after);
  }

  listMovedKeys(shard: number, asks: MovedKeysAsk[]): MovedKeys[] {
    return listMovedKeys(this.#log, shard, asks);
  }

  async findFirstAnswers(keys: string[]): Promise<KnownAnswer[]> {
    if (this.#predecessor) await inheritAnswers(this.#log, this.#predecessor, keys);
    return findFirstAnswers(this.#log, keys);
  }

  tick(): void {
    this.#after(lookAfterAll(this.#log));
  }

  override alarm(): void {
    try {
      this.#after(runAlarm(this.#log));
      // Not waited for: a predecessor that hangs holds up no alarm.
      if (this.#predecessor) this.ctx.waitUntil(this.#askPredecessor(this.#predecessor));
    } catch (error) {
      // The platform gives an alarm up after six failed runs: the next one is set already, so this run has not failed.
      this.#log.counters.add("alarmFailures");
      logLine("alarm_failed", { log: this.#name, error: String(error) });
    }
  }

  /** Without an answer, the alarm asks again. */
  async #askPredecessor(predecessor: Predecessor): Promise<void> {
    try {
      this.#after(await askPredecessor(this.#log, predecessor));
    } catch (error) {
      logLine("predecessor_not_asked", { log: this.#name, error: String(error) });
    }
  }

  #holdsOwner({ subscriptionId, dataOwnerId }: LogConsent): boolean {
    return (
      holdsOwner(this.#log, subscriptionId, dataOwnerId) || this.#log.listeners.holdsOwner(subscriptionId, dataOwnerId)
    );
  }

  #shard(shard: number): DurableObjectStub<TopicLog> {
    return this.env.TOPIC_LOG.getByName(logName(readLogName(this.#name).topicId, shard));
  }

  /**
   * A change that was on its way here when a shard took keys over is one that nobody tells that shard: what a log is told,
   * it tells those after it. They have it already, mostly.
   */
  async #tellSuccessors<T>(tell: (log: DurableObjectStub<TopicLog>) => Promise<T>): Promise<T[]> {
    return Promise.all(this.#log.succession.successors.map((shard) => tell(this.#shard(shard))));
  }

  /** Sends the wakes and pokes that the last transaction asked for, and calls for its notices, without making the caller wait for them. */
  #after<T>(result: T): T {
    for (const note of this.#log.filters.takeNotes()) logLine("filter_failed", { log: this.#name, ...note });
    this.ctx.waitUntil(this.#log.waker.flush());
    this.ctx.waitUntil(this.#log.listeners.poke(() => this.#log.events.lastSeq));
    if (this.#log.notices.takeCall(Date.now())) this.ctx.waitUntil(this.#callForNotices());
    return result;
  }

  /** Where the queue does not take the call, the alarm makes another one. */
  async #callForNotices(): Promise<void> {
    const call: NoticeCall = { v: 1, notices: this.#name };
    try {
      await this.env.RETRY_WAKES.send(call, { contentType: "json" });
    } catch (error) {
      logLine("notice_call_failed", { log: this.#name, error: String(error) });
    }
  }
}

/** A stub is broken after an error: each question gets a new one. */
const predecessorAt = (newStub: () => DurableObjectStub<TopicLog>): Predecessor => ({
  seal: async (shard) => newStub().seal(shard),
  listSubscriptions: async (after) => (await newStub().listSubscriptions(after)) as SubscriptionPage,
  listMovedKeys: async (shard, asks) => newStub().listMovedKeys(shard, asks),
  findFirstAnswers: async (keys) => newStub().findFirstAnswers(keys),
});

function platformOf(
  ctx: DurableObjectState,
  env: Env,
  { logName, alarmAtMs }: { logName: string; alarmAtMs: number | null },
): LogPlatform {
  const { sql } = ctx.storage;
  return {
    sql: {
      all: <Row extends Record<string, SqlValue>>(query: string, ...bindings: SqlValue[]) =>
        sql.exec(query, ...bindings).toArray() as unknown as Row[],
      run: (query, ...bindings) => void sql.exec(query, ...bindings),
    },
    transaction: (work) => ctx.storage.transactionSync(work),
    storageBytes: () => sql.databaseSize,
    clock: { now: () => Date.now() },
    random: Math.random,
    alarmAtMs,
    setAlarm: (atMs) => void ctx.storage.setAlarm(atMs),
    deleteAlarm: () => void ctx.storage.deleteAlarm(),
    poke: async (hub) => env.STREAM_HUB.getByName(hub).poke(logName),
    sendWakes: (queue, wakes) => sendWakes(queue === "fresh" ? env.WAKES : env.RETRY_WAKES, wakes),
  };
}

async function sendWakes(queue: Queue, wakes: WakeToSend[]): Promise<void> {
  await queue.sendBatch(
    wakes.map(({ wake, delaySeconds }) => ({ body: wake, contentType: "json" as const, delaySeconds })),
  );
}
