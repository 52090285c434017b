import type { AttemptResult } from "../../src/domain/delivery.ts";
import type { StoredEvent } from "../../src/domain/event.ts";
import type { Wish } from "./wishes.ts";

/** What the oracle knows of one published event. `isLarge`: to look through all of it costs more than one check may. */
export type Published = {
  seq: number;
  key: string | null;
  owner: string | null;
  target: string | null;
  n: number;
  isLarge: boolean;
  acceptedMs: number;
};

/** A consent as the oracle knows it: since which place in the log, and until when. */
export type Granted = { sinceSeq: number; expiresMs: number };

/** What the oracle knows of one subscription, apart from the log under test. */
export type Watched = {
  id: string;
  epoch: number;
  /** Place in the log at which each epoch begins. */
  epochFrom: Map<number, number>;
  /** Events the relay saw a 2xx for, in each epoch. */
  delivered: Map<number, Set<number>>;
  /** Events that may be missing in each epoch: skipped by a control, dead, or refused by a filter of before. */
  excused: Map<number, Set<number>>;
  /** Events that were closed and brought back in each epoch: no order is promised for them. */
  replayed: Map<number, Set<number>>;
  /** Whether its filter lets an event through. */
  wants: Wish["wants"];
  /** Data owners that consent; absent: they don't. */
  consents: Map<string, Granted>;
  /** Data owners whose withdrawal was answered. */
  revoked: Set<string>;
  /** The receiver asked for silence until then. */
  silentUntilMs: number;
  /** Its rate limit, and what of it was free at a time. */
  rate: { perSecond: number; burst: number; free: number; atMs: number } | null;
  /** When the failed head of a lane (of this epoch) may be attempted again. */
  notBefore: Map<string, { seq: number; atMs: number }>;
};

export type Violation = { kind: string; text: string };

const ROUNDING = 1e-6;

/** Checks each attempt as a receiver sees it: order, overlap, epoch, consent and filter. */
export class Oracle {
  readonly events: Published[] = [];
  readonly violations: Violation[] = [];
  readonly #inFlight = new Map<string, Set<number>>();
  readonly #newestEpoch = new Map<string, number>();
  readonly #needsConsent: boolean;
  readonly #undeliveredMsMax: number;
  readonly #now: () => number;
  #forgottenUpTo = 0;

  /** `undeliveredMsMax`: what has waited for so long may be given up. */
  constructor(needsConsent: boolean, undeliveredMsMax: number, now: () => number) {
    this.#needsConsent = needsConsent;
    this.#undeliveredMsMax = undeliveredMsMax;
    this.#now = now;
  }

  fail(kind: string, text: string): void {
    if (this.violations.length < 5) this.violations.push({ kind, text });
  }

  mayHave(w: Watched, event: Published): boolean {
    return this.isPermitted(w, event) && w.wants(event);
  }

  isPermitted(w: Watched, event: Published): boolean {
    if (event.target !== null && event.target !== w.id) return false;
    if (!this.#needsConsent) return true;
    const granted = event.owner === null ? undefined : w.consents.get(event.owner);
    return granted !== undefined && granted.sinceSeq < event.seq && granted.expiresMs > this.#now();
  }

  /** The log has no event up to this one any more: nobody may have been owed one of them. */
  forgotten(subscribed: Watched[], upToSeq: number): void {
    for (const w of subscribed) {
      const seq = this.#firstMissing(w, this.#forgottenUpTo, upToSeq);
      if (seq !== null) this.fail("forgotten", `${w.id} was owed ${seq} when it was forgotten`);
    }
    this.#forgottenUpTo = Math.max(this.#forgottenUpTo, upToSeq);
  }

  /** What was closed is owed again, outside the order of its key. */
  replayed(w: Watched, seq: number): void {
    seqsOf(w.excused, w.epoch).delete(seq);
    seqsOf(w.replayed, w.epoch).add(seq);
  }

  isOverdue(seq: number): boolean {
    return this.published(seq).acceptedMs + this.#undeliveredMsMax <= this.#now();
  }

  published(seq: number): Published {
    const event = this.events[seq - 1];
    if (!event) throw new Error(`an event that nobody published: ${seq}`);
    return event;
  }

  /** A new lease, at the moment it is given: all of it permitted, none of it too early. */
  leased(w: Watched, items: { key: string; events: StoredEvent[] }[]): void {
    const now = this.#now();
    if (this.count(w, items.flatMap(({ events }) => events).length) < -ROUNDING)
      this.fail("rate", `${w.id} gets more than its rate limit permits`);
    if (w.silentUntilMs > now) this.fail("silence", `${w.id} gets a lease ${w.silentUntilMs - now} ms too early`);
    for (const { key, events } of items) {
      const failed = w.notBefore.get(key);
      if (failed && failed.seq === events[0]?.seq && failed.atMs > now)
        this.fail("backoff", `${w.id} ${key} is leased before its delay is over`);
      for (const { seq } of events) {
        const event = this.published(seq);
        if (!this.isPermitted(w, event)) this.fail("consent", `${w.id} leases ${seq}, which it may not have`);
        if (!w.wants(event)) this.fail("filter", `${w.id} leases ${seq}, which does not pass its filter`);
      }
    }
  }

  /** Takes attempts out of what the rate limit permits, or gives them back; answers what is left. */
  count({ rate }: Watched, attempts: number): number {
    if (!rate) return 0;
    const now = this.#now();
    rate.free = Math.min(rate.burst, rate.free + ((now - rate.atMs) * rate.perSecond) / 1000) - attempts;
    rate.atMs = now;
    return rate.free;
  }

  /** An attempt begins; the answer is called when its POST has ended, whether or not anybody hears of it. */
  begin(w: Watched, event: StoredEvent, epoch: number): () => void {
    const published = this.published(event.seq);
    if (published.owner !== null && w.revoked.has(published.owner) && !this.isPermitted(w, published)) {
      this.fail("consent", `${w.id} attempts ${event.seq} of ${published.owner} after its withdrawal was answered`);
    }
    if (published.key === null || seqsOf(w.replayed, epoch).has(event.seq)) return () => {};
    const lane = `${w.id}|${published.key}`;
    this.#checkOrder(w, published, epoch);
    if (epoch < (this.#newestEpoch.get(lane) ?? 0)) this.fail("epoch", `${lane} attempts ${event.seq} of an old epoch`);
    this.#newestEpoch.set(lane, Math.max(epoch, this.#newestEpoch.get(lane) ?? 0));
    const flight = this.#inFlight.get(lane) ?? new Set();
    this.#inFlight.set(lane, flight);
    if (flight.size > 0) this.fail("overlap", `${lane} attempts ${event.seq} while ${[...flight]} are in flight`);
    flight.add(event.seq);
    return () => flight.delete(event.seq);
  }

  delivered(w: Watched, seq: number, epoch: number): void {
    seqsOf(w.delivered, epoch).add(seq);
  }

  #checkOrder(w: Watched, event: Published, epoch: number): void {
    const delivered = seqsOf(w.delivered, epoch);
    const excused = seqsOf(w.excused, epoch);
    const replayed = seqsOf(w.replayed, epoch);
    for (let seq = Math.max(this.#forgottenUpTo, w.epochFrom.get(epoch) ?? 0) + 1; seq < event.seq; seq++) {
      const earlier = this.events[seq - 1];
      const isDone = delivered.has(seq) || excused.has(seq) || replayed.has(seq);
      if (earlier?.key !== event.key || isDone || !this.mayHave(w, earlier)) continue;
      this.fail("order", `${w.id} ${event.key} attempts ${event.seq} before ${seq}`);
      return;
    }
  }

  /** At the end: every event a subscription may have was delivered, or is dead or skipped. */
  checkComplete(w: Watched): void {
    const seq = this.#firstMissing(w, this.#forgottenUpTo, this.events.length);
    if (seq === null) return;
    const { key, owner } = this.published(seq);
    this.fail("lost", `${w.id} never got ${seq} (${key}, ${owner})`);
  }

  /** The first event in (after, upTo] that a subscription may have, and that was neither delivered nor given up. */
  #firstMissing(w: Watched, after: number, upTo: number): number | null {
    const delivered = seqsOf(w.delivered, w.epoch);
    const excused = seqsOf(w.excused, w.epoch);
    for (let seq = Math.max(after, w.epochFrom.get(w.epoch) ?? 0) + 1; seq <= upTo; seq++) {
      if (delivered.has(seq) || excused.has(seq) || !this.mayHave(w, this.published(seq))) continue;
      if (!this.isOverdue(seq)) return seq;
    }
    return null;
  }
}

/** The sequence numbers kept for an epoch. */
export function seqsOf(byEpoch: Map<number, Set<number>>, epoch: number): Set<number> {
  const known = byEpoch.get(epoch) ?? new Set<number>();
  byEpoch.set(epoch, known);
  return known;
}

export function attemptResult(delivered: boolean, ms: number, retryAfterSeconds: number | null): AttemptResult {
  return {
    delivered,
    status: delivered ? 200 : retryAfterSeconds === null ? 500 : 429,
    ms,
    error: delivered ? null : "status",
    excerpt: "",
    retryAfterSeconds,
    gone: false,
  };
}
