import {
  BACKLOG_SAMPLE_BLOCKS_MAX,
  BACKLOG_SAMPLE_LANES_MAX,
  BACKLOG_SAMPLE_PLACES,
  BACKLOG_SAMPLE_ROWS_MAX,
  BACKLOG_SAMPLE_STEPS_MAX,
  STATUS_ROWS_MAX,
} from "../../kernel/limits.ts";
import { type LogState, laneOwner, type SearchBudget } from "../state/log-state.ts";
import { cursorOf, type Subscription } from "../store/subscription.ts";
import { countBehind, countFresh } from "./backlog.ts";
import { standings } from "./standing.ts";

/** About how many events are outstanding: with a short look, whose events stand for all the others. Little is counted exactly. */
export function estimateBacklog(log: LogState, s: Subscription): number {
  const budget = { blocks: BACKLOG_SAMPLE_BLOCKS_MAX, filterSteps: BACKLOG_SAMPLE_STEPS_MAX };
  const bounds = { rows: BACKLOG_SAMPLE_ROWS_MAX, lanes: BACKLOG_SAMPLE_LANES_MAX, budget };
  const behind = countBehind(log, s, bounds);
  const { seen, owed, unseen } = countFresh(log, s, bounds);
  const fresh = owed + (unseen * owed) / Math.max(1, seen);
  return Math.round(fresh + (behind.isExact ? behind.events : Math.max(behind.events, estimateBehind(log, s, budget))));
}

/** What is outstanding up to the cursor: each lane has an event, and more of them are found at places all over that stretch. */
function estimateBehind(log: LogState, s: Subscription, budget: SearchBudget): number {
  const { count, firstHead } = log.lanes.sketch(laneOwner(s), STATUS_ROWS_MAX);
  const span = cursorOf(s) - firstHead + 1;
  if (span <= 0) return count;
  const standingOf = standings(log, s);
  let outstanding = 0;
  for (let i = 0; i < BACKLOG_SAMPLE_PLACES; i++) {
    const row = log.events.row(firstHead + Math.floor(((i * GOLDEN) % 1) * span));
    if (row && OUTSTANDING.has(standingOf(row, budget).status)) outstanding++;
  }
  return Math.max(count, (outstanding / BACKLOG_SAMPLE_PLACES) * span);
}

/** Its multiples lie evenly between 0 and 1, and in step with nothing that repeats itself in a log. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

const OUTSTANDING: ReadonlySet<string> = new Set(["waiting", "failing", "blocked"]);
