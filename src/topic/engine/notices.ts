import type { AttemptReport } from "../../domain/delivery.ts";
import type { LogNews } from "../../domain/notice.ts";
import {
  BACKLOG_LOOK_MS,
  BACKLOG_NOTICE_MS,
  FAILING_NOTICE_MS,
  STORAGE_BYTES_MAX,
  STORAGE_NEARLY_FULL_BYTES,
} from "../../kernel/limits.ts";
import { firstOwedTo } from "../queries/owed.ts";
import { measureStatus } from "../queries/status.ts";
import { type LogState, laneOwner } from "../state/log-state.ts";
import { healthy } from "../store/health.ts";
import { isConsumed, type Subscription } from "../store/subscription.ts";
import { noteAttempts } from "./circuit.ts";

/** Where the log tells of itself: the transaction under way. The notices' own log never does, or each would be about the one before. */
function note(log: LogState, news: LogNews): void {
  if (!log.subscriptions.topic?.isAddressed) log.notices.add(news);
}

/** Gives an event up: it is dead, no longer in the way, and its subscriber hears of it. */
export function closeDead(log: LogState, s: Subscription, seq: number): void {
  log.closed.add(laneOwner(s), seq, "dead", log.platform.clock.now());
  log.counters.add("dead");
  s.hasClosed = true;
  const eventId = log.events.describe(seq)?.id;
  if (eventId === undefined) return;
  note(log, {
    type: "delivery.dead",
    subscriptionId: s.config.id,
    count: 1,
    firstEventId: eventId,
    lastEventId: eventId,
  });
}

/** Takes in the attempts of a settled lease: what they say of the endpoint's health, and whether that is to be told. */
export function judgeAttempts(log: LogState, s: Subscription, attempts: (AttemptReport & { key: string })[]): void {
  const before = s.health.failingSinceMs;
  if (noteAttempts(s, attempts, log.platform)) log.subscriptions.save(s);
  const last = attempts.at(-1);
  if (!last) return;
  if (s.health.failingSinceMs !== null) tellFailing(log, s, s.health.failingSinceMs, last);
  else if (before !== null && log.notices.end(s.config.id, "failing")) {
    note(log, { type: "subscription.recovered", subscriptionId: s.config.id, failingSinceMs: before });
  }
}

/** At the same times after the first failure each time, whenever attempts are made: whoever counts days misses none. */
function tellFailing(log: LogState, s: Subscription, failingSinceMs: number, last: AttemptReport): void {
  const now = log.platform.clock.now();
  const spans = (atMs: number): number => Math.floor((atMs - failingSinceMs) / FAILING_NOTICE_MS);
  if (spans(now) <= spans(log.notices.toldMs(s.config.id, "failing") ?? failingSinceMs)) return;
  log.notices.tell(s.config.id, "failing", now);
  note(log, {
    type: "subscription.failing",
    subscriptionId: s.config.id,
    failingSinceMs,
    error: last.error ?? "status",
    status: last.status,
  });
}

/** A subscription begins, or goes back to older events: what it has to catch up with has not waited for it so far. */
export function beginBacklog(log: LogState, s: Subscription): void {
  log.notices.tell(s.config.id, "begun", log.platform.clock.now());
}

/** Whoever resumes a subscription says that its endpoint works again: what it did before counts no more. */
export function startAfresh(log: LogState, s: Subscription): void {
  s.health = healthy();
  log.notices.end(s.config.id, "failing");
  beginBacklog(log, s);
}

/**
 * Tells where the oldest event that a subscription is owed has waited for long. Answers when to look again; Infinity: nothing
 * waits, or it is told. The first event that is owed never becomes an older one, but for those that a subscriber asks for again:
 * it is not looked for, among all lanes, before it can be late. `hasWork`: whether there is anything to do for it.
 */
export function watchBacklog(log: LogState, s: Subscription, hasWork: boolean): number {
  if (!isConsumed(s)) return Number.POSITIVE_INFINITY;
  const { notices } = log;
  const { id } = s.config;
  const now = log.platform.clock.now();
  if (!hasWork || (notices.lookMs(id) ?? now) <= now) {
    const lateMs = hasWork ? backlogLateMs(log, s) : Number.POSITIVE_INFINITY;
    if (lateMs > now) notices.end(id, "backlog");
    else if (notices.toldMs(id, "backlog") === null) tellBacklog(log, s, now);
    notices.lookAt(id, lateMs > now ? lateMs : now + BACKLOG_LOOK_MS);
  }
  if (notices.toldMs(id, "backlog") !== null) return Number.POSITIVE_INFINITY;
  return notices.lookMs(id) ?? Number.POSITIVE_INFINITY;
}

/** When the oldest event that may be owed is late; Infinity: nothing is owed. */
function backlogLateMs(log: LogState, s: Subscription): number {
  const seq = firstOwedTo(log, s);
  return lateMsOf(log, s, Number.isFinite(seq) ? log.events.acceptedMs(seq) : null);
}

function lateMsOf({ notices }: LogState, s: Subscription, acceptedMs: number | null): number {
  if (acceptedMs === null) return Number.POSITIVE_INFINITY;
  return Math.max(acceptedMs, notices.toldMs(s.config.id, "begun") ?? 0) + BACKLOG_NOTICE_MS;
}

/** The look before this one may take an event for owed that a filter passes over. */
function tellBacklog(log: LogState, s: Subscription, now: number): void {
  const status = measureStatus(log, s.config.id);
  if (!status || status.oldestUndeliveredMs === null || lateMsOf(log, s, status.oldestUndeliveredMs) > now) return;
  log.notices.tell(s.config.id, "backlog", now);
  const { backlog, backlogIsExact, oldestUndeliveredMs } = status;
  note(log, { type: "backlog.growing", subscriptionId: s.config.id, backlog, backlogIsExact, oldestUndeliveredMs });
}

/** Tells the publisher, once each, that the log is nearly full, and that it takes no more. */
export function watchStorage(log: LogState): void {
  const storedBytes = log.platform.storageBytes();
  tellStorage(log, "storage.nearly_full", storedBytes, STORAGE_NEARLY_FULL_BYTES);
  tellStorage(log, "storage.full", storedBytes, STORAGE_BYTES_MAX);
}

function tellStorage(
  log: LogState,
  type: "storage.nearly_full" | "storage.full",
  storedBytes: number,
  boundBytes: number,
): void {
  const isTold = log.notices.toldMs("", type) !== null;
  if (storedBytes <= boundBytes) {
    if (isTold) log.notices.end("", type);
    return;
  }
  if (isTold) return;
  log.notices.tell("", type, log.platform.clock.now());
  note(log, { type, storedBytes });
}
