import type { NewEvent } from "../../src/domain/event.ts";
import { utf8Bytes } from "../../src/kernel/encoding.ts";
import { appendEvents } from "../../src/topic/append.ts";
import { retryDead, retryDelivery, skipDelivery } from "../../src/topic/delivery-controls.ts";
import type { Chaos } from "./chaos.ts";
import type { Endpoints } from "./endpoints.ts";
import type { LogMachine } from "./log-machine.ts";
import { type Oracle, type Published, seqsOf, type Watched } from "./receiver.ts";
import type { Scheduler } from "./scheduler.ts";
import { OWNERS, type Subscribers } from "./subscribers.ts";

const LARGE_ITEMS = 80; // more than a filter may look at here
const KEYS = ["k1", "k2", "k3", "k4", "k5", null, null];

type Draft = Omit<Published, "seq" | "acceptedMs">;

type StormParts = {
  time: Scheduler;
  chaos: Chaos;
  machine: LogMachine;
  oracle: Oracle;
  subscribers: Subscribers;
  endpoints: Endpoints;
};

/** What people do to the log while it runs: publishers with their events, and controls at the worst moments. */
export class Storm {
  published = 0;
  readonly #time: Scheduler;
  readonly #chaos: Chaos;
  readonly #machine: LogMachine;
  readonly #oracle: Oracle;
  readonly #subscribers: Subscribers;
  readonly #endpoints: Endpoints;
  #events = 0;

  constructor({ time, chaos, machine, oracle, subscribers, endpoints }: StormParts) {
    this.#time = time;
    this.#chaos = chaos;
    this.#machine = machine;
    this.#oracle = oracle;
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
      this.#machine.onShakyDisk(0.03, () => this.#append(drafts));
      this.#machine.flush();
      this.publishSome(left - burst);
    });
  }

  /** Appends; what the log took is published from then on, in its order. */
  #append(drafts: Draft[]): void {
    const { log, topic } = this.#machine;
    const appends = drafts.map((draft) => ({
      events: [this.#newEvent(draft)],
      topicVersion: 1,
      isRetry: false,
      limit: null,
    }));
    for (const [i, outcome] of appendEvents(log, topic, appends).flat().entries()) {
      const draft = drafts[i];
      if (outcome.kind === "accepted" && draft) {
        this.#oracle.events.push({ ...draft, seq: this.#oracle.events.length + 1, acceptedMs: this.#time.nowMs });
        this.published++;
      } else if (!this.#machine.isDiskFailing && !(outcome.kind === "subscription_not_found" && draft?.target)) {
        this.#oracle.fail("append", JSON.stringify(outcome));
      }
    }
  }

  #draft(): Draft {
    const chaos = this.#chaos;
    const target = chaos.chance(0.05) ? this.#subscribers.pick().id : null;
    return {
      key: KEYS[chaos.int(0, KEYS.length - 1)] ?? null,
      owner: OWNERS[chaos.int(0, OWNERS.length - 1)] ?? null,
      target,
      n: chaos.int(0, 9),
      isLarge: chaos.chance(0.1),
    };
  }

  #newEvent({ key, owner, target, n, isLarge }: Draft): NewEvent {
    const items = Array.from({ length: isLarge ? LARGE_ITEMS : 1 }, () => 1);
    const data = { n, items, padding: "x".repeat(this.#chaos.int(0, 200)) };
    return {
      id: `e${this.#events++}`,
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
    const start = this.#chaos.chance(0.5) ? "latest" : "earliest";
    this.#subscribers.grantSome(this.#subscribers.add("D", start));
    this.#machine.flush();
  }

  /** One control, on one subscription, by chance. */
  control(): void {
    const w = this.#subscribers.pick();
    const choice = this.#chaos.int(0, 14);
    if (choice === 10) this.#removeForAWhile(w);
    else if (choice > 12) this.#bringBackClosed(w);
    else if (choice > 10) this.#subscribers.changeFilter(w);
    else if (choice < 2) this.#pause(w);
    else if (choice < 4) this.#seek(w);
    else if (choice < 6) this.#skip(w);
    else if (choice < 7) this.#retryHeads(w);
    else if (choice < 9) this.#changeConsent(w);
    else this.#endpoints.sicken(KEYS[this.#chaos.int(0, 4)] ?? null);
    this.#machine.flush();
  }

  #pause(w: Watched): void {
    this.#subscribers.setActive(w, false);
    this.#time.at(this.#time.nowMs + this.#chaos.int(1000, 90_000), () => this.#subscribers.setActive(w, true));
  }

  #removeForAWhile(w: Watched): void {
    if (this.#subscribers.isRemoved(w)) return;
    this.#subscribers.remove(w);
    this.#time.at(this.#time.nowMs + this.#chaos.int(1000, 60_000), () => this.#subscribers.bringBack(w));
  }

  #seek(w: Watched): void {
    if (this.#subscribers.isRemoved(w)) return;
    const events = this.#oracle.events;
    const picked = this.#chaos.chance(0.6) ? events[this.#chaos.int(0, events.length - 1)] : undefined;
    const toMs = picked?.acceptedMs ?? this.#time.nowMs + 1;
    const first = events.findIndex(({ acceptedMs }) => acceptedMs >= toMs);
    this.#subscribers.seek(w, toMs, first < 0 ? events.length : first);
  }

  /** Skips the first head that the log lets go, or any event. */
  #skip(w: Watched): void {
    const anySeq = this.#chaos.int(1, Math.max(1, this.#oracle.events.length));
    const seqs = this.#chaos.chance(0.7) ? this.#heads(w).map(({ headSeq }) => headSeq) : [anySeq];
    for (const seq of seqs) {
      if (skipDelivery(this.#machine.log, w.id, seq) !== "done") continue;
      seqsOf(w.excused, w.epoch).add(seq);
      for (const [key, failed] of w.notBefore) if (failed.seq === seq) w.notBefore.delete(key);
      return;
    }
  }

  #retryHeads(w: Watched): void {
    for (const { key, headSeq } of this.#heads(w)) {
      if (retryDelivery(this.#machine.log, w.id, headSeq) === "done") w.notBefore.delete(key);
    }
  }

  /** Brings back what was given up or skipped: one event, or all that is dead. */
  #bringBackClosed(w: Watched): void {
    this.#subscribers.excuseDead(w);
    const closed = this.#subscribers.closedOf(w);
    const [some] = closed;
    if (this.#chaos.chance(0.5)) {
      if (some && retryDelivery(this.#machine.log, w.id, some.seq) === "done") this.#oracle.replayed(w, some.seq);
      return;
    }
    retryDead(this.#machine.log, w.id, { fromMs: null, toMs: null, channel: null });
    for (const { seq, kind } of closed) if (kind === "dead") this.#oracle.replayed(w, seq);
  }

  #heads(w: Watched): { key: string; headSeq: number }[] {
    return this.#machine.sql
      .all<{ key: string; head_seq: number }>(
        "SELECT key, head_seq FROM lane WHERE subscription_id = ? AND epoch = ? ORDER BY key",
        w.id,
        w.epoch,
      )
      .map((row) => ({ key: row.key, headSeq: row.head_seq }));
  }

  #changeConsent(w: Watched): void {
    const owner = `o${this.#chaos.int(1, 2)}`;
    if (!this.#subscribers.isRemoved(w)) this.#subscribers.changeConsent(w, owner);
  }
}
