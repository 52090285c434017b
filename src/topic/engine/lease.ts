import type { Lease, LeaseAnswer, LeaseCall } from "../../domain/delivery.ts";
import { SHORT_WAIT_MS, SLEEPER_GRACE_MS, WAKE_COVER_MS } from "../../kernel/limits.ts";
import { type LogState, newSearchBudget } from "../state/log-state.ts";
import { transact } from "../state/open-log.ts";
import { isDeliverable, type Slot, type SlotLease, type Subscription } from "../store/subscription.ts";
import { arm, armFresh, hasFreshWork, heldUntilMs, isHeld, nextAlarmMs, nextRetryMs } from "./arm.ts";
import { sampleBacklog } from "./backlog-samples.ts";
import { reclaimExpired, settleLease } from "./settle.ts";
import { keepCandidate, leaseLengthMs, takeLease } from "./take.ts";

/** Ends a consumer's lease and gives it the next one. Repeating a call whose answer was lost gives the same lease again. */
export function settleAndLease(log: LogState, call: LeaseCall): LeaseAnswer {
  return transact(log, () => {
    const s = log.subscriptions.get(call.subscription);
    const slot = s?.slots.find(({ n, role }) => n === call.slot && role !== "pull");
    if (!s || !slot) return { kind: "done" };
    if (s.removed) {
      endLease(log, s, slot, call.settles);
      return { kind: "done" };
    }
    const answer = answerCall(log, s, slot, call);
    if (call.settles?.reports.some(({ attempts }) => attempts.length > 0)) sampleBacklog(log, s);
    return answer;
  });
}

/** What a removed subscription had under way has ended: a withdrawal need not wait until the lease would have. */
function endLease(log: LogState, s: Subscription, slot: Slot, settles: LeaseCall["settles"]): void {
  if (slot.lease === null || slot.lease.id !== settles?.leaseId) return;
  slot.lease = null;
  log.subscriptions.saveSlot(s, slot);
}

function answerCall(log: LogState, s: Subscription, slot: Slot, call: LeaseCall): LeaseAnswer {
  const { settles } = call;
  log.waker.arrived(call.subscription, call.slot, call.token);
  const budget = newSearchBudget();
  reclaimExpired(log, s, settles && { slot, leaseId: settles.leaseId }, budget);
  const before = slotState(slot);
  const candidates = settles ? settleLease(log, s, slot, settles, budget) : [];
  if (slot.lease) {
    // Somebody is served here already: the same caller gets its lease again, a doubled wake is used up.
    const isSameCall = slot.lease.nonce === call.nonce && slot.lease.ordinal === call.ordinal;
    return isSameCall ? showLease(log, s, slot, slot.lease) : { kind: "done" };
  }
  const lease = call.wantsMore ? takeLease(log, s, slot, call, candidates, budget) : null;
  if (!call.wantsMore) for (const candidate of candidates) keepCandidate(log, s, candidate);
  if (slotState(slot) !== before) log.subscriptions.saveSlot(s, slot);
  if (!lease) return answerWithoutLease(log, s, slot, call);
  log.alarm.by(log.platform.clock.now() + WAKE_COVER_MS);
  arm(log, s);
  return showLease(log, s, slot, lease);
}

/** Nothing to lease now. A consumer that can bring its wake back does so where there is work; else the log sends one. */
function answerWithoutLease(log: LogState, s: Subscription, slot: Slot, call: LeaseCall): LeaseAnswer {
  if (!isDeliverable(s)) return { kind: "done" };
  log.alarm.by(nextAlarmMs(log, s));
  const waitMs = shortWaitMs(log, s, slot, call);
  if (waitMs !== null) {
    log.waker.expect(s, slot, call.token);
    return { kind: "wait", waitMs };
  }
  if (!call.canReturn) {
    arm(log, s);
    return { kind: "done" };
  }
  return slot.role === "retry" ? sendBackToSleep(log, s, call) : sendBackAtOnce(log, s, slot, call);
}

/** A rate of some attempts a second: the consumer of fresh events waits for the next one, as no queue's delay is that short. */
function shortWaitMs(log: LogState, s: Subscription, slot: Slot, call: LeaseCall): number | null {
  if (!call.wantsMore || slot.role === "retry") return null;
  const waitMs = heldUntilMs(log, s) - log.platform.clock.now();
  return waitMs > 0 && waitMs <= SHORT_WAIT_MS && hasFreshWork(log, s) ? waitMs : null;
}

function sendBackAtOnce(log: LogState, s: Subscription, slot: Slot, call: LeaseCall): LeaseAnswer {
  const goesOn = !isHeld(log, s) && hasFreshWork(log, s);
  if (goesOn) log.waker.expect(s, slot, call.token);
  arm(log, s);
  return goesOn ? { kind: "return", delaySeconds: 0 } : { kind: "done" };
}

function sendBackToSleep(log: LogState, s: Subscription, call: LeaseCall): LeaseAnswer {
  armFresh(log, s);
  const dueMs = nextRetryMs(log, s);
  if (dueMs === Number.POSITIVE_INFINITY || log.waker.hasSleeper(s, dueMs)) return { kind: "done" };
  log.alarm.by(Math.max(log.platform.clock.now() + WAKE_COVER_MS, dueMs + SLEEPER_GRACE_MS));
  return { kind: "return", delaySeconds: log.waker.expectSleeper(s, dueMs, call.token) };
}

/** A lease as its consumer gets it: with the events, and with a duration instead of a time. */
function showLease(log: LogState, s: Subscription, slot: Slot, held: SlotLease): LeaseAnswer {
  const { events, subscriptions, platform } = log;
  const { target } = s.config;
  if (!target) return { kind: "done" };
  const lease: Lease = {
    id: held.id,
    epoch: slot.epoch,
    remainingMs: Math.min(leaseLengthMs(s), held.expiresMs - platform.clock.now()),
    target,
    sourceOrganizationId: subscriptions.topic?.organizationId ?? "",
    items: held.items.map(({ key, seqs }) => ({ key, events: seqs.flatMap((seq) => events.read(seq) ?? []) })),
  };
  return { kind: "lease", lease };
}

/** What of a slot is stored, to tell whether its row has to be written. */
export const slotState = (slot: Slot): string =>
  `${slot.epoch}/${slot.highSeq}/${slot.window}/${slot.leaseId}/${slot.lease?.id ?? ""}`;
