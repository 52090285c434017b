import { BACKLOG_SAMPLE_MS } from "../../kernel/limits.ts";
import { isDrained } from "../queries/backlog.ts";
import { estimateBacklog } from "../queries/backlog-estimate.ts";
import type { LogState } from "../state/log-state.ts";
import type { Subscription } from "../store/subscription.ts";

/**
 * Notes with the attempts that were just settled how much is outstanding behind them, for charts: with the first ones of every five
 * minutes, since most settles must cost no more than their row. What was noted in the middle of a burst is corrected at its end,
 * or it would seem to wait until the next one.
 */
export function sampleBacklog(log: LogState, s: Subscription): void {
  const now = log.platform.clock.now();
  const last = log.attempts.lastBacklog(s.id);
  if (last === null || last.backlog === null || spanOf(last.notedMs) !== spanOf(now)) {
    log.attempts.noteBacklog(s.id, estimateBacklog(log, s), now);
  } else if (last.backlog > 0 && isDrained(log, s)) {
    log.attempts.noteBacklog(s.id, 0, now);
  }
}

/** By the clock: a restart, which forgets when that was, must not begin anew. */
const spanOf = (atMs: number): number => Math.floor(atMs / BACKLOG_SAMPLE_MS);
