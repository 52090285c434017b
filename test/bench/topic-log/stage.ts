import type { LeaseAnswer, LeaseCall } from "../../../src/domain/delivery.ts";
import type { NewEvent } from "../../../src/domain/event.ts";
import type { LogSubscription } from "../../../src/domain/subscription.ts";
import type { TopicConfig } from "../../../src/domain/topic.ts";
import { newEventId } from "../../../src/kernel/ids.ts";
import { appendEvents } from "../../../src/topic/engine/append.ts";
import { putSubscription } from "../../../src/topic/engine/controls.ts";
import { settleAndLease } from "../../../src/topic/engine/lease.ts";
import { type LogState, laneOwner } from "../../../src/topic/state/log-state.ts";
import { openLog } from "../../../src/topic/state/open-log.ts";
import { laneKeyOf } from "../../../src/topic/store/lane-store.ts";
import type { LogPlatform, Sql } from "../../../src/topic/store/platform.ts";
import type { Subscription } from "../../../src/topic/store/subscription.ts";
import { subscriptionOf } from "../../support/log-subscription.ts";

/** Rows as the platform bills them, up to now. */
export type Rows = { read: number; written: number };

/** What a log stands on, with its rows counted. */
export type CountedStorage = { sql: Sql; transaction: LogPlatform["transaction"]; rows(): Rows };

/** What one operation takes on average. */
export type Cost = { microseconds: number; rowsRead: number; rowsWritten: number; wakes: number };

const APPENDED_TOGETHER = 500;
const EVENTS_PER_MS = 10;
const HINT = { topicNumber: 1, shard: 0 };

/** A customary event: a few hundred bytes of JSON. */
const BODY = new TextEncoder().encode(JSON.stringify({ status: "ready", remark: "The customer is told. ".repeat(12) }));

/** The real log over counted storage, with a clock that only the measurement moves. */
export class Stage {
  nowMs = Date.parse("2026-11-21T00:00:00Z");
  topic: TopicConfig = {
    version: 1,
    access: "open",
    organizationId: "publisher",
    retentionDays: 30,
    maxUndeliveredDays: null,
    isAddressed: false,
  };
  log: LogState;
  readonly #storage: CountedStorage;
  #alarmAtMs: number | null = null;
  #wakes = 0;
  #nonces = 0;

  constructor(storage: CountedStorage) {
    this.#storage = storage;
    this.log = this.#open();
  }

  /** A new instance over the same storage, as after an eviction. */
  reopen(): void {
    this.log = this.#open();
  }

  subscribe(fields: Partial<LogSubscription> & { id: string }): void {
    putSubscription(this.log, this.topic, subscriptionOf(fields), "earliest");
  }

  event(fields: Partial<NewEvent> = {}): NewEvent {
    return {
      id: newEventId(this.nowMs, HINT),
      channel: "repair-orders/status-changed",
      partitionKey: null,
      dataOwnerId: null,
      subscriptionId: null,
      requestId: "request",
      originRequestId: null,
      traceparent: null,
      cloudEvent: null,
      hops: 0,
      contentType: "application/json",
      body: BODY,
      idempotency: null,
      ...fields,
    };
  }

  append(events: NewEvent[]): void {
    const appends = events.map((event) => ({
      events: [event],
      topicVersion: this.topic.version,
      isRetry: false,
      limit: null,
    }));
    const refused = appendEvents(this.log, this.topic, appends)
      .flat()
      .find(({ kind }) => kind !== "accepted");
    if (refused) throw new Error(`an event was refused: ${JSON.stringify(refused)}`);
  }

  /** Appends events up to this number, each with a key of its own. */
  fill(upTo: number): void {
    for (let seq = this.log.events.lastSeq; seq < upTo; seq = this.log.events.lastSeq) {
      const count = Math.min(APPENDED_TOGETHER, upTo - seq);
      const events = Array.from({ length: count }, (_, i) => this.event({ partitionKey: keyOf(seq + 1 + i) }));
      this.append(events);
      this.nowMs += count / EVENTS_PER_MS;
    }
  }

  /** As if the events behind `after`, up to `upTo`, had been attempted for the subscription, and each had failed. */
  fail(id: string, after: number, upTo: number): void {
    const s = this.#subscription(id);
    this.#storage.transaction(() => {
      for (let seq = after + 1; seq <= upTo; seq++) {
        const key = laneKeyOf({ seq, key: keyOf(seq) });
        this.log.lanes.set(laneOwner(s), { key, headSeq: seq, attempt: 3, dueMs: this.nowMs });
      }
      this.passTo(id, upTo);
    });
  }

  /** As `fail`, with all attempts used up. */
  bury(id: string, after: number, upTo: number): void {
    const s = this.#subscription(id);
    this.#storage.transaction(() => {
      for (let seq = after + 1; seq <= upTo; seq++) this.log.closed.add(laneOwner(s), seq, "dead", this.nowMs);
      s.hasClosed = true;
      this.passTo(id, upTo);
    });
  }

  /** A consumer's call. */
  call(subscription: string, fields: Partial<LeaseCall> = {}): LeaseAnswer {
    const nonce = `nonce-${++this.#nonces}`;
    const call = { subscription, slot: 0, token: "", nonce, ordinal: 1, settles: null, wantsMore: true };
    return settleAndLease(this.log, { ...call, canReturn: true, ...fields });
  }

  /** What `work` costs; `prepare` comes before each time and is not measured. */
  async measure(times: number, work: (i: number) => void, prepare: (i: number) => void = () => {}): Promise<Cost> {
    const cost = { microseconds: 0, rowsRead: 0, rowsWritten: 0, wakes: 0 };
    for (let i = 0; i < times; i++) {
      prepare(i);
      await this.log.waker.flush();
      const before = this.#storage.rows();
      const wakesBefore = this.#wakes;
      // An object's clock has whole milliseconds only: as many are too short as are too long.
      const startMs = performance.now();
      work(i);
      cost.microseconds += ((performance.now() - startMs) * 1000) / times;
      const after = this.#storage.rows();
      cost.rowsRead += (after.read - before.read) / times;
      cost.rowsWritten += (after.written - before.written) / times;
      await this.log.waker.flush();
      cost.wakes += (this.#wakes - wakesBefore) / times;
    }
    return cost;
  }

  /** Moves a subscription's cursor, as if it had leased everything up to there. */
  passTo(id: string, seq: number): void {
    const s = this.#subscription(id);
    const [slot] = s.slots;
    if (!slot) throw new Error(`${id} has no seat`);
    slot.epoch = s.epoch;
    slot.highSeq = seq;
    this.log.subscriptions.saveSlot(s, slot);
  }

  #subscription(id: string): Subscription {
    const s = this.log.subscriptions.get(id);
    if (!s) throw new Error(`there is no subscription ${id}`);
    return s;
  }

  #open(): LogState {
    const platform: LogPlatform = {
      sql: this.#storage.sql,
      transaction: this.#storage.transaction,
      storageBytes: () => 0,
      clock: { now: () => this.nowMs },
      random: Math.random,
      alarmAtMs: this.#alarmAtMs,
      setAlarm: (atMs) => {
        this.#alarmAtMs = atMs;
      },
      deleteAlarm: () => {
        this.#alarmAtMs = null;
      },
      poke: async () => "nobody",
      sendWakes: async (_queue, wakes) => {
        this.#wakes += wakes.length;
      },
    };
    return openLog(platform, { logName: "bench/0", parallelConsumers: 1 });
  }
}

/** The partition key of the event with this number. */
export const keyOf = (seq: number): string => `RO-${seq}`;
