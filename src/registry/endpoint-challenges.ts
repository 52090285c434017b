import { z } from "zod";
import { newId } from "../kernel/ids.ts";
import { CHALLENGE_GAP_FIRST_MS, CHALLENGE_GAP_MAX_MS, CHALLENGE_TRIES_MAX } from "../kernel/limits.ts";
import { insertAudit } from "./audit.ts";
import { commit } from "./commit.ts";
import { newGeneration, pushSubscriptions } from "./pushes.ts";
import { updateSubscription } from "./subscription-changes.ts";
import { findSubscription, type Subscription } from "./subscriptions.ts";

/** How often an agreement is written down anew because the subscription was changed meanwhile. */
const DECISIONS_MAX = 5;

/** What a subscription is once only its endpoint can stand in the way of deliveries. */
export const liveStatus = ({
  endpoint,
  verification,
  verifiedMs,
}: Pick<Subscription, "endpoint" | "verification" | "verifiedMs">): "active" | "unverified" =>
  endpoint === null || verification === "none" || verifiedMs !== null ? "active" : "unverified";

/** What was agreed with one endpoint says nothing of another. */
export function agreementAfter(
  { endpoint: before, verifiedMs, allowedRate, verificationError }: Subscription,
  endpoint: string | null,
): Pick<Subscription, "verifiedMs" | "allowedRate" | "verificationError"> {
  return before === endpoint
    ? { verifiedMs, allowedRate, verificationError }
    : { verifiedMs: null, allowedRate: null, verificationError: null };
}

/** Whether a change makes a subscription wait for an endpoint that nobody asks yet. */
export const beginsChallenge = (before: Subscription | null, next: Subscription): boolean =>
  next.status === "unverified" && (before?.status !== "unverified" || before.endpoint !== next.endpoint);

/** Keeps the challenge of a subscription as its change has it; belongs to every batch that changes a status or an endpoint. */
export function writeChallenge(
  db: D1Database,
  before: Subscription | null,
  next: Subscription,
  nowMs: number,
): D1PreparedStatement[] {
  if (next.status !== "unverified") return [endChallenge(db, next.id)];
  if (!beginsChallenge(before, next)) return [];
  return [
    db
      .prepare(
        "INSERT OR REPLACE INTO endpoint_challenge (subscription_id, tries, due_ms, error) VALUES (?, 0, ?, NULL)",
      )
      .bind(next.id, nowMs + CHALLENGE_GAP_FIRST_MS),
  ];
}

function endChallenge(db: D1Database, subscriptionId: string): D1PreparedStatement {
  return db.prepare("DELETE FROM endpoint_challenge WHERE subscription_id = ?").bind(subscriptionId);
}

/** Notes why an endpoint did not agree, unless it is not the subscription's any more. */
export async function noteRefusal(db: D1Database, asked: Subscription, error: string): Promise<void> {
  await db
    .prepare(
      `UPDATE endpoint_challenge SET error = ?3 WHERE subscription_id = ?1
       AND EXISTS (SELECT 1 FROM subscription WHERE id = ?1 AND endpoint = ?2)`,
    )
    .bind(asked.id, asked.endpoint, error)
    .run();
}

const DueRow = z.object({ subscription_id: z.string() });

/**
 * The subscriptions whose endpoints are to be asked again now, at most `limit`, those that wait longest first. Each is due again after
 * a gap that grows, whatever becomes of this time, until it has been asked `CHALLENGE_TRIES_MAX` times.
 */
export async function takeDueChallenges(db: D1Database, nowMs: number, limit: number): Promise<string[]> {
  const { results } = await db
    .prepare(
      `UPDATE endpoint_challenge SET tries = tries + 1,
         due_ms = CASE WHEN tries + 1 < ?3 THEN ?1 + min(?4 << (tries + 1), ?5) END
       WHERE subscription_id IN
         (SELECT subscription_id FROM endpoint_challenge WHERE due_ms <= ?1 ORDER BY due_ms LIMIT ?2)
       RETURNING subscription_id`,
    )
    .bind(nowMs, limit, CHALLENGE_TRIES_MAX, CHALLENGE_GAP_FIRST_MS, CHALLENGE_GAP_MAX_MS)
    .all();
  return results.map((row) => DueRow.parse(row).subscription_id);
}

/** A subscription whose endpoint has agreed: what waited for that is delivered from now on. */
export const withAgreement = (subscription: Subscription, allowedRate: number | null, nowMs: number): Subscription => ({
  ...subscription,
  status: subscription.status === "unverified" ? "active" : subscription.status,
  verifiedMs: nowMs,
  allowedRate,
  updatedMs: nowMs,
});

/** Writes down what `withAgreement` says. */
export const writeAgreement = (db: D1Database, next: Subscription, generation: string): D1PreparedStatement[] => [
  updateSubscription(db, next),
  endChallenge(db, next.id),
  pushSubscriptions(db, { subscriptionId: next.id }, generation),
];

/**
 * Records that an endpoint has agreed, where nobody waits for it. Answers the generation of the pushes that the caller now sends to
 * the subscription's logs; null where the endpoint is not the subscription's any more, or others keep changing it.
 */
export async function recordAgreement(
  db: D1Database,
  asked: Subscription,
  allowedRate: number | null,
  nowMs: number,
): Promise<string | null> {
  const generation = newGeneration(`relay/${asked.id}`);
  for (let decisions = 0; decisions < DECISIONS_MAX; decisions++) {
    const subscription = await findSubscription(db, asked.id);
    if (!subscription || subscription.endpoint !== asked.endpoint) return null;
    const next = withAgreement(subscription, allowedRate, nowMs);
    const committed = await commit(db, [...writeAgreement(db, next, generation), ...auditAgreement(db, next, nowMs)]);
    if (committed.ok) return generation;
  }
  return null;
}

function auditAgreement(db: D1Database, subscription: Subscription, nowMs: number): D1PreparedStatement[] {
  const organizations = new Set([subscription.organizationId, subscription.apiOrganizationId]);
  const requestId = newId();
  return [...organizations].map((organizationId) =>
    insertAudit(db, {
      id: newId(),
      organizationId,
      atMs: nowMs,
      actor: "relay",
      action: "subscription.verify",
      subject: subscription.id,
      requestId,
      address: null,
    }),
  );
}
