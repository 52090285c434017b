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
  const turn = log.gates.takeTurns(waiting, GATE_ASKS_MAX * GATE_QUESTIONS_MAX);
  let hasMoved = false;
  // Whoever has more lanes than one answer tells of is asked about again at once, behind the others.
  for (let questions = 0; turn.length > 0 && questions < GATE_QUESTIONS_MAX; questions++) {
    const asked = turn.splice(0, GATE_ASKS_MAX);
    const heard = await ask(log, predecessor, asked);
    hasMoved ||= heard.some((one) => one.hasMoved);
    turn.push(...asked.filter((_, i) => heard[i]?.goesOn));
  }
  log.gates.asked(hasMoved);
  if (waiting.length > 0) log.alarm.by(log.gates.nextAskMs());
}

/** What an answer has changed. `goesOn`: there is more to hear about this subscription. */
type Heard = { hasMoved: boolean; goesOn: boolean };

const NOTHING: Heard = { hasMoved: false, goesOn: false };

async function ask(log: LogState, predecessor: Predecessor, waiting: Subscription[]): Promise<Heard[]> {
  const asks = waiting.map((s) => ({
    ...{ subscriptionId: s.config.id, version: s.config.version, after: log.gates.placeOf(s) },
  }));
  const answers = await predecessor.listMovedKeys(log.succession.shard, asks);
  return transact(log, () => {
    const budget = newSearchBudget();
    return asks.map((one, i) => hear(log, one, answers[i] ?? { kind: "wait" }, budget));
  });
}

function hear(
  log: LogState,
  { subscriptionId, version, after }: MovedKeysAsk,
  answer: MovedKeys,
  budget: SearchBudget,
): Heard {
  const s = log.subscriptions.get(subscriptionId);
  // What has changed meanwhile is asked about anew.
  if (!s || s.config.version !== version || !waitsForPredecessor(log, s)) return NOTHING;
  if (answer.kind === "wait") {
    log.gates.goOn(s, "");
    return NOTHING;
  }
  const { lanes, upTo } = lanesWithin(log, s, after, answer.upTo);
  const outstanding = new Set(answer.keys);
  const wasGated = s.gated;
  if (s.gated) for (const key of outstanding) log.lanes.hold(laneOwner(s), key, heldFrom(log, s, key));
  const over = lanes.filter((lane) => isHeldLane(lane) && !outstanding.has(lane.key));
  for (const lane of over) release(log, s, lane, budget);
  const opens = wasGated && upTo === null;
  if (opens) {
    s.gated = false;
    log.subscriptions.save(s);
  }
  log.gates.goOn(s, upTo ?? "");
  if (opens || over.length > 0) lookAfter(log, s);
  // That keys are held for the first time is a step; that they are held still is none, however many they are.
  return { hasMoved: wasGated || over.length > 0, goesOn: upTo !== null };
}

/** Nothing of the key was leased here so far: all that comes behind the cursor waits, and what waits already. */
const heldFrom = (log: LogState, s: Subscription, key: string): number =>
  log.lanes.get(laneOwner(s), key)?.headSeq ?? cursorOf(s) + 1;

/** The lanes here that an answer is about, or the first so many of them. */
function lanesWithin(
  log: LogState,
  s: Subscription,
  after: string,
  upTo: string | null,
): { lanes: Lane[]; upTo: string | null } {
  const lanes = log.lanes.listBetween(laneOwner(s), after, upTo, GATE_LANES_MAX);
  return { lanes, upTo: lanes.length === GATE_LANES_MAX ? (lanes.at(-1)?.key ?? null) : upTo };
}

/** The key is this log's alone from now on. */
function release(log: LogState, s: Subscription, { key, headSeq }: Lane, budget: SearchBudget): void {
  const next = nextOpen(log, s, key, headSeq - 1, budget);
  if (next.kind === "none") log.lanes.delete(laneOwner(s), key);
  else keepCandidate(log, s, { key, headSeq: headOf(next), attempt: 0 });
}
