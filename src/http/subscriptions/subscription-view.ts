import { z } from "zod";
import { RetryPolicy } from "../../domain/retry-schedule.ts";
import type { SubscriptionStatus as LogStatus } from "../../domain/subscription.ts";
import { DeliveryFormat, RateLimit, SignatureScheme } from "../../domain/subscription.ts";
import { type Subscription, SubscriptionStatus, Verification } from "../../registry/subscriptions.ts";
import { listSubscriptionLogs } from "../../registry/topic-logs.ts";
import type { LogControls } from "../../topic/client.ts";
import { forEachBounded } from "../bounded.ts";
import { EventPath, toTime, toTimeOrNull } from "../fields.ts";
import { Filter } from "./subscription-filter.ts";

/** What the subscriber sees. */
export const SubscriptionView = z.object({
  id: z.string(),
  appId: z.string(),
  apiId: z.string(),
  apiTitle: z.string(),
  /** False: the API is hidden from the subscriber, and delivers nothing until it is shared again. */
  apiVisible: z.boolean(),
  status: SubscriptionStatus,
  channels: z.array(z.string()).nullable(),
  endpoint: z.string().nullable(),
  format: DeliveryFormat,
  eventPath: EventPath,
  structured: z.boolean(),
  signature: SignatureScheme.nullable(),
  verification: Verification,
  /** What the endpoint allowed when it was asked: requests a minute. */
  allowedRate: z.number().nullable(),
  verifiedAt: z.string().nullable(),
  /** Why the endpoint has not agreed, when it was asked last. */
  verificationError: z.string().nullable(),
  rateLimit: RateLimit.nullable(),
  retry: RetryPolicy,
  start: z.string(),
  timeoutSeconds: z.number(),
  headers: z.record(z.string(), z.string()),
  filter: Filter.nullable(),
  description: z.string().nullable(),
  metadata: z.record(z.string(), z.string()),
  createdAt: z.string(),
  updatedAt: z.string(),
});

export const showSubscription = (subscription: Subscription): z.infer<typeof SubscriptionView> => ({
  id: subscription.id,
  appId: subscription.appId,
  apiId: subscription.apiId,
  apiTitle: subscription.apiTitle,
  apiVisible: subscription.apiVisible,
  status: subscription.status,
  channels: subscription.channels,
  endpoint: subscription.endpoint,
  format: subscription.format,
  eventPath: subscription.eventPath,
  structured: subscription.structured,
  signature: subscription.signature,
  verification: subscription.verification,
  allowedRate: subscription.allowedRate,
  verifiedAt: toTimeOrNull(subscription.verifiedMs),
  verificationError: subscription.verificationError,
  rateLimit: subscription.rateLimit,
  retry: subscription.retry,
  start: typeof subscription.start === "string" ? subscription.start : toTime(subscription.start.atMs),
  timeoutSeconds: subscription.timeoutSeconds,
  headers: subscription.headers,
  filter: subscription.filter === null ? null : JSON.parse(subscription.filter),
  description: subscription.description,
  metadata: subscription.metadata,
  createdAt: toTime(subscription.createdMs),
  updatedAt: toTime(subscription.updatedMs),
});

/** What the publisher sees of who subscribes: where it is delivered to is the subscriber's own business. */
export const SubscriberView = z.object({
  id: z.string(),
  apiId: z.string(),
  app: z.object({ id: z.string(), name: z.string() }),
  organizationId: z.string(),
  status: SubscriptionStatus,
  channels: z.array(z.string()).nullable(),
  description: z.string().nullable(),
  createdAt: z.string(),
  updatedAt: z.string(),
});

export const showSubscriber = (subscription: Subscription): z.infer<typeof SubscriberView> => ({
  id: subscription.id,
  apiId: subscription.apiId,
  app: { id: subscription.appId, name: subscription.appName },
  organizationId: subscription.organizationId,
  status: subscription.status,
  channels: subscription.channels,
  description: subscription.description,
  createdAt: toTime(subscription.createdMs),
  updatedAt: toTime(subscription.updatedMs),
});

/** Summed over channels and shards. All null where a log does not answer: half a sum would be a wrong one. */
export const ProgressView = z.object({
  /** Everything accepted and not done; at least so many where `backlogIsExact` is false. */
  backlog: z.number().nullable(),
  backlogIsExact: z.boolean().nullable(),
  oldestUndeliveredAt: z.string().nullable(),
  blockedKeys: z.number().nullable(),
  dead: z.number().nullable(),
  /** Of the last hour's attempts; null where there were none. */
  successRate: z.number().nullable(),
  lastError: z.object({ at: z.string(), status: z.number(), error: z.string() }).nullable(),
});

const UNKNOWN: z.infer<typeof ProgressView> = {
  backlog: null,
  backlogIsExact: null,
  oldestUndeliveredAt: null,
  blockedKeys: null,
  dead: null,
  successRate: null,
  lastError: null,
};

/** Asks every log of a subscription how far it is. */
export async function readProgress(
  deps: { db: D1Database; logs: LogControls },
  subscription: Subscription,
): Promise<z.infer<typeof ProgressView>> {
  const names = subscription.activatedMs === null ? [] : await listSubscriptionLogs(deps.db, subscription.id);
  const statuses: LogStatus[] = [];
  let silent = 0;
  await forEachBounded(names, async (name) => {
    const status = await deps.logs.subscriptionStatus(name, subscription.id);
    if (!status.ok) silent++;
    else if (status.value) statuses.push(status.value);
  });
  return silent > 0 ? UNKNOWN : sumUp(statuses);
}

function sumUp(statuses: LogStatus[]): z.infer<typeof ProgressView> {
  const sum = (of: (status: LogStatus) => number): number => statuses.reduce((total, status) => total + of(status), 0);
  const oldest = statuses.flatMap((status) => status.oldestUndeliveredMs ?? []);
  const errors = statuses.flatMap((status) => status.lastError ?? []);
  const attempts = sum((status) => status.attempts);
  const last = errors.sort((a, b) => b.atMs - a.atMs)[0];
  return {
    backlog: sum((status) => status.backlog),
    backlogIsExact: statuses.every((status) => status.backlogIsExact),
    oldestUndeliveredAt: toTimeOrNull(oldest.length > 0 ? Math.min(...oldest) : null),
    blockedKeys: sum((status) => status.blockedKeys),
    dead: sum((status) => status.dead),
    successRate: attempts === 0 ? null : 1 - sum((status) => status.failures) / attempts,
    lastError: last ? { at: toTime(last.atMs), status: last.status, error: last.error } : null,
  };
}
