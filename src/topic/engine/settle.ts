import type { AttemptReport, KeyReport, LeaseCall } from "../../domain/delivery.ts";
import { retryDelaySeconds } from "../../domain/retry-schedule.ts";
import { LEASE_EVENTS_MAX } from "../../kernel/limits.ts";
import { headOf, type LogState, laneOwner, lockedKeys, nextOpen, type SearchBudget } from "../state/log-state.ts";
import type { KeySearch } from "../store/event-store.ts";
import { readLaneKey } from "../store/lane-store.ts";
import { addAttempts, countAttempts, type Slot, type SlotLease, type Subscription } from "../store/subscription.ts";
import { closeDead, judgeAttempts } from "./notices.ts";

/** A key that a settled lease leaves with something to do at once: it may go straight into the next lease, without a row. */
export type Candidate = { key: string; headSeq: number; attempt: number };

type Settles = NonNullable<LeaseCall["settles"]>;

/** Takes back every expired lease of a subscription, but for the one that its consumer settles just now. */
export function reclaimExpired(
  log: LogState,
  s: Subscription,
  settling: { slot: Slot; leaseId: number } | null,
  budget: SearchBudget,
): void {
  const now = log.platform.clock.now();
  for (const slot of s.slots) {
    const { lease } = slot;
    if (!lease || lease.expiresMs > now) continue;
    if (settling?.slot === slot && settling.leaseId === lease.id) continue;
    reclaimLease(log, s, slot, lease, budget);
    log.subscriptions.saveSlot(s, slot);
  }
}

/** Takes a lease back whose consumer did not settle it in time: each of its keys begins again at its first event. */
function reclaimLease(log: LogState, s: Subscription, slot: Slot, lease: SlotLease, budget: SearchBudget): void {
  slot.lease = null;
  slot.window = 1;
  log.counters.add("expiredLeases");
  if (s.removed) return;
  const now = log.platform.clock.now();
  for (const item of lease.items) {
    const headSeq = item.seqs[0];
    if (headSeq === undefined) continue;
    if (slot.epoch !== s.epoch) releaseOldKey(log, s, item.key, budget);
    else
      log.lanes.set(laneOwner(s), {
        key: item.key,
        headSeq,
        attempt: attemptOf(log, s, item.key, headSeq),
        dueMs: now,
      });
  }
}

/**
 * Ends a lease by what its consumer reports. Answers the keys that have more to do.
 * A lease that was reclaimed meanwhile is settled late: delivered is a fact, failed is not.
 */
export function settleLease(
  log: LogState,
  s: Subscription,
  slot: Slot,
  settles: Settles,
  budget: SearchBudget,
): Candidate[] {
  const { lease } = slot;
  const isLate = lease?.id !== settles.leaseId;
  if (slot.settledId !== settles.leaseId) {
    // What happened has happened, late or not; only a repeated call says nothing new.
    slot.settledId = settles.leaseId;
    const attempts = settles.reports.flatMap(({ key, attempts: made }) => made.map((one) => ({ ...one, key })));
    addAttempts(s, attempts);
    log.attempts.add(s.id, settles.reports, s.made, log.platform.clock.now());
    holdAsAsked(log, s, settles.reports);
    judgeAttempts(log, s, attempts);
    log.counters.add(isLate ? "lateSettles" : "settles");
    log.counters.addAttempts(attempts);
    // Nothing else of the slot has changed, and what was made has to be counted after a restart too.
    if (isLate) log.subscriptions.saveSlot(s, slot);
  }
  if (!lease || isLate) {
    settleLate(log, s, settles, budget);
    return [];
  }
  slot.lease = null;
  giveBackUntried(log, s, lease, settles.reports);
  if (slot.epoch !== s.epoch) {
    for (const item of lease.items) releaseOldKey(log, s, item.key, budget);
    return [];
  }
  const reports = new Map(settles.reports.map((report) => [report.key, report.attempts]));
  slot.window = nextWindow(slot, lease, reports);
  return lease.items.flatMap((item) => settleKey(log, s, item, reports.get(item.key) ?? [], budget));
}

const countEvents = ({ items }: SlotLease): number => items.reduce((sum, { seqs }) => sum + seqs.length, 0);

/** What a rate limit counted when it was leased, and nobody has sent, may be sent later. */
function giveBackUntried(log: LogState, s: Subscription, lease: SlotLease, reports: KeyReport[]): void {
  const leased = countEvents(lease);
  const attempts = reports.reduce((sum, report) => sum + report.attempts.length, 0);
  if (attempts < leased) countAttempts(s, attempts - leased, log.platform.clock.now());
}

/**
 * The next window: doubles when all was delivered; after a failure what could be delivered, so that a dead endpoint costs
 * one probe; else, where time or connections ran out, it stays.
 */
function nextWindow(slot: Slot, lease: SlotLease, reports: Map<string, AttemptReport[]>): number {
  const leased = countEvents(lease);
  const attempts = [...reports.values()].flat();
  const delivered = attempts.filter((attempt) => attempt.delivered).length;
  if (delivered >= leased) return Math.min(LEASE_EVENTS_MAX, slot.window * 2);
  return delivered === attempts.length ? slot.window : Math.max(1, delivered);
}

/** Ends one key's events by what was reported of them, from the first on. Answers what of the key is to be done at once. */
export function settleKey(
  log: LogState,
  s: Subscription,
  item: { key: string; seqs: number[] },
  attempts: AttemptReport[],
  budget: SearchBudget,
): Candidate[] {
  const { key } = item;
  const bySeq = new Map(attempts.map((attempt) => [attempt.seq, attempt]));
  const first = item.seqs.find((seq) => !bySeq.get(seq)?.delivered && !isClosed(log, s, seq));
  if (first === undefined) return passOn(log, s, key, nextOpen(log, s, key, item.seqs.at(-1) ?? 0, budget));
  const failure = bySeq.get(first);
  const attempt = attemptOf(log, s, key, first);
  if (!failure) return [{ key, headSeq: first, attempt }];
  return settleFailure(log, s, { key, headSeq: first, attempt: attempt + 1 }, failure, budget);
}

/** A failed head waits for its next try, or is dead when its attempts have run out. */
function settleFailure(
  log: LogState,
  s: Subscription,
  head: Candidate,
  failure: AttemptReport,
  budget: SearchBudget,
): Candidate[] {
  const now = log.platform.clock.now();
  const { maxAttempts } = s.config.retry;
  if (maxAttempts !== null && head.attempt >= maxAttempts) {
    closeDead(log, s, head.headSeq);
    return passOn(log, s, head.key, nextOpen(log, s, head.key, head.headSeq, budget));
  }
  const delaySeconds =
    failure.retryAfterSeconds ?? retryDelaySeconds(s.config.retry, head.attempt, log.platform.random);
  log.lanes.set(laneOwner(s), { ...head, dueMs: now + delaySeconds * 1000 });
  return [];
}

/** The key's next event is a candidate; a key with nothing left needs no lane. */
function passOn(log: LogState, s: Subscription, key: string, next: KeySearch): Candidate[] {
  if (next.kind === "none") {
    dropLane(log, s, key);
    return [];
  }
  return [{ key, headSeq: headOf(next), attempt: 0 }];
}

function settleLate(log: LogState, s: Subscription, settles: Settles, budget: SearchBudget): void {
  if (settles.epoch !== s.epoch) return;
  const locked = lockedKeys(s, null);
  for (const report of settles.reports) {
    const lane = log.lanes.get(laneOwner(s), report.key);
    if (lane && !locked.has(report.key)) advanceHead(log, s, lane.headSeq, report, budget);
  }
}

function advanceHead(log: LogState, s: Subscription, headSeq: number, report: KeyReport, budget: SearchBudget): void {
  let head: KeySearch | null = null;
  let seq = headSeq;
  for (const attempt of report.attempts) {
    if (!attempt.delivered || attempt.seq !== seq) continue;
    head = nextOpen(log, s, report.key, seq, budget);
    if (head.kind !== "found") break;
    seq = head.row.seq;
  }
  if (!head) return;
  for (const candidate of passOn(log, s, report.key, head)) {
    log.lanes.set(laneOwner(s), { ...candidate, dueMs: log.platform.clock.now() });
  }
}

/** The lock of an older epoch goes: everything of its key that was passed over since the seek is outstanding. */
export function releaseOldKey(log: LogState, s: Subscription, key: string, budget: SearchBudget): void {
  if (log.lanes.get(laneOwner(s), key) || isReplay(log, key)) return;
  const next = nextOpen(log, s, key, s.fromSeq, budget);
  if (next.kind === "none") return;
  log.lanes.set(laneOwner(s), { key, headSeq: headOf(next), attempt: 0, dueMs: log.platform.clock.now() });
}

/** What has a key, and went by itself, was no lock of its key: nothing was passed over for it. */
function isReplay(log: LogState, laneKey: string): boolean {
  const lane = readLaneKey(laneKey);
  return "seq" in lane && log.events.row(lane.seq)?.key !== null;
}

/** Retry-After: the whole subscription is silent for that long. */
function holdAsAsked(log: LogState, s: Subscription, reports: KeyReport[]): void {
  let seconds = 0;
  for (const report of reports)
    for (const attempt of report.attempts) seconds = Math.max(seconds, attempt.retryAfterSeconds ?? 0);
  const untilMs = log.platform.clock.now() + seconds * 1000;
  if (seconds === 0 || untilMs <= s.holdUntilMs) return;
  s.holdUntilMs = untilMs;
  log.subscriptions.save(s);
}

/** A row is deleted only where there is one: most keys never have a lane. */
export function dropLane(log: LogState, s: Subscription, key: string): void {
  if (log.lanes.get(laneOwner(s), key)) log.lanes.delete(laneOwner(s), key);
}

/** How often the head of a key has failed. */
export function attemptOf(log: LogState, s: Subscription, key: string, headSeq: number): number {
  const lane = log.lanes.get(laneOwner(s), key);
  return lane?.headSeq === headSeq ? lane.attempt : 0;
}

export const isClosed = (log: LogState, s: Subscription, seq: number): boolean =>
  s.hasClosed && log.closed.kindOf(laneOwner(s), seq) !== null;
