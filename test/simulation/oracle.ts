import type { StoredEvent } from "../../src/domain/event.ts";
import type { TopicConfig } from "../../src/domain/topic.ts";
import { DAY_MS } from "../../src/kernel/limits.ts";
import type { LogClock } from "./log-clock.ts";
import { type Leased, type Published, seqsOf, type Watched } from "./watched.ts";
import type { Wish } from "./wishes.ts";

export type Violation = { kind: string; text: string };

const ROUNDING = 1e-6;

/** Checks each attempt as a receiver sees it: order, overlap, epoch, consent and filter. */
export class Oracle {
  /** Of all logs, in the order in which they were accepted. */
  readonly events: Published[] = [];
  readonly watched: Watched[] = [];
  readonly violations: Violation[] = [];
  readonly #inFlight = new Map<string, Map<number, { log: string; replay: number | null; isLocked: () => boolean }>>();
  readonly #newestEpoch = new Map<string, number>();
  readonly #topics = new Map<string, TopicConfig>();
  readonly #clockOf: (log: string) => LogClock;
  readonly #byLog = new Map<string, Published[]>();
  readonly #byId = new Map<string, Published>();
  readonly #forgottenUpTo = new Map<string, number>();

  constructor(clockOf: (log: string) => LogClock) {
    this.#clockOf = clockOf;
  }

  fail(kind: string, text: string): void {
    if (this.violations.length < 5) this.violations.push({ kind, text });
  }

  /** Whether it is owed an event, unless it has it: what was over by any time that its log's clock has shown may be over. */
  mayHave(w: Watched, event: Published): boolean {
    return this.isPermitted(w, event, this.#clockOf(w.log).latestMs) && w.wants(event);
  }

  isPermitted(w: Watched, event: Published, nowMs = this.#clockOf(w.log).nowMs): boolean {
    if (event.target !== null && event.target !== w.id) return false;
    if (this.#topics.get(w.log)?.access !== "consent") return true;
    const granted = event.owner === null ? undefined : w.consents.get(event.owner);
    return granted !== undefined && granted.sinceSeq < event.seq && granted.expiresMs > nowMs;
  }

  /** A subscription as its oracle knows it in a log. */
  of(id: string, log: string): Watched {
    const w = this.watched.find((one) => one.id === id && one.log === log);
    if (!w) throw new Error(`nobody watches ${id} in ${log}`);
    return w;
  }

  // Events

  /** A log has taken an event, behind all that it had. */
  accepted(event: Omit<Published, "seq" | "place" | "acceptedMs">): void {
    const ofLog = this.eventsOf(event.log);
    const acceptedMs = Math.max(this.#clockOf(event.log).nowMs, ofLog.at(-1)?.acceptedMs ?? 0);
    const place = { seq: ofLog.length + 1, place: this.events.length + 1, acceptedMs };
    const published = { ...event, ...place };
    this.events.push(published);
    ofLog.push(published);
    this.#byId.set(event.id, published);
  }

  /** All that a log ever took, in its order. */
  eventsOf(log: string): Published[] {
    const known = this.#byLog.get(log) ?? [];
    this.#byLog.set(log, known);
    return known;
  }

  /** The event that a log gives out under this id. */
  published({ id, seq }: { id: string; seq: number }): Published {
    const event = this.#byId.get(id);
    if (event?.seq !== seq) throw new Error(`an event that nobody published: ${id}, ${seq}`);
    return event;
  }

  /** The log has no event up to this one any more: nobody may have been owed one of them. */
  forgotten(log: string, subscribed: Watched[], upToSeq: number): void {
    const before = this.#forgottenUpTo.get(log) ?? 0;
    for (const w of subscribed) {
      const event = this.#firstMissing(w, before, upToSeq);
      if (event) this.fail("forgotten", `${w.id} was owed ${event.seq} when ${log} forgot it`);
    }
    this.#forgottenUpTo.set(log, Math.max(before, upToSeq));
  }

  /** What was closed is owed again, outside the order of its key, and without the delay that it may have failed with. */
  replayed(w: Watched, seq: number): void {
    for (const [key, failed] of w.notBefore) if (failed.seq === seq) w.notBefore.delete(key);
    seqsOf(w.excused, w.epoch).delete(seq);
    seqsOf(w.replayed, w.epoch).add(seq);
  }

  /** It has waited for so long that it may be given up. */
  isOverdue({ log, acceptedMs }: Published): boolean {
    const days = this.#topics.get(log)?.maxUndeliveredDays ?? null;
    return days !== null && acceptedMs + days * DAY_MS <= this.#clockOf(log).latestMs;
  }

  /** What a log knows of its API from now on. What nobody might have before need not come any more. */
  topicChanged(log: string, topic: TopicConfig): void {
    const { latestMs } = this.#clockOf(log);
    this.#excuse(log, (w, event) => !this.isPermitted(w, event, latestMs));
    this.#topics.set(log, topic);
    // What was leased while no consent was needed may still be attempted.
    for (const w of this.watched) if (w.log === log) w.revoked.clear();
  }

  /** What the outgoing filter has refused need not come any more; what the new one refuses must not, from now on. */
  filterChanged(w: Watched, wants: Wish["wants"]): void {
    this.#excuse(w.log, (other, event) => other === w && !w.wants(event));
    w.wants = wants;
  }

  #excuse(log: string, isOut: (w: Watched, event: Published) => boolean): void {
    for (const w of this.watched) {
      if (w.log !== log) continue;
      for (const event of this.eventsOf(log)) {
        if (isOut(w, event)) for (const epoch of w.epochFrom.keys()) seqsOf(w.excused, epoch).add(event.seq);
      }
    }
  }

  // Leases and attempts

  /** A new lease, at the moment it is given: all of it permitted, none of it too early. */
  leased(w: Watched, items: Leased[]): void {
    const now = this.#clockOf(w.log).nowMs;
    if (this.count(w, items.flatMap(({ events }) => events).length) < -ROUNDING)
      this.fail("rate", `${w.id} gets more than its rate limit permits`);
    if (!w.isActive) this.fail("paused", `${w.id} gets a lease while it is paused`);
    if (w.silentUntilMs > now) this.fail("silence", `${w.id} gets a lease ${w.silentUntilMs - now} ms too early`);
    for (const { key, events } of items) {
      const failed = w.notBefore.get(key);
      if (failed && failed.seq === events[0]?.seq && failed.atMs > now)
        this.fail("backoff", `${w.id} ${key} is leased before its delay is over`);
      w.notBefore.delete(key);
      for (const stored of events) {
        const event = this.published(stored);
        if (!this.isPermitted(w, event)) this.fail("consent", `${w.id} leases ${event.seq}, which it may not have`);
        if (!w.wants(event)) this.fail("filter", `${w.id} leases ${event.seq}, which does not pass its filter`);
      }
    }
  }

  /** A lease that was given before, at the moment it is given again: nothing of it that has lost its consent. */
  givenAgain(w: Watched, items: Leased[]): void {
    for (const stored of items.flatMap(({ events }) => events)) {
      if (!this.isPermitted(w, this.published(stored)))
        this.fail("consent", `${w.id} is given ${stored.seq} again, which it may not have any more`);
    }
  }

  /** Takes attempts out of what the rate limit permits, or gives them back; answers what is left. */
  count({ rate, log }: Watched, attempts: number): number {
    const { nowMs, wasSetBack } = this.#clockOf(log);
    // After a restart, the log takes the bucket with the latest time for the newest one.
    if (!rate || wasSetBack) return 0;
    rate.free = Math.min(rate.burst, rate.free + ((nowMs - rate.atMs) * rate.perSecond) / 1000) - attempts;
    rate.atMs = nowMs;
    return rate.free;
  }

  /**
   * An attempt begins, under a lease that was given at a time. Where the log's clock was set ahead since then, that lease may have
   * ended before its attempts: what its locks protect (overlap, epoch, a withdrawal's answer) may be hurt then, and nothing else.
   * The answer is called when its POST has ended, whether or not anybody hears of it.
   */
  begin(w: Watched, event: StoredEvent, lease: { epoch: number; leasedMs: number; isOut: boolean }): () => void {
    const end = this.#beginOne(w, event, lease);
    w.inFlight++;
    const isLocked = this.#clockOf(w.log).setAheadMs === Number.NEGATIVE_INFINITY;
    if (isLocked && w.inFlight > w.maxInFlight) this.fail("in flight", `${w.id} has ${w.inFlight} attempts at once`);
    return () => {
      w.inFlight--;
      end();
    };
  }

  #beginOne(
    w: Watched,
    event: StoredEvent,
    { epoch, leasedMs, isOut }: { epoch: number; leasedMs: number; isOut: boolean },
  ): () => void {
    const published = this.published(event);
    const isLocked = (): boolean => leasedMs > this.#clockOf(w.log).setAheadMs;
    if (
      !isOut &&
      isLocked() &&
      published.owner !== null &&
      w.revoked.has(published.owner) &&
      !this.isPermitted(w, published)
    ) {
      this.fail("consent", `${w.id} attempts ${event.seq} of ${published.owner} after its withdrawal was answered`);
    }
    if (published.key === null || seqsOf(w.replayed, epoch).has(event.seq)) return () => {};
    const lane = `${w.id}|${published.key}`;
    this.#checkOrder(w, published, epoch);
    if (isLocked()) this.#checkEpoch(`${lane}|${w.log}`, published, epoch);
    const flight = this.#inFlight.get(lane) ?? new Map();
    this.#inFlight.set(lane, flight);
    const replay = epoch === w.epoch ? (w.seek?.n ?? 0) : null;
    for (const [place, other] of flight) {
      // What another log had begun before it heard of a replay ends beside it.
      const isTogether = other.log === w.log || other.replay === replay;
      if (isTogether && isLocked() && other.isLocked())
        this.fail("overlap", `${lane} attempts ${published.place} while ${place} is in flight`);
    }
    flight.set(published.place, { log: w.log, replay, isLocked });
    return () => flight.delete(published.place);
  }

  delivered(w: Watched, seq: number, epoch: number): void {
    seqsOf(w.delivered, epoch).add(seq);
  }

  #checkEpoch(lane: string, { seq }: Published, epoch: number): void {
    const newest = this.#newestEpoch.get(lane) ?? 0;
    if (epoch < newest) this.fail("epoch", `${lane} attempts ${seq} of an old epoch`);
    this.#newestEpoch.set(lane, Math.max(epoch, newest));
  }

  /** Whatever log took the earlier events of its key: they come first. */
  #checkOrder(w: Watched, event: Published, epoch: number): void {
    for (const earlier of this.events) {
      if (earlier.place >= event.place) return;
      if (earlier.key !== event.key) continue;
      const isOwed = earlier.log === w.log ? this.#isOwed(w, earlier, epoch) : this.#isOwedElsewhere(w, earlier, epoch);
      if (!isOwed) continue;
      this.fail("order", `${w.id} ${event.key} attempts ${event.id} before ${earlier.id}`);
      return;
    }
  }

  // What is owed

  #isOwed(w: Watched, event: Published, epoch: number): boolean {
    const after = Math.max(this.#forgottenUpTo.get(w.log) ?? 0, w.epochFrom.get(epoch) ?? 0);
    const { seq } = event;
    if (seq <= after || seqsOf(w.delivered, epoch).has(seq) || seqsOf(w.excused, epoch).has(seq)) return false;
    return !seqsOf(w.replayed, epoch).has(seq) && this.mayHave(w, event);
  }

  /** Whether another log owes an event in the replay that this one is in. A log that lags behind is still in the one before. */
  #isOwedElsewhere(w: Watched, event: Published, epoch: number): boolean {
    const its = this.of(w.id, event.log);
    const [here = 0, there = 0] = [w.seek?.n, its.seek?.n];
    if (epoch !== w.epoch || there > here) return false;
    if (there === here) return this.#isOwed(its, event, its.epoch);
    const isKept = event.seq > (this.#forgottenUpTo.get(its.log) ?? 0);
    return isKept && its.isActive && event.acceptedMs >= (w.seek?.toMs ?? 0) && this.mayHave(its, event);
  }

  /** At the end: every event a subscription may have was delivered, or is dead or skipped. */
  checkComplete(w: Watched): void {
    const event = this.#firstMissing(w, this.#forgottenUpTo.get(w.log) ?? 0, this.eventsOf(w.log).length);
    if (event) this.fail("lost", `${w.id} never got ${event.seq} of ${w.log} (${event.key}, ${event.owner})`);
  }

  /** The first event in (after, upTo] that a subscription may have, and that was neither delivered nor given up. */
  #firstMissing(w: Watched, after: number, upTo: number): Published | undefined {
    const delivered = seqsOf(w.delivered, w.epoch);
    const excused = seqsOf(w.excused, w.epoch);
    const from = Math.max(after, w.epochFrom.get(w.epoch) ?? 0);
    return this.eventsOf(w.log).find((event) => {
      if (event.seq <= from || event.seq > upTo || delivered.has(event.seq) || excused.has(event.seq)) return false;
      return this.mayHave(w, event) && !this.isOverdue(event);
    });
  }
}
