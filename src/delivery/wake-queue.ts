import { systemClock } from "../kernel/clock.ts";
import { newId } from "../kernel/ids.ts";
import { logLine } from "../kernel/log.ts";
import { topicLogs } from "../topic/client.ts";
import type { ConsumerDeps } from "./consumer.ts";
import { prepareLease } from "./relay-attempts.ts";

/** What a consumer works with in the Worker: the logs, real attempts. What it has to tell the control plane is the caller's. */
export function consumerDeps(
  env: Env,
  ctx: ExecutionContext,
  queue: string,
  { disableSubscription, collectNotices }: Pick<ConsumerDeps, "disableSubscription" | "collectNotices">,
): ConsumerDeps {
  return {
    settleAndLease: topicLogs(env.TOPIC_LOG).settleAndLease,
    prepareLease: (lease) => prepareLease(env, lease),
    disableSubscription,
    collectNotices,
    now: systemClock.now,
    sleep: (ms) => scheduler.wait(ms),
    newNonce: newId,
    report: ({ what, ...line }) => logLine(what, { queue, ...line }),
    waitUntil: (work) => ctx.waitUntil(work),
  };
}
