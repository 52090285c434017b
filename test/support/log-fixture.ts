import type { AppendOutcome } from "../../src/domain/append-outcome.ts";
import type { AttemptReport, KeyReport, Lease, LeaseAnswer, LeaseCall } from "../../src/domain/delivery.ts";
import type { NewEvent } from "../../src/domain/event.ts";
import type { PokeAnswer } from "../../src/domain/feed.ts";
import type { PublishLimit } from "../../src/domain/publish-limit.ts";
import type { LogSubscription, StartPosition } from "../../src/domain/subscription.ts";
import { logName, type TopicConfig } from "../../src/domain/topic.ts";
import { appendEvents } from "../../src/topic/engine/append.ts";
import { putSubscription } from "../../src/topic/engine/controls.ts";
import { settleAndLease } from "../../src/topic/engine/lease.ts";
import { nextForgetMs } from "../../src/topic/engine/retention.ts";
import { runAlarm } from "../../src/topic/engine/upkeep.ts";
import { findFirstAnswers, listMovedKeys, listSubscriptions, sealFor } from "../../src/topic/shards/moved-keys.ts";
import type { Predecessor } from "../../src/topic/shards/predecessor.ts";
import type { LogState } from "../../src/topic/state/log-state.ts";
import { openLog } from "../../src/topic/state/open-log.ts";
import type { LogPlatform, WakeToSend } from "../../src/topic/store/platform.ts";
import { subscriptionOf } from "./log-subscription.ts";
import { openSqlite } from "./sqlite-platform.ts";

type KnownTopic = TopicConfig & { retentionDays: number };

export const OPEN: KnownTopic = {
  version: 1,
  access: "open",
  organizationId: "publisher",
  retentionDays: 30,
  maxUndeliveredDays: null,
  isAddressed: false,
};
export const BY_CONSENT: KnownTopic = {
  version: 1,
  access: "consent",
  organizationId: "publisher",
  retentionDays: 30,
  maxUndeliveredDays: null,
  isAddressed: false,
};

export { subscriptionOf } from "./log-subscription.ts";

/** A log over SQLite in memory, with a clock that the test moves, wakes that it catches and an alarm that it fires. */
export class LogFixture {
  nowMs = Date.parse("2026-11-21T12:00:00Z");
  alarmAtMs: number | null = null;
  readonly wakes: (WakeToSend & { queue: "fresh" | "retry" })[] = [];
  /** Rows that statements have given back so far. */
  rowsRead = 0;
  /** Makes the next transactions throw at this statement. */
  failingStatement: RegExp | null = null;
  /** How many times that statement still succeeds. */
  successesBefore = 0;
  queueFails = false;
  /** What hubs answer to pokes. */
  poke: (hub: string) => Promise<PokeAnswer> = async () => "nobody";
  storageBytes = 0;
  /** How often alarms have called for the log's notices. */
  noticeCalls = 0;
  log: LogState;
  readonly #database: ReturnType<typeof openSqlite>;
  #parallelConsumers: number;
  readonly #shard: number;
  #events = 0;
  #nonces = 0;

  /** `stored`: SQL that makes what an earlier log has left. */
  constructor(options: { parallelConsumers?: number; shard?: number; stored?: string; nowMs?: number } = {}) {
    this.#parallelConsumers = options.parallelConsumers ?? 1;
    this.#shard = options.shard ?? 0;
    this.#database = openSqlite(options.stored);
    this.nowMs = options.nowMs ?? this.nowMs;
    this.log = this.#open();
  }

  get retrySlot(): number {
    return this.#parallelConsumers;
  }

  /** The alarm that looks after work; null: there is none, or only one that will forget old events. */
  get workAlarmMs(): number | null {
    return this.alarmAtMs === nextForgetMs(this.log) ? null : this.alarmAtMs;
  }

  /** A new instance over the same storage: what was in memory is gone. */
  restart({ parallelConsumers }: { parallelConsumers?: number } = {}): void {
    this.#parallelConsumers = parallelConsumers ?? this.#parallelConsumers;
    this.log = this.#open();
  }

  sql<Row extends Record<string, string | number | null>>(query: string, ...bindings: (string | number)[]): Row[] {
    return this.#database.sql.all<Row>(query, ...bindings);
  }

  event(fields: Partial<NewEvent> = {}): NewEvent {
    return {
      id: `event-${++this.#events}`,
      channel: "orders/created",
      partitionKey: null,
      dataOwnerId: null,
      subscriptionId: null,
      requestId: "request",
      originRequestId: null,
      traceparent: null,
      cloudEvent: null,
      hops: 0,
      contentType: "application/json",
      body: new TextEncoder().encode("{}"),
      idempotency: null,
      ...fields,
    };
  }

  append(fields: Partial<NewEvent> = {}, topic: TopicConfig = OPEN): AppendOutcome {
    const [outcome] = this.appendAll([this.event(fields)], topic);
    if (!outcome) throw new Error("no outcome");
    return outcome;
  }

  /** One event for each key, in order. */
  appendKeys(keys: (string | null)[]): void {
    this.appendAll(keys.map((partitionKey) => this.event({ partitionKey })));
  }

  /** Each event by a call of its own, all in one transaction. */
  appendAll(events: NewEvent[], topic: TopicConfig = OPEN): AppendOutcome[] {
    return appendEvents(
      this.log,
      topic,
      events.map((event) => ({ events: [event], topicVersion: topic.version, isRetry: false, limit: null })),
    ).flat();
  }

  /** All events by one call. */
  appendTogether(events: NewEvent[], limit: PublishLimit | null = null, topic: TopicConfig = OPEN): AppendOutcome[] {
    return appendEvents(this.log, topic, [{ events, topicVersion: topic.version, isRetry: false, limit }]).flat();
  }

  subscribe(
    fields: Partial<LogSubscription> = {},
    start: StartPosition = "earliest",
    topic: TopicConfig = OPEN,
  ): string {
    const id = fields.id ?? "s";
    putSubscription(this.log, topic, subscriptionOf({ id, ...fields }), start);
    return id;
  }

  /** Replays from the first event accepted at or after a time. */
  seek(toMs: number): void {
    const config = this.log.subscriptions.get("s")?.config;
    if (!config) throw new Error("nobody to seek for");
    const seek = { n: (config.seek?.n ?? 0) + 1, toMs, toEventId: null };
    putSubscription(this.log, OPEN, { ...config, version: config.version + 1, seek }, "earliest");
  }

  /** A call of a new consumer, or of the one whose `nonce` is given. */
  call(fields: Partial<LeaseCall> = {}): LeaseAnswer {
    return settleAndLease(this.log, {
      subscription: "s",
      slot: 0,
      token: "",
      nonce: `nonce-${++this.#nonces}`,
      ordinal: 1,
      settles: null,
      wantsMore: true,
      canReturn: true,
      ...fields,
    });
  }

  lease(fields: Partial<LeaseCall> = {}): Lease {
    const answer = this.call(fields);
    if (answer.kind !== "lease") throw new Error(`no lease but ${JSON.stringify(answer)}`);
    return answer.lease;
  }

  /** As a log of a later shard asks it. */
  get asPredecessor(): Predecessor {
    return {
      seal: async (shard) => sealFor(this.log, shard),
      listSubscriptions: async (after) => listSubscriptions(this.log, after),
      listMovedKeys: async (shard, asks) => listMovedKeys(this.log, shard, asks),
      findFirstAnswers: async (keys) => findFirstAnswers(this.log, keys),
    };
  }

  async flush(): Promise<void> {
    await this.log.waker.flush();
  }

  /** Lets time pass up to the alarm, and fires it; somebody is called where there is something to tell. */
  fireAlarm(): void {
    if (this.alarmAtMs === null) throw new Error("no alarm is set");
    this.nowMs = Math.max(this.nowMs, this.alarmAtMs);
    this.alarmAtMs = null;
    runAlarm(this.log);
    if (this.log.notices.takeCall(this.nowMs)) this.noticeCalls++;
  }

  #open(): LogState {
    const { sql, transaction } = this.#database;
    const guard = (query: string): void => {
      if (this.failingStatement?.test(query) && this.successesBefore-- <= 0) throw new Error("the disk failed");
    };
    const platform: LogPlatform = {
      sql: {
        all: (query, ...bindings) => {
          guard(query);
          const rows = sql.all<never>(query, ...bindings);
          this.rowsRead += rows.length;
          return rows;
        },
        run: (query, ...bindings) => {
          guard(query);
          sql.run(query, ...bindings);
        },
      },
      // As in the object: an alarm that a transaction sets is rolled back with it.
      transaction: (work) => {
        const { alarmAtMs } = this;
        try {
          return transaction(work);
        } catch (error) {
          this.alarmAtMs = alarmAtMs;
          throw error;
        }
      },
      storageBytes: () => this.storageBytes,
      clock: { now: () => this.nowMs },
      random: () => 0.5,
      alarmAtMs: this.alarmAtMs,
      setAlarm: (atMs) => {
        this.alarmAtMs = atMs;
      },
      deleteAlarm: () => {
        this.alarmAtMs = null;
      },
      poke: async (hub) => this.poke(hub),
      sendWakes: async (queue, wakes) => {
        if (this.queueFails) throw new Error("the queue did not take them");
        for (const wake of wakes) this.wakes.push({ ...wake, queue });
      },
    };
    return openLog(platform, { logName: logName("topic", this.#shard), parallelConsumers: this.#parallelConsumers });
  }
}

const report = (seq: number, fields: Partial<AttemptReport>): AttemptReport => ({
  seq,
  atMs: 0,
  delivered: true,
  status: 200,
  ms: 1,
  error: null,
  excerpt: "",
  retryAfterSeconds: null,
  gone: false,
  ...fields,
});

/** Settles a lease: all delivered, but for the keys that fail at their first event or are not tried at all. */
export function settlesOf(
  lease: Lease,
  exceptions: { failing?: string[]; untried?: string[]; failure?: Partial<AttemptReport> } = {},
): NonNullable<LeaseCall["settles"]> {
  const { failing = [], untried = [], failure = {} } = exceptions;
  const reports: KeyReport[] = [];
  for (const { key, events } of lease.items) {
    if (untried.includes(key)) continue;
    const failed = { delivered: false, status: 500, error: "status" as const, ...failure };
    const attempts = failing.includes(key)
      ? events.slice(0, 1).map(({ seq }) => report(seq, failed))
      : events.map(({ seq }) => report(seq, {}));
    reports.push({ key, attempts });
  }
  return { leaseId: lease.id, epoch: lease.epoch, reports };
}

/** What a lease holds: its keys, each with its sequence numbers. */
export const seqsOf = (lease: Lease): Record<string, number[]> =>
  Object.fromEntries(lease.items.map(({ key, events }) => [key, events.map(({ seq }) => seq)]));
