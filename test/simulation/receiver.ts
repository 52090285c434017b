import type { AttemptResult } from "../../src/domain/delivery.ts";
import type { StoredEvent } from "../../src/domain/event.ts";

/** What the oracle knows of one published event. */
export type Published = { seq: number; key: string | null; owner: string | null };

/** What the oracle knows of one subscription, apart from the log under test. */
export type Watched = {
  id: string;
  epoch: number;
  /** Place in the log at which each epoch begins. */
  epochFrom: Map<number, number>;
  /** Events the relay saw a 2xx for, in each epoch. */
  delivered: Map<number, Set<number>>;
  /** Events that may be missing in each epoch: skipped by a control, or dead. */
  excused: Map<number, Set<number>>;
  /** Data owners whose consent holds, and since which place in the log; absent: none. */
  consents: Map<string, number>;
  /** Data owners whose withdrawal was answered. */
  revoked: Set<string>;
};

export type Violation = { kind: string; text: string };

/** Checks each attempt as a receiver sees it: order, overlap, epoch and consent. */
export class Oracle {
  readonly events: Published[] = [];
  readonly violations: Violation[] = [];
  readonly #inFlight = new Map<string, Set<number>>();
  readonly #newestEpoch = new Map<string, number>();
  readonly needsConsent: boolean;

  constructor(needsConsent: boolean) {
    this.needsConsent = needsConsent;
  }

  fail(kind: string, text: string): void {
    if (this.violations.length < 5) this.violations.push({ kind, text });
  }

  mayHave(w: Watched, event: Published): boolean {
    if (!this.needsConsent) return true;
    return event.owner !== null && (w.consents.get(event.owner) ?? Number.POSITIVE_INFINITY) < event.seq;
  }

  /** An attempt begins; the answer is called when its POST has ended, whether or not anybody hears of it. */
  begin(w: Watched, event: StoredEvent, epoch: number): () => void {
    const published = this.events[event.seq - 1];
    if (!published) throw new Error(`an event that nobody published: ${event.seq}`);
    if (
      this.needsConsent &&
      published.owner !== null &&
      w.revoked.has(published.owner) &&
      !this.mayHave(w, published)
    ) {
      this.fail("consent", `${w.id} attempts ${event.seq} of ${published.owner} after its withdrawal was answered`);
    }
    if (published.key === null) return () => {};
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
    for (let seq = (w.epochFrom.get(epoch) ?? 0) + 1; seq < event.seq; seq++) {
      const earlier = this.events[seq - 1];
      if (earlier?.key !== event.key || delivered.has(seq) || excused.has(seq) || !this.mayHave(w, earlier)) continue;
      this.fail("order", `${w.id} ${event.key} attempts ${event.seq} before ${seq}`);
      return;
    }
  }

  /** At the end: every event a subscription may have was delivered, or is dead or skipped. */
  checkComplete(w: Watched): void {
    const delivered = seqsOf(w.delivered, w.epoch);
    const excused = seqsOf(w.excused, w.epoch);
    for (const event of this.events) {
      if (event.seq <= (w.epochFrom.get(w.epoch) ?? 0) || delivered.has(event.seq) || excused.has(event.seq)) continue;
      if (!this.mayHave(w, event)) continue;
      this.fail("lost", `${w.id} never got ${event.seq} (${event.key}, ${event.owner})`);
      return;
    }
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
