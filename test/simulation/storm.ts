import type { NewEvent } from "../../src/domain/event.ts";
import { utf8Bytes } from "../../src/kernel/encoding.ts";
import { appendEvents } from "../../src/topic/append.ts";
import { retryDead, retryDelivery, skipDelivery } from "../../src/topic/delivery-controls.ts";
import type { Chaos } from "./chaos.ts";
import type { Endpoints } from "./endpoints.ts";
import { eventId } from "./event-ids.ts";
import type { LogMachine } from "./log-machine.ts";
import type { Logs } from "./logs.ts";
import { closedOf, type Observer } from "./observer.ts";
import type { Oracle } from "./oracle.ts";
import type { Scheduler } from "./scheduler.ts";
import { OWNERS, type Subscribers } from "./subscribers.ts";
import { type Published, seqsOf, type Watched } from "./watched.ts";

const LARGE_ITEMS = 80; // more than a filter may look at here
const KEYS = ["k1", "k2", "k3", "k4", "k5", null, null];

type Draft = Omit<Published, "seq" | "place" | "acceptedMs">;

type StormParts = {
  time: Scheduler;
  chaos: Chaos;
  logs: Logs;
  oracle: Oracle;
  observer: Observer;
  subscribers: Subscribers;
  endpoints: Endpoints;
};

/** What people do to the log while it runs: publishers with their events, and controls at the worst moments. */
export class Storm {
  published = 0;
  readonly #time: Scheduler;
  readonly #chaos: Chaos;
  readonly #logs: Logs;
  readonly #oracle: Oracle;
  readonly #observer: Observer;
  readonly #subscribers: Subscribers;
  readonly #endpoints: Endpoints;
  #events = 0;

  constructor({ time, chaos, logs, oracle, observer, subscribers, endpoints }: StormParts) {
    this.#time = time;
    this.#chaos = chaos;
    this.#logs = logs;
    this.#oracle = oracle;
    this.#observer = observer;
    this.#subscribers = subscribers;
    this.#endpoints = endpoints;
  }

  // Publishers

  /** Publishes so many events over time, alone or in bursts. */
  publishSome(left: number): void {
    if (left <= 0) return;
    const chaos = this.#chaos;
    this.#time.at(this.#time.nowMs + chaos.int(1, chaos.chance(0.1) ? 20_000 : 1500), () => {
      const burst = chaos.chance(0.15) ? chaos.int(5, 20) : 1;
      const drafts = Array.from({ length: burst }, () => this.#draft());
      for (const [log, ofLog] of Map.groupBy(drafts, (draft) => draft.log)) this.#publish(this.#logs.get(log), ofLog);
      this.publishSome(left - burst);
    });
  }

  #publish(machine: LogMachine, drafts: Draft[]): void {
    machine.onShakyDisk(0.03, () => this.#observer.over(machine, () => this.#append(machine, drafts)));
    machine.flush();
  }

  /** Appends; what the log took is published from then on, in its order. */
  #append(machine: LogMachine, drafts: Draft[]): void {
    const appends = drafts.map((draft) => ({
      events: [this.#newEvent(draft)],
      topicVersion: 1,
      isRetry: false,
      limit: null,
    }));
    for (const [i, outcome] of appendEvents(machine.log, machine.topic, appends).flat().entries()) {
      const draft = drafts[i];
      if (outcome.kind === "accepted" && draft) {
        this.#oracle.accepted(draft);
        this.published++;
      } else if (!machine.isDiskFailing && !(outcome.kind === "subscription_not_found" && draft?.target)) {
        this.#oracle.fail("append", JSON.stringify(outcome));
      }
    }
  }

  #draft(): Draft {
    const chaos = this.#chaos;
    const target = chaos.chance(0.05) ? this.#subscribers.pick() : null;
    const key = KEYS[chaos.int(0, KEYS.length - 1)] ?? null;
    return {
      id: eventId(this.#time.nowMs, this.#events++),
      log: this.#logs.ofKey(key).name,
      key,
      owner: OWNERS[chaos.int(0, OWNERS.length - 1)] ?? null,
      target,
      n: chaos.int(0, 9),
      isLarge: chaos.chance(0.1),
    };
  }

  #newEvent({ id, key, owner, target, n, isLarge }: Draft): NewEvent {
    const items = Array.from({ length: isLarge ? LARGE_ITEMS : 1 }, () => 1);
    const data = { n, items, padding: "x".repeat(this.#chaos.int(0, 200)) };
    return {
      id,
      channel: "c",
      partitionKey: key,
      dataOwnerId: owner,
      subscriptionId: target,
      requestId: "r",
      originRequestId: null,
      traceparent: null,
      cloudEvent: null,
      hops: 0,
      contentType: "application/json",
      body: utf8Bytes(JSON.stringify(data)),
      idempotency: null,
    };
  }

  // Controls

  joinLate(): void {
    this.#subscribers.add("D", this.#chaos.chance(0.5) ? "latest" : "earliest");
    this.#subscribers.grantSome("D");
  }

  /** One control, on one subscription, by chance. */
  control(): void {
    const id = this.#subscribers.pick();
    const choice = this.#chaos.int(0, 14);
    if (choice === 10) this.#removeForAWhile(id);
    else if (choice > 12) this.#overOneLog(id, (machine, w) => this.#bringBackClosed(machine, w));
    else if (choice > 10) this.#subscribers.changeFilter(id);
    else if (choice < 2) this.#pause(id);
    else if (choice < 4) this.#seek(id);
    else if (choice < 6) this.#overOneLog(id, (machine, w) => this.#skip(machine, w));
    else if (choice < 7) this.#overOneLog(id, (machine, w) => this.#retryHeads(machine, w));
    else if (choice < 9) this.#changeConsent(id);
    else this.#endpoints.sicken(KEYS[this.#chaos.int(0, 4)] ?? null);
  }

  #pause(id: string): void {
    this.#subscribers.setActive(id, false);
    this.#time.at(this.#time.nowMs + this.#chaos.int(1000, 90_000), () => this.#subscribers.setActive(id, true));
  }

  #removeForAWhile(id: string): void {
    if (this.#subscribers.isRemoved(id)) return;
    this.#subscribers.remove(id);
    this.#time.at(this.#time.nowMs + this.#chaos.int(1000, 60_000), () => this.#subscribers.bringBack(id));
  }

  #seek(id: string): void {
    const events = this.#oracle.events;
    const picked = this.#chaos.chance(0.6) ? events[this.#chaos.int(0, events.length - 1)] : undefined;
    this.#subscribers.seek(id, picked?.acceptedMs ?? this.#time.nowMs + 1);
  }

  #changeConsent(id: string): void {
    const owner = `o${this.#chaos.int(1, 2)}`;
    if (!this.#subscribers.isRemoved(id)) this.#subscribers.changeConsent(id, owner);
  }

  // Controls of deliveries, which one log answers by itself

  #overOneLog(id: string, control: (machine: LogMachine, w: Watched) => void): void {
    const machine = this.#logs.pick();
    const w = this.#oracle.watched.find((one) => one.id === id && one.log === machine.name);
    if (!w) return;
    this.#observer.over(machine, () => control(machine, w));
    machine.flush();
  }

  /** Skips the first head that the log lets go, or any event. */
  #skip(machine: LogMachine, w: Watched): void {
    const anySeq = this.#chaos.int(1, Math.max(1, this.#oracle.eventsOf(machine.name).length));
    const seqs = this.#chaos.chance(0.7) ? headsOf(machine, w).map(({ headSeq }) => headSeq) : [anySeq];
    for (const seq of seqs) {
      if (skipDelivery(machine.log, w.id, seq) !== "done") continue;
      seqsOf(w.excused, w.epoch).add(seq);
      for (const [key, failed] of w.notBefore) if (failed.seq === seq) w.notBefore.delete(key);
      return;
    }
  }

  #retryHeads(machine: LogMachine, w: Watched): void {
    for (const { key, headSeq } of headsOf(machine, w)) {
      if (retryDelivery(machine.log, w.id, headSeq) === "done") w.notBefore.delete(key);
    }
  }

  /** Brings back what was given up or skipped: one event, or all that is dead. */
  #bringBackClosed(machine: LogMachine, w: Watched): void {
    const closed = closedOf(machine, w);
    const [some] = closed;
    if (this.#chaos.chance(0.5)) {
      if (some && retryDelivery(machine.log, w.id, some.seq) === "done") this.#oracle.replayed(w, some.seq);
      return;
    }
    retryDead(machine.log, w.id, { fromMs: null, toMs: null, channel: null });
    for (const { seq, kind } of closed) if (kind === "dead") this.#oracle.replayed(w, seq);
  }
}

const headsOf = (machine: LogMachine, { id, epoch }: Watched): { key: string; headSeq: number }[] =>
  machine.sql
    .all<{ key: string; head_seq: number }>(
      "SELECT key, head_seq FROM lane WHERE subscription_id = ? AND epoch = ? ORDER BY key",
      id,
      epoch,
    )
    .map((row) => ({ key: row.key, headSeq: row.head_seq }));
