import type { LogSubscription, RateLimit, StartPosition } from "../../src/domain/subscription.ts";
import { holdsOwner, putConsent, putSubscription, removeSubscription } from "../../src/topic/controls.ts";
import type { Chaos } from "./chaos.ts";
import { ATTEMPT_TIMEOUT_MS } from "./endpoints.ts";
import type { LogMachine } from "./log-machine.ts";
import type { Logs } from "./logs.ts";
import type { Observer } from "./observer.ts";
import type { Oracle } from "./oracle.ts";
import type { Scheduler } from "./scheduler.ts";
import { EVERYTHING, WISHES, type Wish } from "./wishes.ts";

export const OWNERS = ["o0", "o1", "o2"];

type SubscribersParts = {
  time: Scheduler;
  chaos: Chaos;
  logs: Logs;
  oracle: Oracle;
  observer: Observer;
  /** A withdrawal is answered at once, whatever is leased. */
  revokeWithoutWaiting: boolean;
};

/** The subscriptions of a run: made, paused, removed and brought back, with the consents they hold, in every log alike. */
export class Subscribers {
  readonly ids: string[] = [];
  readonly #parts: SubscribersParts;
  readonly #configs = new Map<string, LogSubscription>();
  readonly #starts = new Map<string, StartPosition>();
  readonly #removed = new Set<string>();
  readonly #granted = new Map<string, { expiresMs: number | null } | null>();
  #consentVersion = 0;

  constructor(parts: SubscribersParts) {
    this.#parts = parts;
  }

  pick(): string {
    return this.ids[this.#parts.chaos.int(0, this.ids.length - 1)] ?? "A";
  }

  /** Where a subscription asked to begin. */
  startOf(id: string): StartPosition {
    return this.#starts.get(id) ?? "latest";
  }

  isRemoved(id: string): boolean {
    return this.#removed.has(id);
  }

  // Subscriptions

  add(id: string, start: StartPosition): void {
    const { chaos } = this.#parts;
    const wish = chaos.chance(0.4) ? this.#pickWish() : EVERYTHING;
    const rateLimit = chaos.chance(0.25) ? this.#pickRate() : null;
    const config = { ...newConfig(id, chaos.chance(0.3) ? 3 : null), filter: wish.filter, rateLimit, seek: null };
    this.ids.push(id);
    this.#starts.set(id, start);
    this.#configs.set(id, config);
    this.#tell(({ log, topic }) => putSubscription(log, topic, config, start));
  }

  setActive(id: string, active: boolean): void {
    if (this.#configs.get(id)?.active !== active) this.#change(id, { active });
  }

  changeFilter(id: string): void {
    this.#change(id, { filter: this.#pickWish().filter });
  }

  #pickWish(): Wish {
    return WISHES[this.#parts.chaos.int(0, WISHES.length - 1)] ?? EVERYTHING;
  }

  #pickRate(): RateLimit {
    const { chaos } = this.#parts;
    return { perSecond: chaos.int(5, 40) / 10, burst: chaos.int(1, 8) };
  }

  #change(id: string, change: Partial<LogSubscription>): void {
    const config = this.#configs.get(id);
    if (!config || this.isRemoved(id)) return;
    const changed = { ...config, ...change, version: config.version + 1 };
    this.#configs.set(id, changed);
    this.#tell(({ log, topic }) => putSubscription(log, topic, changed, "latest"));
  }

  /** Takes it out until `bringBack`. */
  remove(id: string): void {
    const config = this.#configs.get(id);
    if (!config) return;
    this.#removed.add(id);
    this.#tell(({ log }) => removeSubscription(log, id, config.version + 1));
    this.#configs.set(id, { ...config, version: config.version + 2, active: true });
    for (const owner of OWNERS) this.#granted.delete(`${id}/${owner}`);
  }

  /** Makes a removed subscription anew. */
  bringBack(id: string): void {
    const config = this.#configs.get(id);
    if (!config || !this.#removed.delete(id)) return;
    this.#tell(({ log, topic }) => putSubscription(log, topic, config, "earliest"));
    this.grantSome(id);
  }

  /** Replays from a time on. */
  seek(id: string, toMs: number): void {
    const n = (this.#configs.get(id)?.seek?.n ?? 0) + 1;
    this.#change(id, { seek: { n, toMs, toEventId: null } });
  }

  // Consents

  grantSome(id: string): void {
    for (const owner of OWNERS) if (owner === "o0" || this.#parts.chaos.chance(0.8)) this.#grant(id, owner);
  }

  /** Withdraws a consent that stands, gives one that does not. */
  changeConsent(id: string, dataOwnerId: string): void {
    const granted = this.#granted.get(`${id}/${dataOwnerId}`);
    const stands = granted && (granted.expiresMs === null || granted.expiresMs > this.#parts.time.nowMs);
    if (stands) this.#revoke(id, dataOwnerId);
    else this.#grant(id, dataOwnerId);
  }

  #grant(id: string, dataOwnerId: string): void {
    const { chaos, time } = this.#parts;
    const version = ++this.#consentVersion;
    const expires = dataOwnerId !== "o0" && chaos.chance(0.2);
    const expiresMs = expires ? time.nowMs + chaos.int(1_000, 200_000) : null;
    this.#tell(({ log }) => putConsent(log, { subscriptionId: id, dataOwnerId, version, granted: true, expiresMs }));
    this.#granted.set(`${id}/${dataOwnerId}`, { expiresMs });
  }

  #revoke(id: string, dataOwnerId: string): void {
    const version = ++this.#consentVersion;
    const consent = { subscriptionId: id, dataOwnerId, version, granted: false, expiresMs: null };
    this.#tell(({ log }) => putConsent(log, consent));
    this.#granted.delete(`${id}/${dataOwnerId}`);
    for (const machine of this.#parts.logs.all()) this.#answerRevocation(machine, id, dataOwnerId);
  }

  /** As the Durable Object does: the withdrawal is answered when no live lease holds an event of that owner. */
  async #answerRevocation(machine: LogMachine, id: string, owner: string): Promise<void> {
    const { oracle, time, revokeWithoutWaiting } = this.#parts;
    const w = oracle.of(id, machine.name);
    while (!revokeWithoutWaiting && !w.consents.has(owner) && holdsOwner(machine.log, id, owner)) await time.sleep(500);
    if (!w.consents.has(owner)) w.revoked.add(owner);
  }

  #tell(control: (machine: LogMachine) => void): void {
    const { logs, observer } = this.#parts;
    for (const machine of logs.all()) {
      observer.over(machine, () => control(machine));
      machine.flush();
    }
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
  };
}
