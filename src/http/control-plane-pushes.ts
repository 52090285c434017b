import type { TopicConfig } from "../domain/topic.ts";
import { ok, type Result } from "../kernel/result.ts";
import {
  loadConsentPayload,
  loadSubscriptionPayload,
  loadTopicConfig,
  type SubscriptionPayload,
} from "../registry/push-payloads.ts";
import { dropPushes, listOldestPushes, listPushesOf, markPushesTried, type Push } from "../registry/pushes.ts";
import type { LogControls, LogUnavailable } from "../topic/client.ts";
import { forEachBounded } from "./bounded.ts";

/** How many logs one request tells of its change; cron tells the rest. A Worker may make 1,000 subrequests. */
const PUSHES_PER_REQUEST_MAX = 500;
const PUSHES_PER_SWEEP_MAX = 500;

/** A subscription that was deleted never comes back: no version is higher. */
const DELETED_VERSION = Number.MAX_SAFE_INTEGER;

/** No publisher's isolate believes anything as new as that: each looks again, and finds that the API is gone. */
const DELETED_TOPIC: TopicConfig = { version: DELETED_VERSION, access: "consent", organizationId: "" };

/** A log learns of a subscription before it learns of its consents. */
const PHASES: Push["kind"][][] = [["topic", "subscription"], ["consent"]];

export type PushDeps = { db: D1Database; logs: LogControls; nowMs: number };

/** Tells the logs what one change wrote to the outbox. `settled` is false where a log did not take it: cron goes on. */
export async function pushChange(deps: PushDeps, generation: string): Promise<{ settled: boolean }> {
  const pushes = await listPushesOf(deps.db, generation, PUSHES_PER_REQUEST_MAX + 1);
  const { unsent } = await sendPushes(deps, pushes.slice(0, PUSHES_PER_REQUEST_MAX));
  return { settled: unsent === 0 && pushes.length <= PUSHES_PER_REQUEST_MAX };
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
    const send = memoizedSender(deps);
    await forEachBounded(phase, async (push) => {
      const result = await send(push);
      (result.ok ? taken : refused).push(push);
    });
  }
  await dropPushes(deps.db, taken);
  await markPushesTried(deps.db, refused, deps.nowMs);
  return { sent: taken.length, unsent: refused.length };
}

type Sent = Result<null, LogUnavailable>;

/** Reads each entity once, whatever number of logs it goes to; after the outbox row, so that what it reads is at least as new. */
function memoizedSender({ db, logs }: PushDeps): (push: Push) => Promise<Sent> {
  const topics = memoize((id) => loadTopicConfig(db, id));
  const subscriptions = memoize((id) => loadSubscriptionPayload(db, id));
  const consents = memoize((id) => loadConsentPayload(db, id));
  return async ({ log, kind, entityId }) => {
    switch (kind) {
      case "topic":
        return logs.putTopic(log, (await topics(entityId)) ?? DELETED_TOPIC);
      case "subscription":
        return sendSubscription(logs, log, entityId, await subscriptions(entityId));
      case "consent": {
        const consent = await consents(entityId);
        return consent ? logs.putConsent(log, consent(log)) : ok(null);
      }
    }
  };
}

function sendSubscription(
  logs: LogControls,
  log: string,
  subscriptionId: string,
  payload: SubscriptionPayload | null,
): Promise<Sent> {
  if (!payload) return logs.removeSubscription(log, subscriptionId, DELETED_VERSION);
  const { topic, subscription, start } = payload;
  if (!payload.logs.has(log)) return logs.removeSubscription(log, subscriptionId, subscription.version);
  return logs.putSubscription(log, topic, subscription, start);
}

function memoize<T>(load: (id: string) => Promise<T>): (id: string) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (id) => {
    const value = known.get(id) ?? load(id);
    known.set(id, value);
    return value;
  };
}
