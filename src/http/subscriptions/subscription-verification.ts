import { err, ok } from "../../kernel/result.ts";
import { noteRefusal, withAgreement, writeAgreement } from "../../registry/endpoint-challenges.ts";
import { conflict, write } from "../call/call.ts";
import { aSubscription } from "../call/named-things.ts";
import { noFields } from "../call/request-body.ts";
import { askSubscriber } from "./endpoint-verification.ts";
import { SubscriptionView, showSubscription } from "./subscription-view.ts";
import { audit } from "./subscriptions.ts";

/**
 * Asks the endpoint while the caller waits. One that agrees is recorded whatever the status, so that a paused subscription need not
 * wait when it goes on; asked again, it may allow another rate, and one that does not answer then keeps what it agreed to.
 */
export const verify = write({
  method: "post",
  path: "/v1/subscriptions/{id}/verify",
  tag: "Subscriptions",
  summary: "Ask the endpoint now whether it agrees to deliveries",
  action: "subscription.verify",
  names: aSubscription,
  status: 200,
  body: noFields,
  answers: SubscriptionView,
  handle: async ({ db, env, nowMs, named: subscription, generation }) => {
    const { endpoint, verification, status } = subscription;
    if (endpoint === null) return conflict("This subscription has no endpoint.");
    if (verification === "none")
      return conflict('The endpoint of this subscription is not asked: "verification" is "none".');
    if (status === "pending" || status === "rejected") {
      return conflict(`A subscription that is ${status} has to be approved by the API's publisher first.`);
    }
    const answer = await askSubscriber(env, subscription);
    if (!answer.ok) {
      await noteRefusal(db, subscription, answer.error.detail);
      return err({ reason: "endpoint_not_agreed", detail: answer.error.detail });
    }
    const next = withAgreement(subscription, answer.value.allowedRate, nowMs);
    return ok({
      body: showSubscription({ ...next, verificationError: null }),
      writes: writeAgreement(db, next, generation),
      audit: audit("subscription.verify", subscription),
    });
  },
});
