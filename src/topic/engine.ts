import type { LogConsent } from "../domain/consent.ts";
import type { Lease, LeaseAnswer, LeaseCall } from "../domain/delivery.ts";
import type { NewEvent } from "../domain/event.ts";
import type { LogSubscription, StartPosition, SubscriptionStatus } from "../domain/subscription.ts";
import type { TopicConfig } from "../domain/topic.ts";
import { SLEEPER_GRACE_MS, STALE_LANES_PER_ALARM_MAX, WAKE_COVER_MS } from "../kernel/limits.ts";
import { AlarmClock } from "./alarm-clock.ts";
import { type AppendOutcome, appendOne } from "./append.ts";
import { arm, armFresh, hasFreshWork, isHeld, nextAlarmMs, nextRetryMs } from "./arm.ts";
import { EventStore } from "./event-store.ts";
import { IdempotencyStore } from "./idempotency-store.ts";
import { LaneStore } from "./lane-store.ts";
import { isRetrySlot, type LogState, laneOwner, lockedKeys, newSearchBudget, nextOpen } from "./log-state.ts";
import { OutcomeStore } from "./outcome-store.ts";
import type { LogPlatform } from "./platform.ts";
import { migrateLog } from "./schema.ts";
import { reclaimLease, settleLease } from "./settle.ts";
import { measureStatus } from "./status.ts";
import {
  isDeliverable,
  type Slot,
  type SlotLease,
  type Subscription,
  SubscriptionStore,
} from "./subscription-store.ts";
import { keepCandidate, leaseLengthMs, takeLease } from "./take.ts";
import { Waker } from "./waker.ts";

export type EngineOptions = {
  /** The log's name, which its wakes carry. */
  logName: string;
  /** How many consumers may work on fresh events of one subscription at the same time. */
  parallelConsumers: number;
};

/**
 * One topic's log and the cursors over it: what the Durable Object does, apart from being one. Every public method is
 * one transaction; what it wants to send is sent by `flush` once that has been committed.
 *
 * A subscription is a cursor, lanes (the few keys with something outstanding behind it) and slots (seats of consumers,
 * each with at most one lease). A key in a lease is locked, whatever else happens to the subscription.
 */
export class TopicEngine {
  readonly #log: LogState;

  constructor(platform: LogPlatform, options: EngineOptions) {
    const { sql } = platform;
    const alarm = new AlarmClock(platform);
    this.#log = {
      platform,
      events: new EventStore(sql),
      subscriptions: new SubscriptionStore(sql, options.parallelConsumers + 1),
      lanes: new LaneStore(sql),
      outcomes: new OutcomeStore(sql),
      idempotency: new IdempotencyStore(sql),
      waker: new Waker(platform, alarm, options.logName),
      alarm,
    };
    platform.transaction(() => migrateLog(sql));
    this.#load();
  }

  /** Sends the wakes of the transactions so far. Never rejects: where the queue refuses, the alarm comes soon. */
  flush(): Promise<void> {
    return this.#log.waker.flush();
  }

  /**
   * Appends publishes in one transaction. One that makes the transaction throw is found by halving and fails alone.
   * `isRetry`: the caller did not hear the answer of an earlier try with the same event id.
   */
  append(topic: TopicConfig, publishes: { event: NewEvent; isRetry: boolean }[]): AppendOutcome[] {
    const log = this.#log;
    try {
      return this.#transact(() => {
        this.#takeTopic(topic);
        const outcomes = publishes.map(({ event, isRetry }) => appendOne(log, event, isRetry));
        this.#armAppended();
        return outcomes;
      });
    } catch (error) {
      if (publishes.length <= 1) return publishes.map(() => ({ kind: "failed", error: String(error) }));
      const middle = publishes.length >> 1;
      return [...this.append(topic, publishes.slice(0, middle)), ...this.append(topic, publishes.slice(middle))];
    }
  }

  /** Ends a consumer's lease and gives it the next one. Repeating a call whose answer was lost gives the same lease again. */
  settleAndLease(call: LeaseCall): LeaseAnswer {
    return this.#transact(() => {
      const s = this.#log.subscriptions.get(call.subscription);
      const slot = s?.slots[call.slot];
      if (!s || !slot || s.removed) return { kind: "done" };
      return this.#settleAndLease(s, slot, call);
    });
  }

  #settleAndLease(s: Subscription, slot: Slot, call: LeaseCall): LeaseAnswer {
    const log = this.#log;
    const budget = newSearchBudget();
    log.waker.arrived(call.subscription, call.slot, call.token);
    this.#reclaimExpired(s, call.settles ? { slot, leaseId: call.settles.leaseId } : null);
    const before = slotState(slot);
    const candidates = call.settles ? settleLease(log, s, slot, call.settles, budget) : [];
    if (slot.lease) {
      // Somebody is served here already: the same caller gets its lease again, a doubled wake is used up.
      const isSameCall = slot.lease.nonce === call.nonce && slot.lease.ordinal === call.ordinal;
      return isSameCall ? this.#lease(s, slot, slot.lease) : { kind: "done" };
    }
    const lease = call.wantsMore ? takeLease(log, s, slot, call, candidates, budget) : null;
    if (!call.wantsMore) for (const candidate of candidates) keepCandidate(log, s, candidate);
    if (slotState(slot) !== before) log.subscriptions.saveSlot(s, slot);
    if (!lease) return this.#answerWithoutLease(s, slot, call);
    log.alarm.by(log.platform.clock.now() + WAKE_COVER_MS);
    arm(log, s);
    return this.#lease(s, slot, lease);
  }

  /** Nothing to lease now. A consumer that can bring its wake back does so where there is work; else the log sends one. */
  #answerWithoutLease(s: Subscription, slot: Slot, call: LeaseCall): LeaseAnswer {
    const log = this.#log;
    if (!isDeliverable(s)) return { kind: "done" };
    const now = log.platform.clock.now();
    log.alarm.by(nextAlarmMs(log, s));
    if (!call.canReturn) {
      arm(log, s);
      return { kind: "done" };
    }
    if (!isRetrySlot(s, slot.n)) {
      const goesOn = !isHeld(log, s) && hasFreshWork(log, s);
      if (goesOn) log.waker.expect(s, slot, call.token);
      arm(log, s);
      return goesOn ? { kind: "return", delaySeconds: 0 } : { kind: "done" };
    }
    armFresh(log, s);
    const dueMs = nextRetryMs(log, s);
    if (dueMs === Number.POSITIVE_INFINITY || log.waker.hasSleeper(s, dueMs)) return { kind: "done" };
    log.alarm.by(Math.max(now + WAKE_COVER_MS, dueMs + SLEEPER_GRACE_MS));
    return { kind: "return", delaySeconds: log.waker.expectSleeper(s, dueMs, call.token) };
  }

  /** The net below wakes and consumers: sets the next alarm first, then takes back expired leases and sends wakes. */
  alarm(): void {
    const log = this.#log;
    log.alarm.rearm(log.platform.clock.now() + WAKE_COVER_MS);
    this.tick();
  }

  /** Looks after all work that the log has. A log without work is left without an alarm. */
  tick(): void {
    const log = this.#log;
    this.#transact(() => {
      let nextMs = Number.POSITIVE_INFINITY;
      for (const s of log.subscriptions.all()) {
        this.#reclaimExpired(s, null);
        if (s.hasStaleLanes) s.hasStaleLanes = log.lanes.deleteStale(laneOwner(s), STALE_LANES_PER_ALARM_MAX);
        if (s.hasStaleLanes) nextMs = Math.min(nextMs, log.platform.clock.now() + WAKE_COVER_MS);
        arm(log, s);
        nextMs = Math.min(nextMs, nextAlarmMs(log, s));
      }
      log.alarm.replace(nextMs);
    });
  }

  putTopic(topic: TopicConfig): void {
    this.#transact(() => {
      this.#takeTopic(topic);
      for (const s of this.#log.subscriptions.all()) this.#look(s);
    });
  }

  /** Adds or changes a subscription. `start` counts only where the log does not know it yet. */
  putSubscription(topic: TopicConfig, config: LogSubscription, start: StartPosition): void {
    const { events, subscriptions } = this.#log;
    this.#transact(() => {
      this.#takeTopic(topic);
      const known = subscriptions.get(config.id);
      if (known && (known.removed || known.config.version >= config.version)) return;
      if (known) {
        known.config = config;
        subscriptions.save(known);
        this.#look(known);
      } else {
        this.#look(subscriptions.add(config, startSeq(events, start), events.lastSeq));
      }
    });
  }

  /** Ends a subscription for good. Its id is remembered, so that a late push does not bring it back. */
  removeSubscription(id: string, version: number): void {
    const log = this.#log;
    this.#transact(() => {
      const s = log.subscriptions.get(id);
      if (!s || s.removed) return;
      s.removed = true;
      s.config = { ...s.config, version, active: false, target: null };
      s.epoch++;
      s.hasStaleLanes = true;
      log.subscriptions.save(s);
      log.alarm.by(log.platform.clock.now() + WAKE_COVER_MS);
    });
  }

  /** Grants or withdraws a data owner's consent. After a withdrawal, wait until `holdsOwner` is false. */
  putConsent(consent: LogConsent): void {
    const { events, subscriptions, platform } = this.#log;
    this.#transact(() => {
      const s = subscriptions.get(consent.subscriptionId);
      if (s) subscriptions.putConsent(s, consent, events.lastSeq, platform.clock.now());
    });
  }

  /** Whether a live lease of the subscription still holds an event of this owner without consent. */
  holdsOwner(subscriptionId: string, dataOwnerId: string): boolean {
    const { events, subscriptions, platform } = this.#log;
    const s = subscriptions.get(subscriptionId);
    if (!s) return false;
    const now = platform.clock.now();
    const isHeldBack = (seq: number): boolean => {
      const row = events.row(seq);
      return row?.dataOwnerId === dataOwnerId && !subscriptions.matches(s, row, now);
    };
    return s.slots.some(
      ({ lease }) => lease && lease.expiresMs > now && lease.items.some((item) => item.seqs.some(isHeldBack)),
    );
  }

  /** Replays from a place: events after `fromSeq`, delivered ones too. What is leased now stays locked until it ends. */
  seek(subscriptionId: string, fromSeq: number): void {
    const { events, subscriptions } = this.#log;
    this.#transact(() => {
      const s = subscriptions.get(subscriptionId);
      if (!s || s.removed) return;
      s.epoch++;
      s.hasStaleLanes = true;
      s.fromSeq = fromSeq;
      s.lastMatchSeq = events.lastSeq;
      subscriptions.save(s);
      this.#look(s);
    });
  }

  /** Gives up the head of a blocked key, so that the key goes on. False: it is being attempted now, or is not the head. */
  skip(subscriptionId: string, laneKey: string, headSeq: number): boolean {
    const log = this.#log;
    return this.#transact(() => {
      const s = log.subscriptions.get(subscriptionId);
      const lane = s && log.lanes.get(laneOwner(s), laneKey);
      if (!s || !lane || lane.headSeq !== headSeq || lockedKeys(s, null).has(laneKey)) return false;
      const now = log.platform.clock.now();
      log.outcomes.close(laneOwner(s), headSeq, "skipped", now);
      s.hasClosed = true;
      const next = nextOpen(log, s, laneKey, headSeq, newSearchBudget());
      if (next.kind === "none") log.lanes.delete(laneOwner(s), laneKey);
      else
        keepCandidate(log, s, { key: laneKey, headSeq: next.kind === "found" ? next.row.seq : next.atSeq, attempt: 0 });
      this.#look(s);
      return true;
    });
  }

  /** The head of a blocked key is due at once. False: there is no such lane, or it is being attempted now. */
  retryNow(subscriptionId: string, laneKey: string): boolean {
    const log = this.#log;
    return this.#transact(() => {
      const s = log.subscriptions.get(subscriptionId);
      const lane = s && log.lanes.get(laneOwner(s), laneKey);
      if (!s || !lane || lockedKeys(s, null).has(laneKey)) return false;
      log.lanes.set(laneOwner(s), { ...lane, dueMs: log.platform.clock.now() });
      this.#look(s);
      return true;
    });
  }

  /** What the log says of a subscription; null where it does not know it. */
  status(subscriptionId: string): SubscriptionStatus | null {
    const s = this.#log.subscriptions.get(subscriptionId);
    return s && !s.removed ? measureStatus(this.#log, s) : null;
  }

  /** A change may have made work: the alarm stands behind it, and somebody is sent. */
  #look(s: Subscription): void {
    const log = this.#log;
    if (!isDeliverable(s)) return;
    log.alarm.by(nextAlarmMs(log, s));
    arm(log, s);
  }

  #armAppended(): void {
    const log = this.#log;
    for (const s of log.subscriptions.all()) {
      if (!s.hasNews) continue;
      s.hasNews = false;
      if (isDeliverable(s)) log.alarm.by(log.platform.clock.now() + WAKE_COVER_MS);
      armFresh(log, s);
    }
  }

  #takeTopic(topic: TopicConfig): void {
    const { subscriptions, events } = this.#log;
    if (!subscriptions.putTopic(topic)) return;
    // What did not match under the old access may match now.
    for (const s of subscriptions.all()) s.lastMatchSeq = events.lastSeq;
  }

  #reclaimExpired(s: Subscription, except: { slot: Slot; leaseId: number } | null): void {
    const now = this.#log.platform.clock.now();
    for (const slot of s.slots) {
      const { lease } = slot;
      if (!lease || lease.expiresMs > now) continue;
      if (except?.slot === slot && except.leaseId === lease.id) continue;
      reclaimLease(this.#log, s, slot, lease, newSearchBudget());
      this.#log.subscriptions.saveSlot(s, slot);
    }
  }

  #lease(s: Subscription, slot: Slot, held: SlotLease): LeaseAnswer {
    const { events, subscriptions, platform } = this.#log;
    const { target } = s.config;
    if (!target) return { kind: "done" };
    const items = held.items.map(({ key, seqs }) => ({ key, events: seqs.flatMap((seq) => events.read(seq) ?? []) }));
    const lease: Lease = {
      id: held.id,
      epoch: slot.epoch,
      remainingMs: Math.min(leaseLengthMs(s), held.expiresMs - platform.clock.now()),
      target,
      sourceOrganizationId: subscriptions.topic?.organizationId ?? "",
      items,
    };
    return { kind: "lease", lease };
  }

  #transact<T>(work: () => T): T {
    try {
      return this.#log.platform.transaction(work);
    } catch (error) {
      // What the stores hold in memory may say more than what was rolled back to: read it again.
      this.#log.waker.discard();
      this.#load();
      throw error;
    }
  }

  #load(): void {
    const { events, subscriptions, idempotency } = this.#log;
    events.load();
    subscriptions.load(events.lastSeq);
    idempotency.load();
  }
}

/** What of a slot is stored, to tell whether its row has to be written. */
const slotState = (slot: Slot): string =>
  `${slot.epoch}/${slot.highSeq}/${slot.window}/${slot.leaseId}/${slot.lease?.id ?? ""}`;

function startSeq(events: EventStore, start: StartPosition): number {
  if (start === "latest") return events.lastSeq;
  if (start === "earliest") return 0;
  return events.seqBefore(start.atMs);
}
