import type { LogConsent } from "../../src/domain/consent.ts";
import type { LogSubscription, RateLimit, StartPosition } from "../../src/domain/subscription.ts";
import type { Consent } from "../../src/topic/store/subscription.ts";
import type { LogClock } from "./log-clock.ts";
import type { LogMachine } from "./log-machine.ts";
import type { Oracle } from "./oracle.ts";
import { newWatched, seqsOf, type Watched } from "./watched.ts";
import { wishOf } from "./wishes.ts";

type Knowledge = { config: LogSubscription; removed: boolean; epoch: number; consents: Map<string, Consent> };
type Snapshot = { topic: string; subscriptions: Map<string, Knowledge> };

/**
 * Looks at what a log knows before and after each call, and tells the oracle what has changed: from then on the log is
 * judged by it. What a change means is worked out here, apart from the log.
 */
export class Observer {
  readonly #oracle: Oracle;
  readonly #startOf: (subscriptionId: string) => StartPosition;
  /** Whose events were fetched from its predecessor before a log was made. */
  readonly #fetchedBefore = new Map<string, Set<string>>();

  constructor(oracle: Oracle, startOf: (subscriptionId: string) => StartPosition) {
    this.#oracle = oracle;
    this.#startOf = startOf;
  }

  /** Makes a call that may tell the log something. */
  over<T>(machine: LogMachine, call: () => T): T {
    const before = snapshot(machine);
    this.#excuseDeadOf(machine, before);
    try {
      return call();
    } finally {
      this.#compare(machine, before, snapshot(machine));
    }
  }

  /** A log is about to be made, which takes over from its predecessor. */
  sealed(predecessor: string, name: string): void {
    if (this.#fetchedBefore.has(name)) return;
    const fetched = this.#oracle.watched.filter((w) => w.log === predecessor && w.isFetched);
    this.#fetchedBefore.set(name, new Set(fetched.map(({ id }) => id)));
  }

  /** A log has all that it inherits, and knew nothing before. */
  inherited(machine: LogMachine): void {
    this.#compare(machine, { topic: "", subscriptions: new Map() }, snapshot(machine));
    for (const id of this.#fetchedBefore.get(machine.name) ?? []) this.#oracle.of(id, machine.name).isFetched = true;
  }

  /** What the log has given up is known before it may be forgotten, and what it has forgotten afterwards. */
  overAlarm(machine: LogMachine, alarm: () => void): void {
    const before = snapshot(machine);
    this.#excuseDeadOf(machine, before);
    alarm();
    const live = this.#oracle.watched.filter((w) => w.log === machine.name && isKeptFor(before, w));
    this.#oracle.forgotten(machine.name, live, machine.log.events.firstSeq - 1);
  }

  /** Tells the oracle of the events that the log gave up; before an epoch ends, too, as its rows go with it. */
  excuseDead(machine: LogMachine, w: Watched): void {
    const config = machine.log.subscriptions.get(w.id)?.config;
    const isForEver = config?.retry.maxAttempts === null;
    const excused = seqsOf(w.excused, w.epoch);
    const events = this.#oracle.eventsOf(machine.name);
    for (const { seq } of closedOf(machine, w)) {
      const event = events[seq - 1];
      if (isForEver && !excused.has(seq) && event && !this.#oracle.isOverdue(event))
        this.#oracle.fail("early", `${w.id} gave up ${seq}, which was to be tried for ever`);
      excused.add(seq);
    }
  }

  #excuseDeadOf(machine: LogMachine, { subscriptions }: Snapshot): void {
    for (const id of subscriptions.keys()) this.excuseDead(machine, this.#oracle.of(id, machine.name));
  }

  #compare(machine: LogMachine, before: Snapshot, after: Snapshot): void {
    const { topic } = machine.log.subscriptions;
    if (topic && after.topic !== before.topic) this.#oracle.topicChanged(machine.name, topic);
    for (const [id, known] of after.subscriptions) {
      const earlier = before.subscriptions.get(id);
      const w = earlier ? this.#oracle.of(id, machine.name) : this.#meet(machine, known);
      if (earlier && earlier.config.version !== known.config.version) this.#changed(machine, w, earlier, known);
      for (const [owner, consent] of known.consents) {
        if (earlier?.consents.get(owner)?.version !== consent.version) this.#decided(w, owner, consent, machine.clock);
      }
    }
  }

  /** The log hears of a subscription for the first time. */
  #meet(machine: LogMachine, { config, removed, epoch }: Knowledge): Watched {
    const start = this.#startOf(config.id);
    const w = newWatched(config.id, machine.name, this.#startSeq(machine, start), wishOf(config.filter));
    w.rate = config.rateLimit && fullRate(config.rateLimit, machine.clock.nowMs);
    this.#oracle.watched.push(w);
    w.isActive = config.active && !removed;
    w.seek = config.seek;
    w.maxInFlight = config.target?.maxInFlight ?? w.maxInFlight;
    if (removed) beginEpoch(w, epoch, Number.MAX_SAFE_INTEGER);
    return w;
  }

  #changed(machine: LogMachine, w: Watched, before: Knowledge, after: Knowledge): void {
    const { config, removed, epoch } = after;
    w.isActive = config.active && !removed;
    if (removed) {
      leave(w, epoch);
      return;
    }
    const end = this.#oracle.eventsOf(machine.name).length;
    if (before.removed) comeBack(w, end);
    // What a removed one was kept with says nothing of what it had.
    if (before.removed || before.config.filter !== config.filter)
      this.#oracle.filterChanged(w, wishOf(config.filter).wants);
    // The log refills at the new rate from its last lease on: what it permits at the change is at most a burst.
    if (config.rateLimit && !sameRate(before.config, config)) w.rate = fullRate(config.rateLimit, machine.clock.nowMs);
    if (!config.rateLimit) w.rate = null;
    const { seek } = config;
    w.seek = seek;
    const isSeek = !before.removed && seek && seek.n !== before.config.seek?.n;
    if (isSeek) beginEpoch(w, epoch, this.#placeOf(machine, seek));
    else if (epoch !== w.epoch) this.#oracle.fail("seek", `${w.id} begins again, and nobody asked for it`);
  }

  #placeOf(machine: LogMachine, { toMs, toEventId }: NonNullable<LogSubscription["seek"]>): number {
    const event = this.#oracle.eventsOf(machine.name).find(({ id }) => id === toEventId);
    return event ? event.seq - 1 : this.#startSeq(machine, { atMs: toMs });
  }

  /** The place before the first event that was accepted then or later. */
  #startSeq({ name }: LogMachine, start: StartPosition): number {
    const events = this.#oracle.eventsOf(name);
    if (start === "latest") return events.length;
    if (start === "earliest") return 0;
    const first = events.findIndex(({ acceptedMs }) => acceptedMs >= start.atMs);
    return first < 0 ? events.length : first;
  }

  /** A data owner's decision has come to the log. One that still holds keeps its place. */
  #decided(
    w: Watched,
    owner: string,
    { granted, expiresMs }: Pick<LogConsent, "granted" | "expiresMs">,
    { nowMs, latestMs }: Pick<LogClock, "nowMs" | "latestMs">,
  ): void {
    const known = w.consents.get(owner);
    if (!granted) {
      w.consents.delete(owner);
      return;
    }
    const stillHolds = known !== undefined && known.expiresMs > nowMs;
    // A clock that was set back has shown it to be over: what was looked at then is not owed, what was not is.
    if (stillHolds && known.expiresMs <= latestMs) this.#excuseOf(w, owner);
    const sinceSeq = stillHolds ? known.sinceSeq : this.#oracle.eventsOf(w.log).length;
    w.revoked.delete(owner);
    w.consents.set(owner, { sinceSeq, expiresMs: expiresMs ?? Number.POSITIVE_INFINITY });
  }

  #excuseOf(w: Watched, owner: string): void {
    for (const event of this.#oracle.eventsOf(w.log))
      if (event.owner === owner) seqsOf(w.excused, w.epoch).add(event.seq);
  }
}

/** What a log has closed of a subscription in the present epoch. */
export const closedOf = (machine: LogMachine, w: Watched): { seq: number; kind: string }[] =>
  machine.sql.all<{ seq: number; kind: string }>(
    "SELECT seq, kind FROM closed WHERE subscription_id = ? AND epoch = ? ORDER BY seq",
    w.id,
    w.epoch,
  );

/** It will go on with what comes after it is back, and without its consents. */
function leave(w: Watched, epoch: number): void {
  beginEpoch(w, epoch, Number.MAX_SAFE_INTEGER);
  w.consents.clear();
  w.silentUntilMs = 0;
}

/** What a log heard of consents meanwhile, it has to hear again. */
function comeBack(w: Watched, fromSeq: number): void {
  w.epochFrom.set(w.epoch, fromSeq);
  w.consents.clear();
}

function beginEpoch(w: Watched, epoch: number, fromSeq: number): void {
  w.epoch = epoch;
  w.epochFrom.set(w.epoch, fromSeq);
  w.notBefore.clear();
}

const fullRate = (limit: RateLimit, atMs: number): Watched["rate"] => ({ ...limit, free: limit.burst, atMs });

const sameRate = (a: LogSubscription, b: LogSubscription): boolean =>
  a.rateLimit?.perSecond === b.rateLimit?.perSecond && a.rateLimit?.burst === b.rateLimit?.burst;

function isKeptFor({ subscriptions }: Snapshot, w: Watched): boolean {
  const known = subscriptions.get(w.id);
  return known?.removed === false && (known.config.target !== null || w.isFetched);
}

function snapshot({ log }: LogMachine): Snapshot {
  const subscriptions = new Map<string, Knowledge>();
  for (const { config, removed, epoch, consents } of log.subscriptions.all())
    subscriptions.set(config.id, { config, removed, epoch, consents: new Map(consents) });
  return { topic: JSON.stringify(log.subscriptions.topic), subscriptions };
}
