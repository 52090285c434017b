import type { AppendOutcome } from "../../domain/append-outcome.ts";
import type { LeaseCall } from "../../domain/delivery.ts";
import type { PullSettle, PullSettled } from "../../domain/pull.ts";
import { logLine } from "../../kernel/log.ts";
import type { Append } from "../engine/append.ts";
import type { LogState } from "../state/log-state.ts";
import { summarizeCommit } from "./commit-summary.ts";
import { appendPoint, type DataPoints, type PointOwner, pulledPoint, settlePoint } from "./data-points.ts";

/** Tells of each call that changes a log what came of it: in its counters, in a line, in a data point. */
export class Reporter {
  readonly #logName: string;
  readonly #points: DataPoints;

  constructor(logName: string, points: DataPoints) {
    this.#logName = logName;
    this.#points = points;
  }

  /** Runs a group commit; one line and one point for all that is in it, since one for each publish would cost as much as a publish. */
  commit(log: LogState, appends: Append[], append: () => AppendOutcome[][]): AppendOutcome[][] {
    const outcomes = append();
    const summary = summarizeCommit(appends, outcomes);
    const { calls, retries, invalid, bodyBytes } = summary;
    for (const { kind } of outcomes.flat()) log.counters.addOutcome(kind);
    log.counters.add("batches");
    log.counters.add("appendCalls", calls);
    log.counters.add("appendRetries", retries);
    log.counters.add("invalid", invalid);
    log.counters.add("bodyBytes", bodyBytes);
    logLine("append", { log: this.#logName, ...summary, lastSeq: log.events.lastSeq });
    this.#write(appendPoint(this.#owner(log), summary));
    return outcomes;
  }

  /** Runs a settle-and-lease call; one point where it has settled a lease for the first time. Its consumer writes the line. */
  settle<T>(log: LogState, { subscription, settles }: LeaseCall, settleAndLease: () => T): T {
    const before = log.counters.read();
    const answer = settleAndLease();
    const after = log.counters.read();
    const isNew = after.settles + after.lateSettles > before.settles + before.lateSettles;
    if (settles && isNew) {
      const dead = after.dead - before.dead;
      this.#write(settlePoint(this.#owner(log), subscription, settles, dead));
    }
    return answer;
  }

  /** Runs a settle of a consumer that comes by itself; one line, and one point where it has ended an attempt. */
  settlePulled(log: LogState, { subscription, outcomes }: PullSettle, settle: () => PullSettled): PullSettled {
    const before = log.counters.read();
    const answer = settle();
    const after = log.counters.read();
    const ended = {
      delivered: after.delivered - before.delivered,
      failed: after.failed - before.failed,
      dead: after.dead - before.dead,
    };
    const unknown = answer.unknown.length;
    logLine("pulled", { log: this.#logName, subscription, outcomes: outcomes.length, ...ended, unknown });
    if (ended.delivered + ended.failed > 0) this.#write(pulledPoint(this.#owner(log), subscription, ended));
    return answer;
  }

  /** Nothing that is only told of the work may get in its way. */
  #write(point: AnalyticsEngineDataPoint): void {
    try {
      this.#points.writeDataPoint(point);
    } catch (error) {
      logLine("data_point_not_written", { log: this.#logName, error: String(error) });
    }
  }

  #owner({ subscriptions }: LogState): PointOwner {
    return { log: this.#logName, organizationId: subscriptions.topic?.organizationId ?? "" };
  }
}
