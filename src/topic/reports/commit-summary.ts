import type { AppendOutcome } from "../../domain/append-outcome.ts";
import { traceIdOf } from "../../domain/trace-context.ts";
import { listCounts, listIds } from "../../kernel/log.ts";
import type { Append } from "../engine/append.ts";

/** What one group commit comes to. */
export type CommitSummary = {
  calls: number;
  events: number;
  accepted: number;
  invalid: number;
  bodyBytes: number;
  retries: number;
  /** Of what was not accepted, how many of each outcome: `rate_limited:3 topic_changed:1`. */
  refusals: string | undefined;
  /** The first of its events, by what their publishers call them. */
  requestIds: string | undefined;
  traceIds: string | undefined;
  lastEventId: string | undefined;
};

/** `outcomes`: one for each event of each call. */
export function summarizeCommit(appends: Append[], outcomes: AppendOutcome[][]): CommitSummary {
  const events = appends.flatMap((append) => append.events);
  const kinds = outcomes.flat().map(({ kind }) => kind);
  const accepted = events.filter((_, i) => kinds[i] === "accepted");
  return {
    calls: appends.length,
    events: events.length,
    accepted: accepted.length,
    invalid: accepted.filter(({ invalid }) => invalid !== undefined).length,
    bodyBytes: accepted.reduce((sum, { body }) => sum + body.byteLength, 0),
    retries: appends.filter(({ isRetry }) => isRetry).length,
    refusals: listCounts(kinds.filter((kind) => kind !== "accepted")),
    requestIds: listIds(events.map(({ requestId }) => requestId)),
    traceIds: listIds(events.map(({ traceparent }) => traceIdOf(traceparent))),
    lastEventId: events.at(-1)?.id,
  };
}
