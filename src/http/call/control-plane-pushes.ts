import type { TopicConfig } from "../../domain/topic.ts";
import { logLine } from "../../kernel/log.ts";
import {
  type ConsentPayload,
  loadConsentPayload,
  loadSubscriptionPayload,
  type SubscriptionPayload,
} from "../../registry/push-payloads.ts";
import { dropPushes, listOldestPushes, listPushesOf, markPushesTried, type Push } from "../../registry/pushes.ts";
import { loadTopicConfig } from "../../registry/topic-config.ts";
import type { LogControls } from "../../topic/client.ts";
import { forEachBounded } from "../bounded.ts";

/** How many logs one request tells of its change; cron tells the rest. A Worker may make 1,000 subrequests. */
const PUSHES_PER_REQUEST_MAX = 500;
const PUSHES_PER_SWEEP_MAX = 500;

/** A subscription that was deleted never comes back: no version is higher. */
const DELETED_VERSION = Number.MAX_SAFE_INTEGER;

/** No publisher's isolate believes anything as new as that: each looks again, and finds that the API is gone. Its events are forgotten. */
const DELETED_TOPIC: TopicConfig = {
  version: DELETED_VERSION,
  access: "consent",
  organizationId: "",
  retentionDays: 0,
  maxUndeliveredDays: 0,
  isAddressed: false,
};

/** A log learns of a subscription before it learns of its consents. */
const PHASES: Push["kind"][][] = [["topic", "subscription"], ["consent"]];

export type PushDeps = { db: D1Database; logs: LogControls; nowMs: number };

/**
 * Tells the logs what a change, and earlier ones of the same subject, wrote to the outbox. `settled` is false where a log
 * did not take it: cron goes on.
 */
export async function pushChange(deps: PushDeps, generation: string): Promise<{ sent: number; settled: boolean }> {
  const pushes = await listPushesOf(deps.db, generation, PUSHES_PER_REQUEST_MAX + 1);
  const { sent, unsent } = await sendPushes(deps, pushes.slice(0, PUSHES_PER_REQUEST_MAX));
  return { sent, settled: unsent === 0 && pushes.length <= PUSHES_PER_REQUEST_MAX };
}

/** For cron: tells the logs what no request could tell them. */
export async function resendPushes(deps: PushDeps): Promise<{ sent: number; unsent: number }> {
  return sendPushes(deps, await listOldestPushes(deps.db, PUSHES_PER_SWEEP_MAX));
}

async function sendPushes(deps: PushDeps, pushes: Push[]): Promise<{ sent: number; unsent: number }> {
  const taken: Push[] = [];
  const refused: Push[] = [];
  for (const kinds of PHASES) {
    const phase = pushes.filter((push) => kinds.includes(push.kind));
    // Several changes of one thing are one message: it says what is so now.
    const messages = Map.groupBy(phase, ({ kind, entityId, log }) => `${kind} ${entityId} ${log}`);
    const send = memoizedSender(deps);
    await forEachBounded([...messages.values()], async (same) => {
      const [push] = same;
      const isTaken = push !== undefined && (await sendOrLog(send, push));
      (isTaken ? taken : refused).push(...same);
    });
  }
  await dropPushes(deps.db, taken);
  await markPushesTried(deps.db, refused, deps.nowMs);
  return { sent: taken.length, unsent: refused.length };
}

/** True where the log has taken it. */
type Send = (push: Push) => Promise<boolean>;

/** One that cannot even be read must not keep the others from being sent. */
async function sendOrLog(send: Send, push: Push): Promise<boolean> {
  try {
    return await send(push);
  } catch (error) {
    logLine("push_failed", { ...push, error: String(error) });
    return false;
  }
}

/** Reads each entity once, whatever number of logs it goes to; after the outbox row, so that what it reads is at least as new. */
function memoizedSender({ db, logs }: PushDeps): Send {
  const topics = memoize((id) => loadTopicConfig(db, id));
  const subscriptions = memoize((id) => loadSubscriptionPayload(db, id));
  const consents = memoize((id) => loadConsentPayload(db, id));
  return async ({ log, kind, entityId }) => {
    switch (kind) {
      case "topic":
        return (await logs.putTopic(log, (await topics(entityId)) ?? DELETED_TOPIC)).ok;
      case "subscription":
        return sendSubscription(logs, log, entityId, await subscriptions(entityId));
      case "consent":
        return sendConsent(logs, log, await consents(entityId));
    }
  };
}

async function sendSubscription(
  logs: LogControls,
  log: string,
  subscriptionId: string,
  payload: SubscriptionPayload | null,
): Promise<boolean> {
  if (!payload) return (await logs.removeSubscription(log, subscriptionId, DELETED_VERSION)).ok;
  const { topic, subscription, start } = payload;
  if (!payload.logs.has(log)) return (await logs.removeSubscription(log, subscriptionId, subscription.version)).ok;
  return (await logs.putSubscription(log, topic, subscription, start)).ok;
}

/** A grant waits for its subscription; where there is none, nothing has to be withdrawn. */
async function sendConsent(logs: LogControls, log: string, payload: ConsentPayload | null): Promise<boolean> {
  const consent = payload?.(log);
  if (!consent) return true;
  const isKnown = await logs.putConsent(log, consent);
  return isKnown.ok && (isKnown.value || !consent.granted);
}

function memoize<T>(load: (id: string) => Promise<T>): (id: string) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (id) => {
    const value = known.get(id) ?? load(id);
    known.set(id, value);
    return value;
  };
}
