import { type ConsumerDeps, consumeWakes, type WakeMessage } from "../../src/delivery/consumer.ts";
import type { Lease, LeaseAnswer, LeaseCall } from "../../src/domain/delivery.ts";
import { err, ok, type Result } from "../../src/kernel/result.ts";
import { settleAndLease } from "../../src/topic/engine/lease.ts";
import { type Chaos, never } from "./chaos.ts";
import type { Endpoints, Holder } from "./endpoints.ts";
import type { LogMachine } from "./log-machine.ts";
import type { Logs } from "./logs.ts";
import type { Oracle } from "./oracle.ts";
import type { Promises } from "./promises.ts";
import type { Scheduler } from "./scheduler.ts";
import type { ArrivedWake, WakeQueue } from "./wake-queue.ts";
import type { Watched } from "./watched.ts";

const MIN_DELAY_SECONDS = 1; // 1 s less 20 %, rounded up

type ConsumersParts = {
  time: Scheduler;
  chaos: Chaos;
  queue: WakeQueue;
  logs: Logs;
  oracle: Oracle;
  promises: Promises;
  endpoints: Endpoints;
  /** Tells the registry that an endpoint is gone for good. */
  disable(subscriptionId: string): Promise<void>;
};

/** One queue() call, on a machine whose clock may be off and which may die at any moment. */
type Invocation = { skewMs: number; isDead: boolean; isDone: boolean };

/**
 * The real consumer in queue() calls that die, and its RPCs to the log, which fail before or after their commit. The
 * oracle hears here of each lease that is given and of each failure that the log notes.
 */
export class Consumers {
  kills = 0;
  calls = 0;
  readonly #time: Scheduler;
  readonly #chaos: Chaos;
  readonly #queue: WakeQueue;
  readonly #logs: Logs;
  readonly #oracle: Oracle;
  readonly #promises: Promises;
  readonly #endpoints: Endpoints;
  readonly #disable: ConsumersParts["disable"];
  readonly #holders = new WeakMap<Lease, Holder>();
  readonly #leasedMs = new Map<string, number>();
  #nonce = 0;

  constructor({ time, chaos, queue, logs, oracle, promises, endpoints, disable }: ConsumersParts) {
    this.#time = time;
    this.#chaos = chaos;
    this.#queue = queue;
    this.#logs = logs;
    this.#oracle = oracle;
    this.#promises = promises;
    this.#endpoints = endpoints;
    this.#disable = disable;
  }

  // Invocations

  serve(batch: ArrivedWake[]): void {
    const skewMs = this.#chaos.fault(0.5) ? this.#chaos.int(-30_000, 30_000) : 0;
    const invocation: Invocation = { skewMs, isDead: false, isDone: false };
    if (this.#chaos.fault(0.12)) this.#planDeath(invocation, batch);
    const messages = batch.map(
      (arrived): WakeMessage => ({
        body: arrived.wake,
        attempts: arrived.attempts,
        ack: () => {},
        retry: ({ delaySeconds }) => this.#bringBack(invocation, arrived, delaySeconds),
      }),
    );
    consumeWakes(messages, this.#depsOf(invocation));
  }

  /** Of the wakes a dead machine held, the queue brings most back. */
  #planDeath(invocation: Invocation, batch: ArrivedWake[]): void {
    this.#time.at(this.#time.nowMs + this.#chaos.int(1, 30_000), () => {
      if (invocation.isDone) return;
      this.kills++;
      for (const arrived of batch)
        if (this.#chaos.chance(0.7)) this.#bringBack(invocation, arrived, this.#chaos.int(0, 5));
      invocation.isDead = true;
    });
  }

  #bringBack(invocation: Invocation, { wake, attempts }: ArrivedWake, delaySeconds: number): void {
    if (!invocation.isDead) this.#queue.send({ wake, delaySeconds }, attempts + 1);
  }

  #depsOf(invocation: Invocation): ConsumerDeps {
    const alive = async <T>(work: Promise<T>): Promise<T> => {
      const value = await work;
      return invocation.isDead ? never() : value;
    };
    return {
      settleAndLease: (log, call) => alive(this.#callLog(this.#logs.get(log), call)),
      prepareLease: async (lease) => {
        const holder = this.#holders.get(lease);
        if (!holder || this.#chaos.fault(0.02)) return err({ reason: "not_ready" });
        return ok((event) => alive(this.#endpoints.attempt(holder, event, lease.epoch)));
      },
      disableSubscription: (id) => alive(this.#disable(id)),
      collectNotices: async () => {},
      now: () => this.#time.nowMs + invocation.skewMs,
      sleep: (ms) => alive(this.#time.sleep(ms)),
      newNonce: () => `n${this.#nonce++}`,
      report: () => {},
      waitUntil: (work) =>
        void work.then(() => {
          invocation.isDone = true;
        }),
    };
  }

  // Calls to the log

  async #callLog(machine: LogMachine, call: LeaseCall): Promise<Result<LeaseAnswer, { reason: "log_unavailable" }>> {
    const [time, chaos] = [this.#time, this.#chaos];
    const generation = machine.generation;
    await time.sleep(this.#rpcMs());
    if (chaos.fault(0.03) || (generation !== machine.generation && chaos.chance(0.5)))
      return err({ reason: "log_unavailable" });
    this.calls++;
    const answer = machine.onShakyDisk(0.05, () => this.#settleAndLease(machine, call));
    machine.flush();
    await time.sleep(this.#rpcMs());
    return !answer || chaos.fault(0.04) ? err({ reason: "log_unavailable" }) : ok(answer);
  }

  /** Mostly milliseconds, sometimes seconds, now and then longer than a lease. */
  #rpcMs(): number {
    const chaos = this.#chaos;
    if (chaos.fault(0.02)) return chaos.int(1, 45_000);
    return chaos.int(1, chaos.fault(0.03) ? 8_000 : 20);
  }

  /** The call, with the oracle looking at the lease it gives and at the failures it notes. */
  #settleAndLease(machine: LogMachine, call: LeaseCall): LeaseAnswer {
    const { log } = machine;
    const w = this.#oracle.of(call.subscription, machine.name);
    const lease = log.subscriptions.get(w.id)?.slots[call.slot]?.lease;
    const before = lease?.id;
    const answer = structuredClone(settleAndLease(log, call));
    if (call.settles && lease && before === call.settles.leaseId) {
      const attempts = call.settles.reports.flatMap((report) => report.attempts).length;
      this.#oracle.count(w, attempts - lease.items.flatMap(({ seqs }) => seqs).length);
      if (call.settles.epoch === w.epoch) this.#noteDelays(machine, w, call.settles);
    }
    if (answer.kind !== "lease") return answer;
    const isNew = answer.lease.id !== before;
    const seat = `${machine.name} ${w.id} ${call.slot}`;
    if (isNew) this.#leasedMs.set(seat, this.#time.nowMs);
    this.#holders.set(answer.lease, { w, leasedMs: this.#leasedMs.get(seat) ?? 0 });
    if (isNew) {
      this.#oracle.leased(w, answer.lease.items);
      this.#promises.check(machine, [w.id]);
    }
    return answer;
  }

  /** What a settle in time makes the log wait for: a failed head for its delay, everything for a Retry-After. */
  #noteDelays(machine: LogMachine, w: Watched, settles: NonNullable<LeaseCall["settles"]>): void {
    for (const { key, attempts } of settles.reports) {
      w.notBefore.delete(key);
      const failure = attempts.find(({ delivered }) => !delivered);
      if (!failure) continue;
      const { retryAfterSeconds, seq } = failure;
      const lane = machine.log.lanes.get({ id: w.id, epoch: w.epoch }, key);
      if (lane?.headSeq === seq && lane.attempt > 0) {
        const delayMs = (retryAfterSeconds ?? MIN_DELAY_SECONDS) * 1000;
        w.notBefore.set(key, { seq, atMs: machine.clock.nowMs + delayMs });
      }
      const silentMs = machine.clock.nowMs + (retryAfterSeconds ?? 0) * 1000;
      if (retryAfterSeconds !== null) w.silentUntilMs = Math.max(w.silentUntilMs, silentMs);
    }
  }
}
