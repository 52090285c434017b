import { z } from "zod";
import { HEALTH_STEPS, HealthSpan, type SubscriptionHealth } from "../../domain/subscription-health.ts";
import { ok } from "../../kernel/result.ts";
import { forEachBounded } from "../bounded.ts";
import { read } from "../call/call.ts";
import { aSubscription } from "../call/named-things.ts";
import { toTime } from "../fields.ts";
import { LOG_SILENT } from "../problem.ts";
import { LatencyView, listOwingLogs, percentiles } from "./subscription-view.ts";

const BucketView = z.object({
  /** When it begins; the last one is the one of now. */
  at: z.string(),
  attempts: z.number(),
  failures: z.number(),
  /** Of the newest attempts in it that delivered. */
  latencyMs: LatencyView.nullable(),
  /** About how many events were outstanding, as it was noted last by then: every five minutes, while attempts are made. */
  backlog: z.number().nullable(),
});

const HealthView = z.object({
  span: HealthSpan,
  bucketSeconds: z.number(),
  /** Oldest first, none left out. */
  buckets: z.array(BucketView),
  /** False where some of the older buckets say less than there was. */
  isComplete: z.boolean(),
});

type Step = { fromMs: number; bucketMs: number; buckets: number };

/** Buckets begin at multiples of their length, and so are the same ones whenever they are asked for. */
function stepsUpTo(nowMs: number, span: HealthSpan): Step {
  const { bucketSeconds, buckets } = HEALTH_STEPS[span];
  const bucketMs = bucketSeconds * 1000;
  return { fromMs: (Math.floor(nowMs / bucketMs) - buckets + 1) * bucketMs, bucketMs, buckets };
}

export const readHealth = read({
  path: "/v1/subscriptions/{id}/health",
  tag: "Subscriptions",
  summary: "How a subscription did in the last hour, day or week, in steps of time for charts",
  action: "subscription.read",
  names: aSubscription,
  query: z.object({ span: HealthSpan.default("hour") }),
  answers: HealthView,
  handle: async ({ db, logs, nowMs, named: subscription, query: { span } }) => {
    const step = stepsUpTo(nowMs, span);
    const healths: SubscriptionHealth[] = [];
    let isSilent = false;
    await forEachBounded(await listOwingLogs(db, subscription), async (log) => {
      const answer = isSilent ? null : await logs.subscriptionHealth(log, { subscriptionId: subscription.id, ...step });
      if (answer?.ok === false) isSilent = true;
      else if (answer?.value) healths.push(answer.value);
    });
    if (isSilent) return LOG_SILENT;
    return ok({
      span,
      bucketSeconds: step.bucketMs / 1000,
      buckets: sumBuckets(healths, step),
      isComplete: healths.every(({ isComplete }) => isComplete),
    });
  },
});

function sumBuckets(healths: SubscriptionHealth[], { fromMs, bucketMs, buckets }: Step): z.infer<typeof BucketView>[] {
  // What a log has noted holds until it notes something else: logs look at different times.
  const backlogs: (number | null)[] = healths.map(() => null);
  return Array.from({ length: buckets }, (_, i) => {
    const parts = healths.flatMap((health) => health.buckets[i] ?? []);
    for (const [n, health] of healths.entries()) backlogs[n] = health.buckets[i]?.backlog ?? backlogs[n] ?? null;
    const known = backlogs.flatMap((backlog) => backlog ?? []);
    return {
      at: toTime(fromMs + i * bucketMs),
      attempts: parts.reduce((sum, { attempts }) => sum + attempts, 0),
      failures: parts.reduce((sum, { failures }) => sum + failures, 0),
      latencyMs: percentiles(parts.flatMap(({ latenciesMs }) => latenciesMs)),
      backlog: known.length > 0 ? known.reduce((sum, backlog) => sum + backlog, 0) : null,
    };
  });
}
