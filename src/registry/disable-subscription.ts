import { newId } from "../kernel/ids.ts";
import { insertAudit } from "./audit.ts";
import { commit } from "./commit.ts";
import { pushSubscription } from "./pushes.ts";
import { findSubscription, updateSubscription } from "./subscriptions.ts";

/**
 * Records that an endpoint is gone for good (410). The log that saw it has stopped by itself; the outbox tells the
 * subscription's other logs. Does nothing to a subscription that is not active; a race with its owner is the owner's.
 */
export async function disableSubscription(db: D1Database, subscriptionId: string, nowMs: number): Promise<void> {
  const subscription = await findSubscription(db, subscriptionId);
  if (subscription?.status !== "active") return;
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
    pushSubscription(db, subscription.id, newId()),
    insertAudit(db, entry),
  ]);
}
