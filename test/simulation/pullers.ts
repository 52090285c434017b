import type { PullAnswer, PullLease, PullOutcome, PullSettle } from "../../src/domain/pull.ts";
import { SEND_MARGIN_MS } from "../../src/kernel/limits.ts";
import { pullLease, pullRenew } from "../../src/topic/engine/pull.ts";
import { pullSettle } from "../../src/topic/engine/pull-settle.ts";
import type { LogState } from "../../src/topic/state/log-state.ts";
import type { Chaos } from "./chaos.ts";
import { ATTEMPT_TIMEOUT_MS, type Endpoints, type Holder } from "./endpoints.ts";
import type { LogMachine } from "./log-machine.ts";
import type { Logs } from "./logs.ts";
import type { Oracle } from "./oracle.ts";
import type { Promises } from "./promises.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Watched } from "./watched.ts";

const MIN_DELAY_MS = 1_000;
const LEASE_SECONDS_MIN = (ATTEMPT_TIMEOUT_MS + SEND_MARGIN_MS) / 1000; // a lease in which one attempt may begin at once

type PullersParts = {
  time: Scheduler;
  chaos: Chaos;
  logs: Logs;
  oracle: Oracle;
  promises: Promises;
  endpoints: Endpoints;
};

/** For whom a lease was given, and in which epoch. */
type Given = { holder: Holder; epoch: number };

/** A lease in a consumer's hands; `endMs`: when its last attempt may begin, by the run's own time. */
type Held = Given & { machine: LogMachine; lease: PullLease; endMs: number };

type Told = PullSettle["outcomes"];

/**
 * Consumers that fetch events themselves, of any log in turn: their calls fail before or after their commit, they tell what became
 * of events late, in parts and in any order, and die with leases in their hands.
 */
export class Pullers {
  readonly #parts: PullersParts;
  #nonces = 0;

  constructor(parts: PullersParts) {
    this.#parts = parts;
  }

  /** Some consumers of one subscription, until everything has to be over. */
  start(subscription: string, untilMs: number): void {
    for (let n = this.#parts.chaos.int(1, 3); n > 0; n--) void this.#consume(subscription, untilMs);
  }

  async #consume(subscription: string, untilMs: number): Promise<void> {
    const { time, chaos, logs } = this.#parts;
    while (time.nowMs < untilMs) {
      const held = await this.#take(subscription, logs.pick());
      // Whoever dies is followed by another one, who knows nothing of the lease.
      if (held && !chaos.fault(0.1)) await this.#workOn(held);
      else await time.sleep(chaos.int(500, 5_000));
    }
  }

  async #take(subscription: string, machine: LogMachine): Promise<Held | null> {
    const { time, chaos } = this.#parts;
    const call = {
      ...{ subscription, max: chaos.int(1, 10), nonce: `p${this.#nonces++}` },
      leaseSeconds: LEASE_SECONDS_MIN + chaos.int(0, 30),
    };
    for (;;) {
      const sentMs = time.nowMs;
      const answer = await this.#call(machine, (log): { pulled: PullAnswer; given: Given | null } => {
        const known = log.subscriptions.get(subscription)?.slots.some(({ lease }) => lease?.nonce === call.nonce);
        const pulled = structuredClone(pullLease(log, call));
        const isLease = pulled.kind === "lease";
        if (pulled.kind !== "not_found") this.#parts.oracle.of(subscription, machine.name).isFetched = true;
        return { pulled, given: isLease ? this.#given(machine, subscription, pulled.lease, known === true) : null };
      });
      if (!answer) {
        // An answer that was lost is asked for again, by some.
        if (chaos.chance(0.3)) return null;
        continue;
      }
      const { pulled, given } = answer;
      if (pulled.kind !== "lease" || !given) return null;
      const endMs = sentMs + pulled.lease.remainingMs - ATTEMPT_TIMEOUT_MS - SEND_MARGIN_MS;
      return { machine, lease: pulled.lease, endMs, ...given };
    }
  }

  /** The oracle looks at what leaves the log, when it does. */
  #given(machine: LogMachine, id: string, lease: PullLease, isAgain: boolean): Given | null {
    const { oracle, promises, time } = this.#parts;
    const w = oracle.of(id, machine.name);
    if (isAgain) oracle.givenAgain(w, lease.items);
    else {
      oracle.leased(w, lease.items);
      promises.check(machine, [id]);
    }
    const slot = machine.log.subscriptions.get(id)?.slots.find(({ n }) => n === lease.slot);
    return slot ? { holder: { w, leasedMs: time.nowMs, isOut: true }, epoch: slot.epoch } : null;
  }

  /** Keys at the same time, events of a key in turn, up to its first failure. */
  async #workOn(held: Held): Promise<void> {
    const { chaos } = this.#parts;
    const isPrompt = chaos.chance(0.3);
    const results: Told = [];
    await Promise.all(
      held.lease.items.map(async ({ events }) => {
        for (const event of events) {
          if (!(await this.#hasTime(held))) return;
          const { delivered } = await this.#parts.endpoints.attempt(held.holder, event, held.epoch);
          const told = { eventId: event.id, outcome: delivered ? "delivered" : "failed" } as const;
          if (isPrompt) await this.#tell(held, [told]);
          else results.push(told);
          if (!delivered) return;
        }
      }),
    );
    if (chaos.fault(0.05)) return;
    await this.#tellInAnyOrder(held, results);
    if (chaos.chance(0.7)) await this.#giveBack(held);
  }

  /** Some ask for more, where little is left. */
  async #hasTime(held: Held): Promise<boolean> {
    const { time, chaos } = this.#parts;
    if (time.nowMs <= held.endMs) return true;
    if (chaos.chance(0.5)) return false;
    const { slot, leaseId } = held.lease;
    const renew = { subscription: held.holder.w.id, leases: [{ slot, leaseId }], leaseSeconds: LEASE_SECONDS_MIN + 10 };
    const sentMs = time.nowMs;
    const answer = await this.#call(held.machine, (log) => pullRenew(log, renew));
    const [renewed] = answer?.leases ?? [];
    if (renewed) held.endMs = sentMs + renewed.remainingMs - ATTEMPT_TIMEOUT_MS - SEND_MARGIN_MS;
    return time.nowMs <= held.endMs;
  }

  async #tellInAnyOrder(held: Held, results: Told): Promise<void> {
    const { chaos } = this.#parts;
    const left = [...results];
    while (left.length > 0) {
      const some: Told = [];
      for (let n = chaos.int(1, left.length); n > 0; n--) some.push(...left.splice(chaos.int(0, left.length - 1), 1));
      await this.#tell(held, some);
    }
  }

  /** What nobody has tried goes back; what was told of before is as it was told. */
  async #giveBack(held: Held): Promise<void> {
    const ids = held.lease.items.flatMap(({ events }) => events.map(({ id }) => id));
    await this.#tell(
      held,
      ids.map((eventId) => ({ eventId, outcome: "released" })),
    );
  }

  /** Once more where the answer was lost, by some. */
  async #tell({ machine, holder: { w }, lease: { slot, leaseId } }: Held, outcomes: Told): Promise<void> {
    const settle = { subscription: w.id, outcomes, leases: [{ slot, leaseId }] };
    for (;;) {
      const answer = await this.#call(machine, (log) => {
        const settled = pullSettle(log, settle);
        for (const { eventId, outcome } of outcomes) this.#noteDelay(machine, w, eventId, outcome);
        return settled;
      });
      if (answer || this.#parts.chaos.chance(0.4)) return;
    }
  }

  /** A failed head waits for its delay. */
  #noteDelay(machine: LogMachine, w: Watched, eventId: string, outcome: PullOutcome): void {
    const event = this.#parts.oracle.events.find(({ id }) => id === eventId);
    if (outcome !== "failed" || !event) return;
    const key = event.key === null ? `#${event.seq}` : `=${event.key}`;
    const lane = machine.log.lanes.get({ id: w.id, epoch: w.epoch }, key);
    const now = machine.clock.nowMs;
    if (lane?.headSeq !== event.seq || lane.attempt === 0 || lane.dueMs < now + MIN_DELAY_MS) return;
    w.notBefore.set(key, { seq: event.seq, atMs: now + MIN_DELAY_MS });
  }

  /** null: there was no answer; whether it was done nobody knows. */
  async #call<T>(machine: LogMachine, work: (log: LogState) => T): Promise<T | null> {
    const { time, chaos } = this.#parts;
    await time.sleep(this.#rpcMs());
    await machine.open().catch(() => {});
    if (!machine.isOpen || chaos.fault(0.03)) return null;
    const answer = machine.onShakyDisk(0.05, () => ({ value: work(machine.log) }));
    machine.flush();
    await time.sleep(this.#rpcMs());
    return !answer || chaos.fault(0.04) ? null : answer.value;
  }

  #rpcMs(): number {
    const { chaos } = this.#parts;
    if (chaos.fault(0.02)) return chaos.int(1, 45_000);
    return chaos.int(1, chaos.fault(0.03) ? 8_000 : 20);
  }
}
