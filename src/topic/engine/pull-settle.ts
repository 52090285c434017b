import type { AttemptReport } from "../../domain/delivery.ts";
import type { PullLeaseRef, PullOutcome, PullSettle, PullSettled } from "../../domain/pull.ts";
import { readEventId } from "../../kernel/ids.ts";
import { PULL_SEARCH_ROWS_MAX, PULL_SETTLED_MAX } from "../../kernel/limits.ts";
import { standings } from "../queries/standing.ts";
import { type LogState, newSearchBudget, type SearchBudget } from "../state/log-state.ts";
import { transact } from "../state/open-log.ts";
import { addAttempts, countAttempts, type Slot, type SlotItem, type Subscription } from "../store/subscription.ts";
import { sampleBacklog } from "./backlog-samples.ts";
import { lookAfter } from "./controls.ts";
import { dropLane, isClosed, reclaimExpired, releaseOldKey, settleKey } from "./settle.ts";
import { keepCandidate } from "./take.ts";

/** Ends events of leases by what their consumers say became of them, in whatever order that is told. */
export function pullSettle(log: LogState, { subscription, outcomes, leases }: PullSettle): PullSettled {
  return transact(log, () => {
    const told = new Map(outcomes.slice(0, PULL_SETTLED_MAX).map(({ eventId, outcome }) => [eventId, outcome]));
    const s = log.subscriptions.get(subscription);
    if (!s || s.removed) return { settled: [], unknown: outcomes.map(({ eventId }) => eventId) };
    const budget = newSearchBudget();
    const held = findLeased(log, s, told, leases);
    const known = new Set(held.map(({ eventId }) => eventId));
    for (const [id, outcome] of told) if (!known.has(id) && stoodBefore(log, s, id, outcome, budget)) known.add(id);
    for (const { seq, item, outcome } of held) note(item, seq, outcome);
    const hasAttempts = settleSlots(log, s, new Set(held.map(({ slot }) => slot)), budget);
    // What a consumer says of a lease that has run out, and that nobody has taken back yet, counts: so it was heard first.
    reclaimExpired(log, s, null, budget);
    if (hasAttempts) sampleBacklog(log, s);
    lookAfter(log, s);
    const ids = outcomes.map(({ eventId }) => eventId);
    return { settled: ids.filter((id) => known.has(id)), unknown: ids.filter((id) => !known.has(id)) };
  });
}

type Leased = { eventId: string; outcome: PullOutcome; seq: number; slot: Slot; item: SlotItem };

/** Which of these events are leased to consumers that came by themselves, and where. */
function findLeased(
  log: LogState,
  s: Subscription,
  told: ReadonlyMap<string, PullOutcome>,
  leases: PullLeaseRef[] | undefined,
): Leased[] {
  const found: Leased[] = [];
  for (const slot of s.slots) {
    if (slot.role !== "pull" || !isMeant(slot, leases) || found.length === told.size) continue;
    for (const item of slot.lease?.items ?? []) {
      for (const seq of item.seqs) {
        const eventId = log.events.describe(seq)?.id ?? "";
        const outcome = told.get(eventId);
        if (outcome !== undefined) found.push({ eventId, outcome, seq, slot, item });
      }
    }
  }
  return found;
}

const isMeant = ({ n, lease }: Slot, leases: PullLeaseRef[] | undefined): boolean =>
  leases?.some(({ slot, leaseId }) => slot === n && leaseId === lease?.id) ?? true;

/** The last word on an event counts, as long as none has had an effect. */
function note(item: SlotItem, seq: number, outcome: PullOutcome): void {
  item.told = [...(item.told ?? []).filter(([other]) => other !== seq), [seq, outcome]];
}

/** Whether an event that nobody holds stands already as it is told: the answer to the first time was lost. */
function stoodBefore(
  log: LogState,
  s: Subscription,
  eventId: string,
  outcome: PullOutcome,
  budget: SearchBudget,
): boolean {
  const seq = log.events.findId(eventId, readEventId(eventId).mintedMs, PULL_SEARCH_ROWS_MAX);
  const row = seq === null ? null : log.events.row(seq);
  if (!row || !log.subscriptions.matches(s, row, log.platform.clock.now())) return false;
  const { status, isLeased } = standings(log, s)(row, budget);
  if (isLeased) return false;
  switch (outcome) {
    case "delivered":
      return status === "done" || status === "skipped";
    case "failed":
      return status === "failing" || status === "dead";
    case "released":
      return status === "waiting" || status === "failing" || status === "blocked";
  }
}

/** Whether anything has come of it that the delivery log tells of. */
function settleSlots(log: LogState, s: Subscription, slots: Set<Slot>, budget: SearchBudget): boolean {
  const attempts: (AttemptReport & { key: string })[] = [];
  for (const slot of slots) {
    const { lease } = slot;
    if (!lease) continue;
    lease.items = lease.items.filter((item) => {
      const ended = settleItem(log, s, slot, item, budget);
      attempts.push(...ended.attempts.map((attempt) => ({ ...attempt, key: item.key })));
      return ended.isLeft;
    });
    if (lease.items.length === 0) slot.lease = null;
  }
  addAttempts(s, attempts);
  for (const slot of slots) log.subscriptions.saveSlot(s, slot);
  if (attempts.length === 0) return false;
  // Of the health of an endpoint they say nothing: whoever comes and says that it has failed is there.
  log.attempts.add(s.id, [{ key: "", attempts }], s.made, log.platform.clock.now());
  log.counters.add("settles");
  log.counters.addAttempts(attempts);
  return true;
}

/** Ends what was told of one key, from its first event on, up to where nothing was told. `isLeft`: the rest stays leased. */
function settleItem(
  log: LogState,
  s: Subscription,
  slot: Slot,
  item: SlotItem,
  budget: SearchBudget,
): { isLeft: boolean; attempts: AttemptReport[] } {
  const told = new Map(item.told);
  const front = item.seqs.findIndex((seq) => told.get(seq) !== "delivered" && !isClosed(log, s, seq));
  const done = front < 0 ? item.seqs : item.seqs.slice(0, front);
  const next = item.seqs[done.length];
  const outcome = next === undefined ? undefined : told.get(next);
  const now = log.platform.clock.now();
  const attempts = done.filter((seq) => told.has(seq)).map((seq) => reportOf(seq, now, true));
  if (next !== undefined && outcome === undefined) {
    if (done.length > 0) goOn(log, s, slot, item, done.length);
    return { isLeft: true, attempts };
  }
  if (next !== undefined && outcome === "failed") attempts.push(reportOf(next, now, false));
  countAttempts(s, attempts.length - item.seqs.length, now);
  if (slot.epoch !== s.epoch) releaseOldKey(log, s, item.key, budget);
  else for (const candidate of settleKey(log, s, item, attempts, budget)) keepCandidate(log, s, candidate);
  return { isLeft: false, attempts };
}

/** The lease has the key's later events still: the head that may have failed before is done with. */
function goOn(log: LogState, s: Subscription, slot: Slot, item: SlotItem, done: number): void {
  item.seqs = item.seqs.slice(done);
  item.told = (item.told ?? []).filter(([seq]) => item.seqs.includes(seq));
  if (slot.epoch === s.epoch) dropLane(log, s, item.key);
}

/** What the delivery log tells of it: there was no request, and so no status. */
const reportOf = (seq: number, atMs: number, delivered: boolean): AttemptReport => ({
  ...{ seq, atMs, delivered, status: 0, ms: 0, error: delivered ? null : "rejected" },
  ...{ excerpt: "", retryAfterSeconds: null, gone: false },
});
