import { type ConsumerDeps, consumeWakes, type WakeMessage } from "../../src/delivery/consumer.ts";
import type { LeaseAnswer, LeaseCall } from "../../src/domain/delivery.ts";
import { err, ok, type Result } from "../../src/kernel/result.ts";
import { settleAndLease } from "../../src/topic/lease.ts";
import { type Chaos, never } from "./chaos.ts";
import type { Endpoints } from "./endpoints.ts";
import type { LogMachine } from "./log-machine.ts";
import type { Oracle, Watched } from "./receiver.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Subscribers } from "./subscribers.ts";
import type { ArrivedWake, WakeQueue } from "./wake-queue.ts";

const MIN_DELAY_SECONDS = 1; // 1 s less 20 %, rounded up

type ConsumersParts = {
  time: Scheduler;
  chaos: Chaos;
  queue: WakeQueue;
  machine: LogMachine;
  oracle: Oracle;
  subscribers: Subscribers;
  endpoints: Endpoints;
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
  readonly #machine: LogMachine;
  readonly #oracle: Oracle;
  readonly #subscribers: Subscribers;
  readonly #endpoints: Endpoints;
  #nonce = 0;

  constructor({ time, chaos, queue, machine, oracle, subscribers, endpoints }: ConsumersParts) {
    this.#time = time;
    this.#chaos = chaos;
    this.#queue = queue;
    this.#machine = machine;
    this.#oracle = oracle;
    this.#subscribers = subscribers;
    this.#endpoints = endpoints;
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
      settleAndLease: (_log, call) => alive(this.#callLog(call)),
      prepareLease: async ({ target, epoch }) => {
        if (this.#chaos.fault(0.02)) return err({ reason: "not_ready" });
        // Each subscription's endpoint names it.
        const w = this.#subscribers.get(target.endpoint.slice(target.endpoint.lastIndexOf("/") + 1));
        return ok((event) => alive(this.#endpoints.attempt(w, event, epoch)));
      },
      disableSubscription: async () => {},
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

  async #callLog(call: LeaseCall): Promise<Result<LeaseAnswer, { reason: "log_unavailable" }>> {
    const [time, chaos, machine] = [this.#time, this.#chaos, this.#machine];
    const generation = machine.generation;
    await time.sleep(this.#rpcMs());
    if (chaos.fault(0.03) || (generation !== machine.generation && chaos.chance(0.5)))
      return err({ reason: "log_unavailable" });
    this.calls++;
    const answer = machine.onShakyDisk(0.05, () => this.#settleAndLease(call));
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
  #settleAndLease(call: LeaseCall): LeaseAnswer {
    const { log } = this.#machine;
    const w = this.#subscribers.get(call.subscription);
    const lease = log.subscriptions.get(w.id)?.slots[call.slot]?.lease;
    const before = lease?.id;
    const answer = structuredClone(settleAndLease(log, call));
    if (call.settles && lease && before === call.settles.leaseId) {
      const attempts = call.settles.reports.flatMap((report) => report.attempts).length;
      this.#oracle.count(w, attempts - lease.items.flatMap(({ seqs }) => seqs).length);
      if (call.settles.epoch === w.epoch) this.#noteDelays(w, call.settles);
    }
    if (answer.kind === "lease" && answer.lease.id !== before) this.#oracle.leased(w, answer.lease.items);
    return answer;
  }

  /** What a settle in time makes the log wait for: a failed head for its delay, everything for a Retry-After. */
  #noteDelays(w: Watched, settles: NonNullable<LeaseCall["settles"]>): void {
    for (const { key, attempts } of settles.reports) {
      w.notBefore.delete(key);
      const failure = attempts.find(({ delivered }) => !delivered);
      if (!failure) continue;
      const { retryAfterSeconds, seq } = failure;
      const lane = this.#machine.log.lanes.get({ id: w.id, epoch: w.epoch }, key);
      if (lane?.headSeq === seq && lane.attempt > 0) {
        const delayMs = (retryAfterSeconds ?? MIN_DELAY_SECONDS) * 1000;
        w.notBefore.set(key, { seq, atMs: this.#time.nowMs + delayMs });
      }
      const silentMs = this.#time.nowMs + (retryAfterSeconds ?? 0) * 1000;
      if (retryAfterSeconds !== null) w.silentUntilMs = Math.max(w.silentUntilMs, silentMs);
    }
  }
}
