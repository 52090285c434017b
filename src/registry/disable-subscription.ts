import { newId } from "../kernel/ids.ts";
import { insertAudit } from "./audit.ts";
import { commit } from "./commit.ts";
import { writeNotice } from "./notices.ts";
import { newGeneration, pushSubscriptions } from "./pushes.ts";
import { updateSubscription } from "./subscription-changes.ts";
import { findSubscription } from "./subscriptions.ts";

/**
 * Records that an endpoint is gone for good (410), or has failed for as long as the operator allows. Answers the generation of the pushes that the caller now sends to the
 * subscription's logs; null where it is not active any more. A race with its owner is the owner's.
 */
export async function disableSubscription(
  db: D1Database,
  subscriptionId: string,
  reason: "gone" | "failing",
  nowMs: number,
): Promise<string | null> {
  const subscription = await findSubscription(db, subscriptionId);
  if (subscription?.status !== "active") return null;
  const generation = newGeneration(`relay/${subscription.id}`);
  const entry = {
    id: newId(),
    organizationId: subscription.organizationId,
    atMs: nowMs,
    actor: "relay",
    action: "subscription.disable",
    subject: subscription.id,
    requestId: newId(),
    address: null,
  };
  await commit(db, [
    updateSubscription(db, { ...subscription, status: "disabled", updatedMs: nowMs }),
    pushSubscriptions(db, { subscriptionId: subscription.id }, generation),
    insertAudit(db, entry),
    ...writeNotice(
      db,
      subscription.organizationId,
      { type: "subscription.disabled", data: { apiId: subscription.apiId, subscriptionId, reason } },
      nowMs,
    ),
  ]);
  return generation;
}
