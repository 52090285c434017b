import type { PullAnswer, PullCall, PulledItem, PullLease, PullRenew, PullRenewed } from "../../domain/pull.ts";
import {
  PULL_EVENTS_MAX,
  PULL_LEASE_SECONDS_MAX,
  PULL_LEASE_SECONDS_MIN,
  PULL_RENEWED_MAX,
  PULL_SLOTS,
} from "../../kernel/limits.ts";
import { earliestDueMs, hasFresh, type LogState, newSearchBudget, waitsForPredecessor } from "../state/log-state.ts";
import { transact } from "../state/open-log.ts";
import { isPullable, nextAttemptMs, type Slot, type SlotLease, type Subscription } from "../store/subscription.ts";
import { nextAlarmMs } from "./arm.ts";
import { slotState } from "./lease.ts";
import { attemptOf, reclaimExpired } from "./settle.ts";
import { takePulled } from "./take.ts";

/**
 * Leases events to a consumer that comes by itself. Any number of them may, each for a slot of its own: what one has of a key, the
 * others have nothing of. From the first call on the subscription is owed its events, whether or not there were any.
 */
export function pullLease(log: LogState, asked: PullCall): PullAnswer {
  return transact(log, () => {
    const s = log.subscriptions.get(asked.subscription);
    if (!s || !isPullable(s)) return { kind: "not_found" };
    const call = {
      ...asked,
      max: clamp(asked.max, 1, PULL_EVENTS_MAX),
      leaseSeconds: clampLease(asked.leaseSeconds),
    };
    const budget = newSearchBudget();
    reclaimExpired(log, s, null, budget);
    const known = seatsOf(s).find(({ lease }) => lease?.nonce === call.nonce);
    if (known?.lease) return { kind: "lease", lease: showLease(log, s, known, known.lease) };
    const slot = freeSeat(log, s);
    const before = slot && slotState(slot);
    const lease = slot && takePulled(log, s, slot, call, budget);
    if (slot && slotState(slot) !== before) log.subscriptions.saveSlot(s, slot);
    log.alarm.by(nextAlarmMs(log, s));
    if (slot && lease) return { kind: "lease", lease: showLease(log, s, slot, lease) };
    const atMs = nextPullMs(log, s, slot);
    return { kind: "nothing", retryMs: Number.isFinite(atMs) ? Math.max(0, atMs - log.platform.clock.now()) : null };
  });
}

/** Prolongs leases whose holder still works on them. One that has run out and was not taken back yet is its holder's still. */
export function pullRenew(log: LogState, { subscription, leases, leaseSeconds }: PullRenew): PullRenewed {
  return transact(log, () => {
    const s = log.subscriptions.get(subscription);
    if (!s || s.removed) return { leases: [] };
    const leaseMs = clampLease(leaseSeconds) * 1000;
    const seats = new Map(seatsOf(s).map((seat) => [seat.n, seat]));
    const renewed = leases.slice(0, PULL_RENEWED_MAX).filter(({ slot, leaseId }) => {
      const seat = seats.get(slot);
      if (seat?.lease?.id !== leaseId) return false;
      seat.lease.expiresMs = log.platform.clock.now() + leaseMs;
      log.subscriptions.saveSlot(s, seat);
      return true;
    });
    log.alarm.by(nextAlarmMs(log, s));
    return { leases: renewed.map(({ slot, leaseId }) => ({ slot, leaseId, remainingMs: leaseMs })) };
  });
}

const clamp = (value: number, min: number, max: number): number => Math.min(max, Math.max(min, Math.floor(value)));

const clampLease = (seconds: number): number => clamp(seconds, PULL_LEASE_SECONDS_MIN, PULL_LEASE_SECONDS_MAX);

const seatsOf = (s: Subscription): Slot[] => s.slots.filter(({ role }) => role === "pull");

/** null: as many lease as may at once. */
function freeSeat(log: LogState, s: Subscription): Slot | null {
  const seats = seatsOf(s);
  const free = seats.find(({ lease }) => lease === null);
  if (free) return free;
  return seats.length < PULL_SLOTS ? log.subscriptions.addPullSlot(s) : null;
}

/** When a consumer that got nothing may get something, whatever others do; Infinity: not before another event comes. */
function nextPullMs(log: LogState, s: Subscription, slot: Slot | null): number {
  const now = log.platform.clock.now();
  if (s.gated) return log.gates.nextAskMs();
  const dueMs = hasFresh(s) ? now : Math.min(earliestDueMs(log, s, true), earliestDueMs(log, s, false));
  const heldMs = waitsForPredecessor(log, s) ? log.gates.nextAskMs() : Number.POSITIVE_INFINITY;
  const expiriesMs = s.slots.flatMap(({ lease }) => lease?.expiresMs ?? []);
  return Math.max(nextAttemptMs(s, now), Math.min(slot ? dueMs : Number.POSITIVE_INFINITY, heldMs, ...expiriesMs));
}

/**
 * A lease as its consumer gets it. Where it is given again, what has lost its consent meanwhile is not, and waits in the lease until
 * that has run out.
 */
function showLease(log: LogState, s: Subscription, slot: Slot, held: SlotLease): PullLease {
  const items = held.items.flatMap(({ key, seqs }) => showItem(log, s, key, seqs));
  return { slot: slot.n, leaseId: held.id, remainingMs: held.expiresMs - log.platform.clock.now(), items };
}

function showItem(log: LogState, s: Subscription, key: string, seqs: number[]): PulledItem[] {
  const { events, subscriptions, platform } = log;
  const now = platform.clock.now();
  const readable = seqs.flatMap((seq) => {
    const row = events.row(seq);
    return row && subscriptions.matches(s, row, now) ? (events.read(seq) ?? []) : [];
  });
  const [first] = readable;
  return first ? [{ key, attempt: attemptOf(log, s, key, first.seq) + 1, events: readable }] : [];
}
