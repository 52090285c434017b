import { ALARM_LOST_MS } from "../../kernel/limits.ts";
import type { LogPlatform } from "../store/platform.ts";

type AlarmPlatform = Pick<LogPlatform, "clock" | "alarmAtMs" | "setAlarm" | "deleteAlarm">;

/** The log's one alarm. Others only ever move it earlier; when it fires, it is set again before anything else. */
export class AlarmClock {
  readonly #platform: AlarmPlatform;
  #atMs: number | null;
  #committedMs: number | null;

  constructor(platform: AlarmPlatform) {
    this.#platform = platform;
    this.#atMs = platform.alarmAtMs;
    this.#committedMs = this.#atMs;
  }

  begin(): void {
    this.#committedMs = this.#atMs;
  }

  /** An alarm that a transaction sets is rolled back with it. */
  rollBack(): void {
    this.#atMs = this.#committedMs;
  }

  /** The alarm goes off at this time at the latest. One that is so late that the platform has lost it is set again. */
  by(atMs: number): void {
    if (atMs === Number.POSITIVE_INFINITY) return;
    if (this.#atMs === null || this.#soonest(atMs) < this.#atMs) this.#set(atMs);
    else if (this.#atMs + ALARM_LOST_MS < this.#platform.clock.now()) this.#set(this.#atMs);
  }

  /** Called first when it goes off: sets the next one, so that a crash of the handler can't leave the log without. */
  rearm(atMs: number): void {
    this.#atMs = null;
    this.by(atMs);
  }

  /** Called last by who has looked at all work: the exact next time, or none (Infinity). */
  replace(atMs: number): void {
    if (atMs < Number.POSITIVE_INFINITY) {
      if (this.#atMs !== this.#soonest(atMs)) this.#set(atMs);
      return;
    }
    if (this.#atMs !== null) this.#platform.deleteAlarm();
    this.#atMs = null;
  }

  #set(atMs: number): void {
    this.#atMs = this.#soonest(atMs);
    this.#platform.setAlarm(this.#atMs);
  }

  /**
   * A whole millisecond that is still to come. The platform cuts fractions off, and it loses an alarm that a run sets for the
   * very millisecond that this run was set for.
   */
  #soonest(atMs: number): number {
    return Math.max(Math.ceil(atMs), this.#platform.clock.now() + 1);
  }
}
