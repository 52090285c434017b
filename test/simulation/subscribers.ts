import type { LogSubscription, RateLimit, StartPosition } from "../../src/domain/subscription.ts";
import { holdsOwner, putConsent, putSubscription, removeSubscription } from "../../src/topic/controls.ts";
import type { Chaos } from "./chaos.ts";
import type { LogMachine } from "./log-machine.ts";
import { type Oracle, seqsOf, type Watched } from "./receiver.ts";
import type { Scheduler } from "./scheduler.ts";
import { EVERYTHING, WISHES, type Wish } from "./wishes.ts";

export const OWNERS = ["o0", "o1", "o2"];
export const ATTEMPT_TIMEOUT_MS = 15_000;

type SubscribersParts = {
  time: Scheduler;
  chaos: Chaos;
  machine: LogMachine;
  oracle: Oracle;
  /** A withdrawal is answered at once, whatever is leased. */
  revokeWithoutWaiting: boolean;
};

/**
 * The subscriptions of a run, each as the log was told of it and as the oracle watches it: made, paused, removed and
 * brought back, with the consents they hold. Every change is made on both sides here, so that they cannot disagree.
 */
export class Subscribers {
  readonly watched: Watched[] = [];
  readonly #time: Scheduler;
  readonly #chaos: Chaos;
  readonly #machine: LogMachine;
  readonly #oracle: Oracle;
  readonly #revokeWithoutWaiting: boolean;
  readonly #configs = new Map<string, LogSubscription>();
  readonly #removed = new Set<string>();
  #consentVersion = 0;

  constructor({ time, chaos, machine, oracle, revokeWithoutWaiting }: SubscribersParts) {
    this.#time = time;
    this.#chaos = chaos;
    this.#machine = machine;
    this.#oracle = oracle;
    this.#revokeWithoutWaiting = revokeWithoutWaiting;
  }

  get(id: string): Watched {
    const w = this.watched.find((one) => one.id === id);
    if (!w) throw new Error(`nobody watches ${id}`);
    return w;
  }

  pick(): Watched {
    const w = this.watched[this.#chaos.int(0, this.watched.length - 1)];
    if (!w) throw new Error("nobody subscribes");
    return w;
  }

  isRemoved(w: Watched): boolean {
    return this.#removed.has(w.id);
  }

  // Subscriptions

  add(id: string, start: StartPosition): Watched {
    const wish = this.#chaos.chance(0.4) ? this.#pickWish() : EVERYTHING;
    const rateLimit = this.#chaos.chance(0.25) ? this.#pickRate() : null;
    const config = { ...newConfig(id, this.#chaos.chance(0.3) ? 3 : null), filter: wish.filter, rateLimit, seek: null };
    this.#configs.set(id, config);
    putSubscription(this.#machine.log, this.#machine.topic, config, start);
    const w = newWatched(id, start === "latest" ? this.#oracle.events.length : 0, wish);
    w.rate = rateLimit && { ...rateLimit, free: rateLimit.burst, atMs: this.#time.nowMs };
    this.watched.push(w);
    return w;
  }

  setActive(w: Watched, active: boolean): void {
    if (this.#configs.get(w.id)?.active !== active) this.#change(w, { active });
  }

  /** What the outgoing filter has refused need not come any more; what the new one refuses must not, from now on. */
  changeFilter(w: Watched): void {
    if (this.isRemoved(w)) return;
    const wish = this.#pickWish();
    for (const event of this.#oracle.events) {
      if (!w.wants(event)) for (const epoch of w.epochFrom.keys()) seqsOf(w.excused, epoch).add(event.seq);
    }
    this.#change(w, { filter: wish.filter });
    w.wants = wish.wants;
  }

  #pickWish(): Wish {
    return WISHES[this.#chaos.int(0, WISHES.length - 1)] ?? EVERYTHING;
  }

  #pickRate(): RateLimit {
    return { perSecond: this.#chaos.int(5, 40) / 10, burst: this.#chaos.int(1, 8) };
  }

  #change(w: Watched, change: Partial<LogSubscription>): void {
    const config = this.#configs.get(w.id);
    if (!config || this.isRemoved(w)) return;
    const changed = { ...config, ...change, version: config.version + 1 };
    this.#configs.set(w.id, changed);
    putSubscription(this.#machine.log, this.#machine.topic, changed, "latest");
    this.#machine.flush();
  }

  /** Takes it out until `bringBack`: it will go on with what comes then, and without its consents. */
  remove(w: Watched): void {
    const config = this.#configs.get(w.id);
    if (!config) return;
    this.#removed.add(w.id);
    this.excuseDead(w);
    removeSubscription(this.#machine.log, w.id, config.version + 1);
    this.#configs.set(w.id, { ...config, version: config.version + 2, active: true });
    this.#beginEpoch(w, Number.MAX_SAFE_INTEGER);
    w.consents.clear();
    w.silentUntilMs = 0;
  }

  /** Makes a removed subscription anew. */
  bringBack(w: Watched): void {
    const config = this.#configs.get(w.id);
    if (!config || !this.#removed.delete(w.id)) return;
    putSubscription(this.#machine.log, this.#machine.topic, config, "earliest");
    w.epochFrom.set(w.epoch, this.#oracle.events.length);
    w.revoked.clear();
    this.grantSome(w);
    this.#machine.flush();
  }

  /** Replays from a time on; `fromSeq` stands before the first event that was accepted then or later. */
  seek(w: Watched, toMs: number, fromSeq: number): void {
    this.excuseDead(w);
    this.#change(w, { seek: { n: w.epoch, toMs, toEventId: null } });
    this.#beginEpoch(w, fromSeq);
  }

  #beginEpoch(w: Watched, fromSeq: number): void {
    w.epoch++;
    w.epochFrom.set(w.epoch, fromSeq);
    w.notBefore.clear();
  }

  /** Tells the oracle of the events that the log gave up; before an epoch ends, too, as its rows go with it. */
  excuseDead(w: Watched): void {
    const givesUp = this.#configs.get(w.id)?.retry.maxAttempts !== null;
    const excused = seqsOf(w.excused, w.epoch);
    for (const { seq } of this.closedOf(w)) {
      if (!givesUp && !excused.has(seq) && !this.#oracle.isOverdue(seq))
        this.#oracle.fail("early", `${w.id} gave up ${seq}, which was to be tried for ever`);
      excused.add(seq);
    }
  }

  /** What the log has closed in the present epoch. */
  closedOf(w: Watched): { seq: number; kind: string }[] {
    return this.#machine.sql.all<{ seq: number; kind: string }>(
      "SELECT seq, kind FROM closed WHERE subscription_id = ? AND epoch = ? ORDER BY seq",
      w.id,
      w.epoch,
    );
  }

  /** What the log has given up is known before it may be forgotten, and what it has forgotten afterwards. */
  overAlarm(alarm: () => void): void {
    for (const w of this.watched) this.excuseDead(w);
    alarm();
    this.#oracle.forgotten(
      this.watched.filter((w) => !this.isRemoved(w)),
      this.#machine.log.events.firstSeq - 1,
    );
  }

  // Consents

  grantSome(w: Watched): void {
    for (const owner of OWNERS) if (owner === "o0" || this.#chaos.chance(0.8)) this.#grant(w, owner);
  }

  /** Withdraws a consent that stands, gives one that does not. */
  changeConsent(w: Watched, dataOwnerId: string): void {
    const granted = w.consents.get(dataOwnerId);
    if (granted && granted.expiresMs > this.#time.nowMs) this.#revoke(w, dataOwnerId);
    else this.#grant(w, dataOwnerId);
  }

  #grant(w: Watched, dataOwnerId: string): void {
    const version = ++this.#consentVersion;
    const expires = dataOwnerId !== "o0" && this.#chaos.chance(0.2);
    const expiresMs = expires ? this.#time.nowMs + this.#chaos.int(1_000, 200_000) : null;
    putConsent(this.#machine.log, { subscriptionId: w.id, dataOwnerId, version, granted: true, expiresMs });
    w.consents.set(dataOwnerId, {
      sinceSeq: this.#oracle.events.length,
      expiresMs: expiresMs ?? Number.POSITIVE_INFINITY,
    });
    w.revoked.delete(dataOwnerId);
  }

  #revoke(w: Watched, dataOwnerId: string): void {
    const version = ++this.#consentVersion;
    putConsent(this.#machine.log, { subscriptionId: w.id, dataOwnerId, version, granted: false, expiresMs: null });
    w.consents.delete(dataOwnerId);
    this.#answerRevocation(w, dataOwnerId);
  }

  /** As the Durable Object does: the withdrawal is answered when no live lease holds an event of that owner. */
  async #answerRevocation(w: Watched, owner: string): Promise<void> {
    if (!this.#revokeWithoutWaiting) {
      while (!w.consents.has(owner) && holdsOwner(this.#machine.log, w.id, owner)) await this.#time.sleep(500);
    }
    if (!w.consents.has(owner)) w.revoked.add(owner);
  }
}

function newConfig(id: string, maxAttempts: number | null): Omit<LogSubscription, "filter" | "rateLimit" | "seek"> {
  return {
    id,
    version: 1,
    active: true,
    retry: { initialSeconds: 1, multiplier: 2, maxDelaySeconds: 60, maxAttempts },
    target: {
      endpoint: `http://receiver.test/${id}`,
      format: "standard",
      eventPath: null,
      structured: false,
      signature: null,
      timeoutSeconds: ATTEMPT_TIMEOUT_MS / 1000,
      headers: {},
      sealedSigningSecrets: [],
      appClientId: "app",
    },
    organizationId: null,
  };
}

function newWatched(id: string, fromSeq: number, { wants }: Wish): Watched {
  return {
    id,
    epoch: 1,
    epochFrom: new Map([[1, fromSeq]]),
    delivered: new Map(),
    excused: new Map(),
    replayed: new Map(),
    wants,
    consents: new Map(),
    revoked: new Set(),
    silentUntilMs: 0,
    rate: null,
    notBefore: new Map(),
  };
}
