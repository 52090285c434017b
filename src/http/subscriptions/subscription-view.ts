import { z } from "zod";
import { RetryPolicy } from "../../domain/retry-schedule.ts";
import { DeliveryFormat, RateLimit, SignatureScheme } from "../../domain/subscription.ts";
import type { SubscriptionStatus as LogStatus } from "../../domain/subscription-status.ts";
import { BLOCKED_SHOWN_MAX } from "../../kernel/limits.ts";
import { isApproved, type Subscription, SubscriptionStatus, Verification } from "../../registry/subscriptions.ts";
import { listSubscriptionLogs } from "../../registry/topic-logs.ts";
import type { LogControls } from "../../topic/client.ts";
import { forEachBounded } from "../bounded.ts";
import { EventPath, toTime, toTimeOrNull } from "../fields.ts";
import { Filter } from "./subscription-filter.ts";

/** What the subscriber sees. */
export const SubscriptionView = z.object({
  id: z.string(),
  appId: z.string(),
  appName: z.string(),
  apiId: z.string(),
  apiTitle: z.string(),
  /** The organization whose API it is. */
  publisherName: z.string(),
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
  maxInFlight: z.number().nullable(),
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
  appName: subscription.appName,
  apiId: subscription.apiId,
  apiTitle: subscription.apiTitle,
  publisherName: subscription.apiOrganizationName,
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
  maxInFlight: subscription.maxInFlight,
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
  organizationName: z.string(),
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
  organizationName: subscription.organizationName,
  status: subscription.status,
  channels: subscription.channels,
  description: subscription.description,
  createdAt: toTime(subscription.createdMs),
  updatedAt: toTime(subscription.updatedMs),
});

const BlockedKeyView = z.object({
  partitionKey: z.string().nullable(),
  eventId: z.string(),
  attempts: z.number(),
  nextAttemptAt: z.string(),
});

export const LatencyView = z.object({ p50: z.number(), p95: z.number() });

/** Summed over channels and shards. All null where a log does not answer: half a sum would be a wrong one. */
export const ProgressView = z.object({
  /** Everything accepted and not done; at least so many where `backlogIsExact` is false. */
  backlog: z.number().nullable(),
  backlogIsExact: z.boolean().nullable(),
  oldestUndeliveredAt: z.string().nullable(),
  /** This and `dead` are counted up to 10,000 in each log. */
  blockedKeys: z.number().nullable(),
  /** Some of them, those that are tried next first. */
  blocked: z.array(BlockedKeyView).nullable(),
  dead: z.number().nullable(),
  /** Open: the endpoint has done nothing but fail, and is tried with one event now and then. */
  circuit: z
    .object({
      state: z.enum(["closed", "open"]),
      failingSince: z.string().nullable(),
      nextAttemptAt: z.string().nullable(),
    })
    .nullable(),
  /** Of the last hour's attempts, and of the last day's; null where there were none. */
  successRate: z.number().nullable(),
  successRateDay: z.number().nullable(),
  /** How long the last hour's attempts that delivered took, half of them and 95 of 100. */
  latencyMs: LatencyView.nullable(),
  lastError: z.object({ at: z.string(), status: z.number(), error: z.string() }).nullable(),
});

const UNKNOWN: z.infer<typeof ProgressView> = {
  backlog: null,
  backlogIsExact: null,
  oldestUndeliveredAt: null,
  blockedKeys: null,
  blocked: null,
  dead: null,
  circuit: null,
  successRate: null,
  successRateDay: null,
  latencyMs: null,
  lastError: null,
};

/** The logs that owe a subscription anything: none to whoever is not, or not any more, approved. */
export async function listOwingLogs(db: D1Database, subscription: Subscription): Promise<string[]> {
  const isOwed = subscription.activatedMs !== null && isApproved(subscription);
  return isOwed ? listSubscriptionLogs(db, subscription.id) : [];
}

/** Asks every log of a subscription how far it is. */
export async function readProgress(
  deps: { db: D1Database; logs: LogControls },
  subscription: Subscription,
): Promise<z.infer<typeof ProgressView>> {
  const names = await listOwingLogs(deps.db, subscription);
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
  const failing = statuses.flatMap((status) => status.circuit ?? []);
  const blocked = statuses.flatMap((status) => status.blocked).sort((a, b) => a.nextAttemptMs - b.nextAttemptMs);
  const last = errors.sort((a, b) => b.atMs - a.atMs)[0];
  return {
    backlog: sum((status) => status.backlog),
    backlogIsExact: statuses.every((status) => status.backlogIsExact),
    oldestUndeliveredAt: toTimeOrNull(oldest.length > 0 ? Math.min(...oldest) : null),
    blockedKeys: sum((status) => status.blockedKeys),
    blocked: blocked.slice(0, BLOCKED_SHOWN_MAX).map(({ nextAttemptMs, ...key }) => ({
      ...key,
      nextAttemptAt: toTime(nextAttemptMs),
    })),
    dead: sum((status) => status.dead),
    circuit: showCircuit(failing),
    successRate: rateOf(statuses.map(({ hour }) => hour)),
    successRateDay: rateOf(statuses.map(({ day }) => day)),
    latencyMs: percentiles(statuses.flatMap((status) => status.latenciesMs)),
    lastError: last ? { at: toTime(last.atMs), status: last.status, error: last.error } : null,
  };
}

type Circuit = NonNullable<LogStatus["circuit"]>;

/** Open where it is so in one of the logs: they share the endpoint. */
function showCircuit(open: Circuit[]): z.infer<typeof ProgressView>["circuit"] {
  if (open.length === 0) return { state: "closed", failingSince: null, nextAttemptAt: null };
  return {
    state: "open",
    failingSince: toTime(Math.min(...open.map(({ failingSinceMs }) => failingSinceMs))),
    nextAttemptAt: toTime(Math.min(...open.map(({ nextAttemptMs }) => nextAttemptMs))),
  };
}

function rateOf(spans: { attempts: number; failures: number }[]): number | null {
  const attempts = spans.reduce((sum, span) => sum + span.attempts, 0);
  const failures = spans.reduce((sum, span) => sum + span.failures, 0);
  return attempts === 0 ? null : 1 - failures / attempts;
}

/** Sorts what it is given. null: there is none. */
export function percentiles(latenciesMs: number[]): z.infer<typeof LatencyView> | null {
  const sorted = latenciesMs.sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return sorted.length === 0 ? null : { p50: at(0.5), p95: at(0.95) };
}
