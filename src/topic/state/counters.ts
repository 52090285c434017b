import type { AppendOutcome } from "../../domain/append-outcome.ts";
import type { AttemptReport } from "../../domain/delivery.ts";
import { LOG_COUNTS, type LogCount, type LogCounts } from "../../domain/log-metrics.ts";

const none = (): LogCounts => Object.fromEntries(LOG_COUNTS.map((name) => [name, 0])) as LogCounts;

/**
 * What this instance of a log has done. In memory only: to write a count down would cost as much as to write an event. Whoever
 * reads them sees by the start that they began anew.
 */
export class Counters {
  readonly startedMs: number;
  readonly outcomes: Partial<Record<AppendOutcome["kind"], number>> = {};
  #counts = none();
  #committed = this.#counts;

  constructor(startedMs: number) {
    this.startedMs = startedMs;
  }

  add(name: LogCount, count = 1): void {
    this.#counts[name] += count;
  }

  addOutcome(kind: AppendOutcome["kind"]): void {
    this.outcomes[kind] = (this.outcomes[kind] ?? 0) + 1;
  }

  addAttempts(attempts: AttemptReport[]): void {
    const delivered = attempts.filter((attempt) => attempt.delivered).length;
    this.add("delivered", delivered);
    this.add("failed", attempts.length - delivered);
    this.add(
      "attemptMs",
      attempts.reduce((sum, { ms }) => sum + ms, 0),
    );
  }

  /** All counts as they are now. */
  read(): LogCounts {
    return { ...this.#counts };
  }

  /** A transaction begins: what it counts can be taken back. */
  begin(): void {
    this.#committed = this.read();
  }

  rollBack(): void {
    this.#counts = this.#committed;
  }
}
