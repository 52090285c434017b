import { ok, type Result } from "../kernel/result.ts";
import { liveStatus, writeChallenge } from "../registry/endpoint-challenges.ts";
import { pushConsentsOf, pushSubscription } from "../registry/pushes.ts";
import { findSubscription, type Subscription, updateSubscription } from "../registry/subscriptions.ts";
import { conflict, type Incoming, noFields, notFound, write } from "./call.ts";
import type { Change } from "./change.ts";
import { afterChange } from "./endpoint-verification.ts";
import type { Problem } from "./problem.ts";
import { sendTest } from "./subscription-test.ts";
import { verify } from "./subscription-verification.ts";
import { SubscriberView, SubscriptionView, showSubscriber, showSubscription } from "./subscription-view.ts";
import { audit, findOwnSubscription } from "./subscriptions.ts";

type Status = Subscription["status"];
type Step = { action: string; to(subscription: Subscription): Status; from: Status[] };

const PAUSE: Step = { action: "pause", to: () => "paused", from: ["active", "unverified"] };
const RESUME: Step = { action: "resume", to: liveStatus, from: ["paused", "disabled"] };
const APPROVE: Step = { action: "approve", to: liveStatus, from: ["pending", "rejected"] };
const REJECT: Step = {
  action: "reject",
  to: () => "rejected",
  from: ["pending", "unverified", "active", "paused", "disabled"],
};

type Action = Pick<Incoming<"developer", "/{id}", never>, "db" | "env" | "logs" | "nowMs" | "caller" | "params"> & {
  generation: string;
};

/**
 * Takes a step. One that was taken already is answered like the first time, and its logs are told again: the first time may
 * have ended in a 503.
 */
function takeStep<A>(
  { db, env, logs, nowMs, generation }: Action,
  step: Step,
  subscription: Subscription,
  show: (next: Subscription) => A,
): Result<Change<A>, Problem> {
  const pushes = [
    pushSubscription(db, subscription.id, generation),
    // The logs may hear of it for the first time.
    ...(step === APPROVE ? [pushConsentsOf(db, subscription.id, generation)] : []),
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
    afterwards: afterChange({ env, logs, nowMs }, subscription, next),
    audit: audit(`subscription.${step.action}`, subscription),
  });
}

/** Pausing and resuming is the subscriber's. */
async function stepOwn(action: Action, step: Step) {
  const subscription = await findOwnSubscription(action.db, action.caller.organizationId, action.params.id);
  return subscription ? takeStep(action, step, subscription, showSubscription) : notFound("subscription");
}

/** Approving and rejecting is the publisher's. */
async function stepForPublisher(action: Action, step: Step) {
  const subscription = await findSubscription(action.db, action.params.id);
  const isPublisher = subscription?.apiOrganizationId === action.caller.organizationId;
  return subscription && isPublisher ? takeStep(action, step, subscription, showSubscriber) : notFound("subscription");
}

const shared = { method: "post", tag: "Subscriptions", who: "developer", status: 200, body: noFields } as const;

const pause = write({
  ...shared,
  path: "/v1/subscriptions/{id}/pause",
  summary: "Stop deliveries; events go on waiting",
  answers: SubscriptionView,
  handle: (call) => stepOwn(call, PAUSE),
});

const resume = write({
  ...shared,
  path: "/v1/subscriptions/{id}/resume",
  summary: "Go on where a pause, or a 410 of the endpoint, stopped it",
  answers: SubscriptionView,
  handle: (call) => stepOwn(call, RESUME),
});

const approve = write({
  ...shared,
  path: "/v1/subscriptions/{id}/approve",
  summary: "Let a subscriber have the API's events, for its publisher",
  answers: SubscriberView,
  handle: (call) => stepForPublisher(call, APPROVE),
});

const reject = write({
  ...shared,
  path: "/v1/subscriptions/{id}/reject",
  summary: "Refuse a subscriber, or stop one that was approved, for its publisher",
  answers: SubscriberView,
  handle: (call) => stepForPublisher(call, REJECT),
});

export const subscriptionActionRoutes = [pause, resume, verify, sendTest, approve, reject];
