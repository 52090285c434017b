import type { LogPlatform } from "../store/platform.ts";

/** The log's one alarm. Others only ever move it earlier; when it fires, it is set again before anything else. */
export class AlarmClock {
  readonly #platform: LogPlatform;
  #atMs: number | null;
  #committedMs: number | null;

  constructor(platform: LogPlatform) {
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

  /** The alarm goes off at this time at the latest. */
  by(atMs: number): void {
    if (atMs === Number.POSITIVE_INFINITY) return;
    if (this.#atMs !== null && this.#atMs <= atMs) return;
    this.#atMs = atMs;
    this.#platform.setAlarm(atMs);
  }

  /** Called first when it goes off: sets the next one, so that a crash of the handler can't leave the log without. */
  rearm(atMs: number): void {
    this.#atMs = null;
    this.by(atMs);
  }

  /** Called last by who has looked at all work: the exact next time, or none (Infinity). */
  replace(atMs: number): void {
    if (this.#atMs === atMs) return;
    if (atMs === Number.POSITIVE_INFINITY) {
      if (this.#atMs !== null) this.#platform.deleteAlarm();
      this.#atMs = null;
      return;
    }
    this.#atMs = atMs;
    this.#platform.setAlarm(atMs);
  }
}
