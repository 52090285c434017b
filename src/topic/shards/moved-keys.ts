import { isTakenOver } from "../../domain/topic.ts";
import { GATE_LANES_MAX, INHERITED_CONSENTS_MAX, INHERITED_SUBSCRIPTIONS_MAX } from "../../kernel/limits.ts";
import { hasFresh, type LogState, laneOwner } from "../state/log-state.ts";
import { transact } from "../state/open-log.ts";
import type { KnownAnswer } from "../store/idempotency-store.ts";
import { readLaneKey } from "../store/lane-store.ts";
import { cursorOf, hasPullers, type Subscription } from "../store/subscription.ts";
import type { InheritedSubscription, MovedKeys, MovedKeysAsk, SubscriptionPage } from "./predecessor.ts";

/** From now on, events whose key a later shard has taken over are refused here. */
export function sealFor(log: LogState, shard: number): void {
  transact(log, () => {
    log.succession.seal(shard, log.events.lastSeq);
    log.listeners.expectNews();
  });
}

/** What a shard that takes keys over has to know of subscriptions, removed ones too: a late push must not bring one back. */
export function listSubscriptions({ subscriptions }: LogState, after: string): SubscriptionPage {
  const rest = [...subscriptions.all()]
    .filter(({ config }) => config.id > after)
    .sort((a, b) => (a.config.id < b.config.id ? -1 : 1));
  const page: SubscriptionPage = { topic: subscriptions.topic, subscriptions: [], next: null };
  let consents = 0;
  for (const s of rest) {
    if (page.subscriptions.length === INHERITED_SUBSCRIPTIONS_MAX || consents >= INHERITED_CONSENTS_MAX) {
      page.next = page.subscriptions.at(-1)?.config.id ?? null;
      break;
    }
    page.subscriptions.push({
      config: s.config,
      removed: s.removed,
      consents: consentsOf(s),
      hasPullers: hasPullers(s),
    });
    consents += s.consents.size;
  }
  return page;
}

const consentsOf = (s: Subscription): InheritedSubscription["consents"] =>
  [...s.consents].map(([dataOwnerId, { version, granted, expiresMs }]) => ({
    ...{ subscriptionId: s.config.id, dataOwnerId, version, granted, expiresMs },
  }));

/** Which keys that a shard has taken over have something outstanding here. */
export const listMovedKeys = (log: LogState, shard: number, asks: MovedKeysAsk[]): MovedKeys[] =>
  transact(log, () => asks.map((ask) => movedKeys(log, shard, ask)));

function movedKeys(log: LogState, shard: number, { subscriptionId, version, after }: MovedKeysAsk): MovedKeys {
  const s = log.subscriptions.get(subscriptionId);
  const sealSeq = log.succession.sealSeqOf(shard);
  // What the asker knows and this log has not heard yet may be a replay.
  if (!s || sealSeq === null || s.config.version < version) return { kind: "wait" };
  if (s.removed) return { kind: "keys", keys: [], upTo: null };
  const isBehind = hasFresh(s) && Math.max(cursorOf(s) + 1, s.firstFreshSeq) <= sealSeq;
  if (s.gated || isBehind) return { kind: "wait" };
  if (!passOver(log, s, sealSeq)) return { kind: "wait" };
  const lanes = log.lanes.listBetween(laneOwner(s), after, null, GATE_LANES_MAX);
  const upTo = lanes.length === GATE_LANES_MAX ? (lanes.at(-1)?.key ?? null) : null;
  const leased = s.slots.flatMap(({ lease }) => lease?.items.map(({ key }) => key) ?? []);
  const keys = new Set([...lanes.map(({ key }) => key), ...leased]);
  return { kind: "keys", keys: [...keys].filter((key) => isMovedLane(key, shard)), upTo };
}

/**
 * Nothing up to the seal matches: the cursor goes there, or a change of the filter or of the API's access would have it looked at
 * again, after its successor's events. False: not yet.
 */
function passOver({ subscriptions }: LogState, s: Subscription, sealSeq: number): boolean {
  if (cursorOf(s) >= sealSeq) return true;
  const slot = s.slots.find(({ lease, epoch }) => lease === null || epoch === s.epoch);
  if (!slot) return false;
  slot.epoch = s.epoch;
  slot.highSeq = sealSeq;
  subscriptions.saveSlot(s, slot);
  return true;
}

function isMovedLane(laneKey: string, shard: number): boolean {
  const lane = readLaneKey(laneKey);
  return "key" in lane && isTakenOver(lane.key, shard);
}

/** What was answered here under idempotency keys, within the time that they hold. */
export function findFirstAnswers({ idempotency, platform }: LogState, keys: string[]): KnownAnswer[] {
  const now = platform.clock.now();
  return keys.flatMap((key) => idempotency.find(key, now) ?? []);
}
