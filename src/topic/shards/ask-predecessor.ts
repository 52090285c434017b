import { GATE_ASKS_MAX, GATE_LANES_MAX, GATE_QUESTIONS_MAX } from "../../kernel/limits.ts";
import { lookAfter } from "../engine/controls.ts";
import { keepCandidate } from "../engine/take.ts";
import {
  headOf,
  type LogState,
  laneOwner,
  newSearchBudget,
  nextOpen,
  type SearchBudget,
  waitsForPredecessor,
} from "../state/log-state.ts";
import { transact } from "../state/open-log.ts";
import { isHeldLane, type Lane } from "../store/lane-store.ts";
import { cursorOf, type Subscription } from "../store/subscription.ts";
import type { MovedKeys, MovedKeysAsk, Predecessor } from "./predecessor.ts";

/**
 * Asks the predecessor, where it is time to, what it still has of the keys that this log took over. A subscription's gate opens
 * once it has nothing fresh of them; keys with something outstanding there are held here until they have not.
 */
export async function askPredecessor(log: LogState, predecessor: Predecessor): Promise<void> {
  if (!log.gates.isDue) return;
  const waiting = [...log.subscriptions.all()].filter((s) => waitsForPredecessor(log, s));
  const asked = log.gates.takeTurns(waiting, GATE_ASKS_MAX * GATE_QUESTIONS_MAX);
  let hasMoved = false;
  for (let from = 0; from < asked.length; from += GATE_ASKS_MAX) {
    const moved = await ask(log, predecessor, asked.slice(from, from + GATE_ASKS_MAX));
    hasMoved ||= moved;
  }
  log.gates.asked(hasMoved);
  if (asked.length > 0) log.alarm.by(log.gates.nextAskMs());
}

/** True where something has moved. */
async function ask(log: LogState, predecessor: Predecessor, waiting: Subscription[]): Promise<boolean> {
  const asks = waiting.map((s) => ({
    ...{ subscriptionId: s.config.id, version: s.config.version, after: log.gates.placeOf(s) },
  }));
  const answers = await predecessor.listMovedKeys(log.succession.shard, asks);
  return transact(log, () => {
    const budget = newSearchBudget();
    const moved = asks.map((one, i) => hear(log, one, answers[i] ?? { kind: "wait" }, budget));
    return moved.includes(true);
  });
}

function hear(
  log: LogState,
  { subscriptionId, version, after }: MovedKeysAsk,
  answer: MovedKeys,
  budget: SearchBudget,
): boolean {
  const s = log.subscriptions.get(subscriptionId);
  // What has changed meanwhile is asked about anew.
  if (!s || s.config.version !== version || !waitsForPredecessor(log, s)) return false;
  if (answer.kind === "wait") {
    log.gates.goOn(s, "");
    return false;
  }
  const { lanes, upTo } = lanesWithin(log, s, after, answer.upTo);
  const outstanding = new Set(answer.keys.filter((key) => upTo === null || key <= upTo));
  if (s.gated) for (const key of outstanding) log.lanes.hold(laneOwner(s), key, cursorOf(s) + 1);
  const over = lanes.filter((lane) => isHeldLane(lane) && !outstanding.has(lane.key));
  for (const lane of over) release(log, s, lane, budget);
  const opens = s.gated && upTo === null;
  if (opens) {
    s.gated = false;
    log.subscriptions.save(s);
  }
  log.gates.goOn(s, upTo ?? "");
  if (opens || over.length > 0) lookAfter(log, s);
  return opens || over.length > 0 || upTo !== null;
}

/** The lanes here that an answer is about, or the first so many of them. */
function lanesWithin(
  log: LogState,
  s: Subscription,
  after: string,
  upTo: string | null,
): { lanes: Lane[]; upTo: string | null } {
  const lanes = log.lanes
    .listAfter(laneOwner(s), after, GATE_LANES_MAX)
    .filter(({ key }) => upTo === null || key <= upTo);
  return { lanes, upTo: lanes.length === GATE_LANES_MAX ? (lanes.at(-1)?.key ?? null) : upTo };
}

/** The key is this log's alone from now on. */
function release(log: LogState, s: Subscription, { key, headSeq }: Lane, budget: SearchBudget): void {
  const next = nextOpen(log, s, key, headSeq - 1, budget);
  if (next.kind === "none") log.lanes.delete(laneOwner(s), key);
  else keepCandidate(log, s, { key, headSeq: headOf(next), attempt: 0 });
}
