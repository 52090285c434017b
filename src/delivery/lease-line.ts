import type { AttemptReport, KeyReport, Lease, Wake } from "../domain/delivery.ts";
import { traceIdOf } from "../domain/trace-context.ts";
import { listCounts, listIds } from "../kernel/log.ts";

/** What one lease came to, for its log line. */
export type LeaseLine = {
  what: "lease";
  log: string;
  subscription: string;
  slot: number;
  lease: number;
  keys: number;
  events: number;
  delivered: number;
  failed: number;
  untried: number;
  /** How many failed of what: `503:2 timeout:1`. */
  failures: string | undefined;
  /** Why the rest was not tried, or nothing more is leased. */
  stop: string | null;
  /** Those of failed events come first. */
  traceIds: string | undefined;
  slowestMs: number;
  ms: number;
};

/** `run`: why it has stopped, and how long it took. */
export function describeLease(
  { log, subscription, slot }: Wake,
  lease: Lease,
  reports: KeyReport[],
  run: { stop: string | null; ms: number },
): LeaseLine {
  const events = lease.items.flatMap((item) => item.events);
  const attempts = reports.flatMap((report) => report.attempts);
  const failures = attempts.filter(({ delivered }) => !delivered);
  const failed = new Set(failures.map(({ seq }) => seq));
  const byUrgency = [...events].sort((a, b) => Number(failed.has(b.seq)) - Number(failed.has(a.seq)));
  return {
    ...{ what: "lease", log, subscription, slot, lease: lease.id, keys: lease.items.length, events: events.length },
    delivered: attempts.length - failures.length,
    failed: failures.length,
    untried: events.length - attempts.length,
    failures: listCounts(failures.map(nameFailure)),
    stop: run.stop,
    traceIds: listIds(byUrgency.map(({ traceparent }) => traceIdOf(traceparent))),
    slowestMs: attempts.reduce((most, { ms }) => Math.max(most, ms), 0),
    ms: run.ms,
  };
}

const nameFailure = ({ error, status }: AttemptReport): string => (error === "status" ? String(status) : (error ?? ""));
