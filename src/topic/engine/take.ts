import type { LeaseCall } from "../../domain/delivery.ts";
import type { PullCall } from "../../domain/pull.ts";
import { DRAIN_MS, LEASE_BYTES_MAX, LEASE_EVENTS_PER_KEY_MAX, SEND_MARGIN_MS } from "../../kernel/limits.ts";
import {
  firstOpen,
  hasFresh,
  headOf,
  isPermitted,
  type LogState,
  laneOwner,
  lockedKeys,
  nextOpen,
  passesFilter,
  type SearchBudget,
} from "../state/log-state.ts";
import { scanRows } from "../state/scan-rows.ts";
import type { EventRow } from "../store/event-rows.ts";
import { type Lane, laneKeyOf } from "../store/lane-store.ts";
import {
  countAttempts,
  cursorOf,
  isDeliverable,
  permittedAttempts,
  type Slot,
  type SlotLease,
  type Subscription,
} from "../store/subscription.ts";
import { isHeld } from "./arm.ts";
import { type Candidate, dropLane } from "./settle.ts";

/** What a lease is filled with: keys in the order they were taken, within the bounds of events and bytes. */
class Basket {
  readonly items = new Map<string, number[]>();
  #events = 0;
  #bytes = 0;
  readonly #window: number;

  constructor(window: number) {
    this.#window = window;
  }

  get count(): number {
    return this.#events;
  }

  get isFull(): boolean {
    return this.#events >= this.#window;
  }

  /** Whether one more event of this size fits; the first always does. */
  fits(row: EventRow): boolean {
    if (this.#events === 0) return true;
    return this.#events < this.#window && this.#bytes + row.bytes <= LEASE_BYTES_MAX;
  }

  add(key: string, row: EventRow): void {
    const seqs = this.items.get(key);
    if (seqs) seqs.push(row.seq);
    else this.items.set(key, [row.seq]);
    this.#events++;
    this.#bytes += row.bytes;
  }
}

/** One take: the call it answers and what it may spend; `window`: how many events the lease may hold, `perKeyMax` of one key. */
type Take = {
  log: LogState;
  s: Subscription;
  slot: Slot;
  window: number;
  perKeyMax: number;
  basket: Basket;
  locked: Set<string>;
  budget: SearchBudget;
};

function newTake(
  log: LogState,
  s: Subscription,
  slot: Slot,
  bounds: { events: number; perKeyMax: number },
  budget: SearchBudget,
): Take {
  const window = Math.min(bounds.events, permittedAttempts(s, log.platform.clock.now()));
  const basket = new Basket(window);
  return { log, s, slot, window, perKeyMax: bounds.perKeyMax, basket, locked: lockedKeys(s, slot.n), budget };
}

/** Whose lease it becomes, and for how long. */
type Holder = { nonce: string; ordinal: number; leaseMs: number };

/**
 * Fills the slot's next lease. The retry slot takes due lanes whose head has failed; a fresh slot takes the candidates,
 * then lanes that were passed over, then events after the cursor. Null: nothing to do now.
 */
export function takeLease(
  log: LogState,
  s: Subscription,
  slot: Slot,
  { nonce, ordinal }: Pick<LeaseCall, "nonce" | "ordinal">,
  candidates: Candidate[],
  budget: SearchBudget,
): SlotLease | null {
  const isRetrying = slot.role === "retry";
  const isOpenForWork = isDeliverable(s) && !isHeld(log, s);
  const bounds = { events: windowOf(s, slot), perKeyMax: LEASE_EVENTS_PER_KEY_MAX };
  const take = newTake(log, s, slot, bounds, budget);
  for (const candidate of candidates) {
    if (isOpenForWork && !isRetrying && candidate.attempt === 0) takeCandidate(take, candidate);
    else keepCandidate(log, s, candidate);
  }
  if (!isOpenForWork) return null;
  takeLanes(take, dueLanes(take, isRetrying), isRetrying ? take.window : limitOfLanes(take));
  const highSeq = isRetrying ? cursorOf(s) : takeFresh(take);
  return seal(take, { nonce, ordinal, leaseMs: leaseLengthMs(s) }, highSeq);
}

/**
 * Fills a lease of a consumer that comes by itself: lanes that are due, whether their head has failed or they were passed over, those
 * that have waited longest first; then events after the cursor. Null: nothing to do now.
 */
export function takePulled(
  log: LogState,
  s: Subscription,
  slot: Slot,
  { max, nonce, leaseSeconds }: PullCall,
  budget: SearchBudget,
): SlotLease | null {
  const take = newTake(log, s, slot, { events: max, perKeyMax: max }, budget);
  if (s.gated || take.window === 0) return null;
  const lanes = [...dueLanes(take, true), ...dueLanes(take, false)];
  takeLanes(
    take,
    lanes.sort((a, b) => a.dueMs - b.dueMs),
    limitOfLanes(take),
  );
  return seal(take, { nonce, ordinal: 1, leaseMs: leaseSeconds * 1000 }, takeFresh(take));
}

/** While the circuit is open, one event tells how the endpoint does. */
const windowOf = (s: Subscription, slot: Slot): number => (s.health.circuit ? 1 : slot.window);

/** A candidate that is not taken now needs a row, or it would be forgotten. */
export function keepCandidate(log: LogState, s: Subscription, candidate: Candidate): void {
  log.lanes.set(laneOwner(s), { ...candidate, dueMs: log.platform.clock.now() });
}

function takeCandidate(take: Take, candidate: Candidate): void {
  const { log, s, basket } = take;
  const { taken, headSeq } = basket.isFull
    ? { taken: "later", headSeq: candidate.headSeq }
    : takeKey(take, candidate.key, candidate.headSeq);
  const lane = log.lanes.get(laneOwner(s), candidate.key);
  if (taken === "nothing") dropLane(log, s, candidate.key);
  else if (taken === "later" || (lane && lane.headSeq !== headSeq)) keepCandidate(log, s, { ...candidate, headSeq });
}

/** Fresh events wait beside the lanes: those get at most half of the lease then. */
const limitOfLanes = ({ s, window }: Take): number => (hasFresh(s) ? Math.max(1, window >> 1) : window);

/** Enough of them to fill the lease, whoever holds some. */
function dueLanes({ log, s, window, basket, locked }: Take, isRetrying: boolean): Lane[] {
  const now = log.platform.clock.now();
  return log.lanes.due(laneOwner(s), isRetrying, now, window + locked.size + basket.items.size);
}

function takeLanes(take: Take, lanes: Lane[], limit: number): void {
  const { basket, locked } = take;
  for (const lane of lanes) {
    if (basket.count >= limit) return;
    if (locked.has(lane.key) || basket.items.has(lane.key)) continue;
    takeLane(take, lane);
  }
}

function takeLane(take: Take, lane: Lane): void {
  const { log, s } = take;
  const { taken, headSeq } = takeKey(take, lane.key, lane.headSeq);
  if (taken === "nothing") log.lanes.delete(laneOwner(s), lane.key);
  else if (headSeq !== lane.headSeq) keepCandidate(log, s, { key: lane.key, headSeq, attempt: 0 });
}

/** Takes a key's open events from its head on. `nothing`: it has none left; `later`: none fitted, or the search was cut short. */
function takeKey(take: Take, key: string, head: number): { taken: "some" | "nothing" | "later"; headSeq: number } {
  const { log, s, basket, perKeyMax, budget } = take;
  let search = firstOpen(log, s, key, head, budget);
  if (search.kind === "none") return { taken: "nothing", headSeq: head };
  const headSeq = headOf(search);
  let count = 0;
  while (search.kind === "found" && basket.fits(search.row)) {
    basket.add(key, search.row);
    count++;
    // To look for the key's next event costs the more, the longer the backlog is.
    if (count === perKeyMax || basket.isFull) break;
    search = nextOpen(log, s, key, search.row.seq, budget);
  }
  return { taken: count > 0 ? "some" : "later", headSeq };
}

/** Takes events after the cursor; answers the last one looked at. What it passes over is found again by its lane or its lock. */
function takeFresh(take: Take): number {
  const { log, s, window, perKeyMax, basket, locked, budget } = take;
  const cursor = cursorOf(s);
  if (!hasFresh(s) || basket.isFull) return cursor;
  const taken = new Set(basket.items.keys());
  const blocked = new Map<string, boolean>();
  const isBlocked = (key: string): boolean => {
    const known = blocked.get(key);
    if (known !== undefined) return known;
    const found = taken.has(key) || locked.has(key) || log.lanes.get(laneOwner(s), key) !== null;
    blocked.set(key, found);
    return found;
  };
  // Nothing before the first fresh event matches: a subscription that gets little is not charged for what others get.
  let highSeq = Math.max(cursor, s.firstFreshSeq - 1, log.events.firstSeq - 1);
  for (const row of scanRows(log, highSeq, window + 1)) {
    const key = laneKeyOf(row);
    const isOwed = isPermitted(log, s, row) && !isBlocked(key);
    const answer = isOwed ? passesFilter(log, s, row, budget) : "no";
    if (answer === "unknown") return highSeq;
    if (answer === "yes") {
      if (basket.isFull || !basket.fits(row)) return highSeq;
      if ((basket.items.get(key)?.length ?? 0) < perKeyMax) basket.add(key, row);
    }
    highSeq = row.seq;
  }
  return highSeq;
}

/** Writes the lease into its slot. The caller saves the row. */
function seal(take: Take, { nonce, ordinal, leaseMs }: Holder, highSeq: number): SlotLease | null {
  const { log, s, slot, basket } = take;
  const cursor = cursorOf(s);
  if (highSeq > cursor || basket.count > 0) {
    slot.highSeq = highSeq > cursor ? highSeq : slot.epoch === s.epoch ? slot.highSeq : cursor;
    slot.epoch = s.epoch;
  }
  if (basket.count === 0) return null;
  countAttempts(s, basket.count, log.platform.clock.now());
  log.counters.add("leases");
  slot.leaseId++;
  slot.lease = {
    id: slot.leaseId,
    nonce,
    ordinal,
    expiresMs: log.platform.clock.now() + leaseMs,
    items: [...basket.items].map(([key, seqs]) => ({ key, seqs })),
  };
  return slot.lease;
}

/** Long enough for a drain, one attempt begun at its end, and a margin: no attempt outlives its lock. */
export function leaseLengthMs(s: Subscription): number {
  return DRAIN_MS + (s.config.target?.timeoutSeconds ?? 0) * 1000 + SEND_MARGIN_MS;
}
