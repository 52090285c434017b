import { z } from "zod";
import { isUuid } from "../../kernel/ids.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import { pushSubscriptions } from "../../registry/pushes.ts";
import { updateSubscription } from "../../registry/subscription-changes.ts";
import { isApproved, type Subscription } from "../../registry/subscriptions.ts";
import { findEventPlace } from "../../registry/topic-logs.ts";
import type { LogControls } from "../../topic/client.ts";
import { invalid } from "../body.ts";
import { conflict, write } from "../call/call.ts";
import { aSubscription } from "../call/named-things.ts";
import { jsonBody } from "../call/request-body.ts";
import { Id, Time } from "../fields.ts";
import { LOG_SILENT, type Problem } from "../problem.ts";
import { SubscriptionView, showSubscription } from "./subscription-view.ts";
import { audit } from "./subscriptions.ts";

const SeekRequest = z.strictObject({
  to: z.union([Time, Id], { error: "must be an RFC 3339 time, or the id of an event" }),
});

type Target = { toMs: number; toEventId: string | null };

/** Replays from a time, or from an event: what was delivered since then too, as far as it is kept and consented to. */
export const seek = write({
  method: "post",
  path: "/v1/subscriptions/{id}/seek",
  tag: "Subscriptions",
  summary: "Replay from a time (RFC 3339) or from an event (its id): what was delivered since then comes again",
  action: "subscription.seek",
  names: aSubscription,
  status: 200,
  body: jsonBody(SeekRequest),
  answers: SubscriptionView,
  handle: async ({ db, logs, nowMs, named: subscription, body, generation }) => {
    if (!isApproved(subscription))
      return conflict(`A subscription that is ${subscription.status} has nothing to replay.`);
    const target = await readTarget({ db, logs }, subscription, body.to);
    if (!target.ok) return target;
    const next = { ...subscription, seek: { n: subscription.revision, ...target.value }, updatedMs: nowMs };
    return ok({
      body: showSubscription(next),
      writes: [updateSubscription(db, next), pushSubscriptions(db, { subscriptionId: subscription.id }, generation)],
      audit: audit("subscription.seek", subscription),
    });
  },
});

/** To an event: its own log begins at it, others at the time at which it was accepted. */
async function readTarget(
  { db, logs }: { db: D1Database; logs: LogControls },
  subscription: Subscription,
  to: string | number,
): Promise<Result<Target, Problem>> {
  if (typeof to === "number") return ok({ toMs: to, toEventId: null });
  const unknown = err(invalid({ path: "to", message: "the API has no such event, or not any more" }));
  const place = isUuid(to) ? await findEventPlace(db, to) : null;
  if (place?.apiId !== subscription.apiId) return unknown;
  const event = await logs.readEvent(place.log, to);
  if (!event.ok) return LOG_SILENT;
  return event.value ? ok({ toMs: event.value.acceptedMs, toEventId: to }) : unknown;
}
