import { readLogName } from "../../domain/topic.ts";
import { AttemptStore } from "../store/attempt-store.ts";
import { CaughtUpStore } from "../store/caught-up-store.ts";
import { ClosedStore } from "../store/closed-store.ts";
import { EventStore } from "../store/event-store.ts";
import { HubStore } from "../store/hub-store.ts";
import { IdempotencyStore } from "../store/idempotency-store.ts";
import { LaneStore } from "../store/lane-store.ts";
import { NoticeStore } from "../store/notice-store.ts";
import type { LogPlatform } from "../store/platform.ts";
import { migrateLog } from "../store/schema.ts";
import { SubscriptionStore } from "../store/subscription-store.ts";
import { Succession } from "../store/succession.ts";
import { AlarmClock } from "./alarm-clock.ts";
import { recallCaughtUp } from "./caught-up.ts";
import { Counters } from "./counters.ts";
import { Filters } from "./filters.ts";
import { Gates } from "./gates.ts";
import { Listeners } from "./listeners.ts";
import type { LogState } from "./log-state.ts";
import { PublisherRates } from "./publisher-rates.ts";
import { Waker } from "./waker.ts";

export type LogOptions = {
  /** The log's name, which its wakes carry. */
  logName: string;
  /** How many consumers may work on fresh events of one subscription at the same time. */
  parallelConsumers: number;
};

/** Opens a topic's log: brings its tables to this version and reads what is held in memory. */
export function openLog(platform: LogPlatform, { logName, parallelConsumers }: LogOptions): LogState {
  const { sql } = platform;
  platform.transaction(() => migrateLog(sql));
  const alarm = new AlarmClock(platform);
  const counters = new Counters(platform.clock.now());
  const { shard } = readLogName(logName);
  const caughtUp = new CaughtUpStore(sql);
  const hubs = new HubStore(sql);
  const log: LogState = {
    platform,
    events: new EventStore(sql),
    subscriptions: new SubscriptionStore(sql, { slots: parallelConsumers + 1, isSuccessor: shard > 0, caughtUp }),
    caughtUp,
    filters: new Filters(),
    lanes: new LaneStore(sql),
    attempts: new AttemptStore(sql),
    closed: new ClosedStore(sql),
    idempotency: new IdempotencyStore(sql),
    publishers: new PublisherRates(),
    notices: new NoticeStore(sql),
    succession: new Succession(sql, shard),
    gates: new Gates(platform.clock),
    hubs,
    listeners: new Listeners(platform, alarm, counters, hubs),
    waker: new Waker(platform, alarm, counters, logName),
    alarm,
    counters,
  };
  load(log);
  return log;
}

function load(log: LogState): void {
  const { events, subscriptions, caughtUp, lanes, idempotency, attempts, notices, succession, hubs } = log;
  events.load();
  subscriptions.load(events.lastSeq);
  lanes.load();
  idempotency.load();
  attempts.load();
  notices.load();
  succession.load();
  hubs.load();
  caughtUp.load();
  recallCaughtUp(log);
}

/** Runs `work` as one transaction. When it throws, nothing is stored, no wake is sent, and memory is read again from the tables. */
export function transact<T>(log: LogState, work: () => T): T {
  log.waker.begin();
  log.alarm.begin();
  log.publishers.begin();
  log.counters.begin();
  try {
    return log.platform.transaction(() => {
      const result = work();
      const now = log.platform.clock.now();
      if (log.notices.write(now)) log.alarm.by(log.notices.nextCallMs(now));
      return result;
    });
  } catch (error) {
    log.waker.rollBack();
    log.alarm.rollBack();
    log.publishers.rollBack();
    log.counters.rollBack();
    log.gates.rollBack();
    load(log);
    throw error;
  }
}
