import { GATE_ASK_FRACTION, GATE_ASK_MS_MAX, GATE_ASK_MS_MIN, WAKE_COVER_MS } from "../../kernel/limits.ts";
import type { LogPlatform } from "../store/platform.ts";
import type { Subscription } from "../store/subscription.ts";

/** When a log asks its predecessor next, and how far it has come with each subscription. In memory only: a restart begins anew. */
export class Gates {
  readonly #clock: LogPlatform["clock"];
  readonly #places = new Map<string, { version: number; after: string }>();
  #turn = 0;
  /** When something moved last. */
  #movedMs: number;
  #askMs: number;

  constructor(clock: LogPlatform["clock"]) {
    this.#clock = clock;
    this.#movedMs = clock.now();
    this.#askMs = this.#movedMs + GATE_ASK_MS_MIN;
  }

  get isDue(): boolean {
    return this.#askMs <= this.#clock.now();
  }

  /** For the alarm: when to ask, or to look whether the question that is due now was answered. */
  nextAskMs(): number {
    return this.isDue ? this.#clock.now() + WAKE_COVER_MS : this.#askMs;
  }

  /** Asks soon while things move, and ever less often while nothing does: whoever waits, waits a fraction longer than needed. */
  asked(hasMoved: boolean): void {
    const now = this.#clock.now();
    if (hasMoved) this.#movedMs = now;
    const delayMs = (now - this.#movedMs) * GATE_ASK_FRACTION;
    this.#askMs = now + Math.min(GATE_ASK_MS_MAX, Math.max(GATE_ASK_MS_MIN, delayMs));
  }

  /** Some of those that wait: the others first next time. */
  takeTurns<T>(waiting: T[], max: number): T[] {
    const from = waiting.length > max ? this.#turn % waiting.length : 0;
    this.#turn = from + max;
    return [...waiting.slice(from), ...waiting.slice(0, from)].slice(0, max);
  }

  placeOf({ config }: Subscription): string {
    const place = this.#places.get(config.id);
    return place?.version === config.version ? place.after : "";
  }

  /** A transaction was rolled back: what was heard in it is asked again. */
  rollBack(): void {
    this.#places.clear();
  }

  /** `after` empty: from the beginning, with the next question. */
  goOn({ config }: Subscription, after: string): void {
    if (after === "") this.#places.delete(config.id);
    else this.#places.set(config.id, { version: config.version, after });
  }
}
