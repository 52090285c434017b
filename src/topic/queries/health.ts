import type { HealthQuery, SubscriptionHealth } from "../../domain/subscription-health.ts";
import type { LogState } from "../state/log-state.ts";
import { estimateBacklog } from "./backlog-estimate.ts";

/** How a subscription did, bucket by bucket; the last one says what is outstanding now. null: this log does not know it. */
export function measureHealth(log: LogState, query: HealthQuery): SubscriptionHealth | null {
  const s = log.subscriptions.get(query.subscriptionId);
  if (!s || s.removed) return null;
  const health = log.attempts.series(query);
  const last = health.buckets.at(-1);
  if (last) last.backlog = estimateBacklog(log, s);
  return health;
}
