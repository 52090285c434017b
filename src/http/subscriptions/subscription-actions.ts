import { ok, type Result } from "../../kernel/result.ts";
import { liveStatus, writeChallenge } from "../../registry/endpoint-challenges.ts";
import { writeNotice } from "../../registry/notices.ts";
import { pushConsents, pushSubscriptions } from "../../registry/pushes.ts";
import { updateSubscription } from "../../registry/subscription-changes.ts";
import type { Subscription } from "../../registry/subscriptions.ts";
import { conflict, write } from "../call/call.ts";
import type { Change } from "../call/change.ts";
import { aSubscription } from "../call/named-things.ts";
import type { Action } from "../call/permissions.ts";
import { noFields } from "../call/request-body.ts";
import type { Problem } from "../problem.ts";
import { afterChange, type VerificationDeps } from "./endpoint-verification.ts";
import { sendTest } from "./subscription-test.ts";
import { verify } from "./subscription-verification.ts";
import { SubscriberView, SubscriptionView, showSubscriber, showSubscription } from "./subscription-view.ts";
import { audit } from "./subscriptions.ts";

type Status = Subscription["status"];
type Step = { action: Action; to(subscription: Subscription): Status; from: Status[] };

const PAUSE: Step = { action: "subscription.pause", to: () => "paused", from: ["active", "unverified"] };
const RESUME: Step = { action: "subscription.resume", to: liveStatus, from: ["paused", "disabled"] };
const APPROVE: Step = { action: "subscription.approve", to: liveStatus, from: ["pending", "rejected"] };
const REJECT: Step = {
  action: "subscription.reject",
  to: () => "rejected",
  from: ["pending", "unverified", "active", "paused", "disabled"],
};

type Call = VerificationDeps & { db: D1Database; named: Subscription; generation: string };

/**
 * Takes a step. One that was taken already is answered like the first time, and its logs are told again: the first time may
 * have ended in a 503.
 */
function takeStep<A>(
  { db, env, logs, nowMs, named: subscription, generation }: Call,
  step: Step,
  show: (next: Subscription) => A,
): Result<Change<A>, Problem> {
  const pushes = [
    pushSubscriptions(db, { subscriptionId: subscription.id }, generation),
    // The logs may hear of it for the first time.
    ...(step === APPROVE ? [pushConsents(db, { subscriptionId: subscription.id }, generation)] : []),
  ];
  const to = step.to(subscription);
  if (subscription.status === to) return ok({ body: show(subscription), writes: pushes, audit: null });
  if (!step.from.includes(subscription.status)) {
    return conflict(`A subscription that is ${subscription.status} cannot be changed by "${step.action}".`);
  }
  const next: Subscription = {
    ...subscription,
    status: to,
    activatedMs: subscription.activatedMs ?? (step === APPROVE ? nowMs : null),
    updatedMs: nowMs,
  };
  return ok({
    body: show(next),
    writes: [updateSubscription(db, next), ...writeChallenge(db, subscription, next, nowMs), ...pushes],
    notices: subscription.status === "disabled" && step === RESUME ? noticeOfRecovery(db, next) : [],
    afterwards: afterChange({ env, logs, nowMs }, subscription, next),
    audit: audit(step.action, subscription),
  });
}

const noticeOfRecovery = (db: D1Database, { apiId, id: subscriptionId, organizationId, updatedMs }: Subscription) =>
  writeNotice(
    db,
    organizationId,
    { type: "subscription.recovered", data: { apiId, subscriptionId, channel: null, failingSince: null } },
    updatedMs,
  );

const shared = { method: "post", tag: "Subscriptions", names: aSubscription, status: 200, body: noFields } as const;

const pause = write({
  ...shared,
  path: "/v1/subscriptions/{id}/pause",
  summary: "Stop deliveries; events go on waiting",
  action: "subscription.pause",
  answers: SubscriptionView,
  handle: async (call) => takeStep(call, PAUSE, showSubscription),
});

const resume = write({
  ...shared,
  path: "/v1/subscriptions/{id}/resume",
  summary: "Go on where a pause, or a 410 of the endpoint, stopped it",
  action: "subscription.resume",
  answers: SubscriptionView,
  handle: async (call) => takeStep(call, RESUME, showSubscription),
});

const approve = write({
  ...shared,
  path: "/v1/subscriptions/{id}/approve",
  summary: "Let a subscriber have the API's events, for its publisher",
  action: "subscription.approve",
  answers: SubscriberView,
  handle: async (call) => takeStep(call, APPROVE, showSubscriber),
});

const reject = write({
  ...shared,
  path: "/v1/subscriptions/{id}/reject",
  summary: "Refuse a subscriber, or stop one that was approved, for its publisher",
  action: "subscription.reject",
  answers: SubscriberView,
  handle: async (call) => takeStep(call, REJECT, showSubscriber),
});

export const subscriptionActionRoutes = [pause, resume, verify, sendTest, approve, reject];
