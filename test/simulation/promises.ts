import { API_ID } from "./cast.ts";
import type { LogMachine } from "./log-machine.ts";
import type { Oracle } from "./oracle.ts";
import type { Scheduler } from "./scheduler.ts";

/** What the management API can promise of a subscription, or (its access) of the API; a consent is named by its data owner. */
export type Field = "access" | "shared" | "active" | "filter" | `consent ${string}`;

/** `null` of a filter: everything; of a consent: withdrawn; else until when it was given. */
type Value = boolean | string | number | null;

/** A change under way. */
export type Claim = { end(answered?: Value): void };

type Kept = { underWay: number; isRaced: boolean; value: Value | undefined };

/**
 * What subscribers and data owners were answered, which has to hold for every event that is accepted afterwards. While a
 * change is under way, and after two of one thing that raced or one that nobody answered, nothing is promised of it.
 */
export class Promises {
  readonly #kept = new Map<string, Kept>();
  readonly #oracle: Oracle;
  readonly #time: Scheduler;

  constructor(oracle: Oracle, time: Scheduler) {
    this.#oracle = oracle;
    this.#time = time;
  }

  begin(id: string, field: Field): Claim {
    const name = `${id} ${field}`;
    const kept = this.#kept.get(name) ?? { underWay: 0, isRaced: false, value: undefined };
    this.#kept.set(name, kept);
    kept.isRaced = kept.underWay > 0;
    kept.underWay++;
    kept.value = undefined;
    return {
      end: (answered) => {
        kept.underWay--;
        if (kept.underWay === 0 && !kept.isRaced) kept.value = answered;
        if (kept.underWay === 0) kept.isRaced = false;
        if (kept.value === null && field.startsWith("consent ")) this.#withdrawn(id, field.slice(8));
      },
    };
  }

  /** What the answer to its making says, where nothing has happened to it since. */
  first(id: string, field: Field, value: Value): void {
    if (!this.#kept.has(`${id} ${field}`)) this.begin(id, field).end(value);
  }

  /** undefined: nothing is promised of it now. */
  of(id: string, field: Field): Value | undefined {
    return this.#kept.get(`${id} ${field}`)?.value;
  }

  /** Asked whenever a log accepts events, or gives a lease. */
  check(machine: LogMachine, ids: readonly string[]): void {
    const access = this.of(API_ID, "access");
    if (access !== undefined && access !== machine.log.subscriptions.topic?.access)
      this.#oracle.fail("answered", `the access of ${machine.name} should be ${access}`);
    for (const id of ids) {
      const broken = this.#broken(machine, id);
      if (broken) this.#oracle.fail("answered", `${id} in ${machine.name}: ${broken}`);
    }
  }

  #broken({ log, name }: LogMachine, id: string): string | null {
    const known = log.subscriptions.get(id);
    const isShared = this.of(id, "shared");
    if (isShared === undefined) return null;
    if (known === undefined || known.removed) return isShared ? "it is not known, and should be" : null;
    if (!isShared) return "it is known, and should not be";
    const active = this.of(id, "active");
    if (active !== undefined && active !== known.config.active) return `active should be ${active}`;
    const filter = this.of(id, "filter");
    if (filter !== undefined && filter !== known.config.filter) return `the filter should be ${filter}`;
    return this.#brokenConsent(id, name);
  }

  #brokenConsent(id: string, log: string): string | null {
    const { consents } = this.#oracle.of(id, log);
    for (const [name, { value }] of this.#kept) {
      const [subscription, field, owner = ""] = name.split(" ");
      if (subscription !== id || field !== "consent" || value === undefined) continue;
      const untilMs = consents.get(owner)?.expiresMs ?? 0;
      const isGiven = value !== null && Number(value) > this.#time.nowMs;
      if (isGiven !== untilMs > this.#time.nowMs) return `the consent of ${owner} should be ${isGiven}`;
    }
    return null;
  }

  #withdrawn(id: string, owner: string): void {
    for (const w of this.#oracle.watched) if (w.id === id) w.revoked.add(owner);
  }
}
