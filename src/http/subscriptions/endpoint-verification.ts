import { type Agreement, askEndpoint, type NotAgreed } from "../../delivery/endpoint-handshake.ts";
import { handshakeDeps } from "../../delivery/relay-attempts.ts";
import { CHALLENGES_PER_TICK_MAX } from "../../kernel/limits.ts";
import { logLine } from "../../kernel/log.ts";
import type { Result } from "../../kernel/result.ts";
import {
  beginsChallenge,
  noteRefusal,
  recordAgreement,
  takeDueChallenges,
} from "../../registry/endpoint-challenges.ts";
import { findSubscription, type Subscription } from "../../registry/subscriptions.ts";
import type { LogControls } from "../../topic/client.ts";
import { forEachBounded } from "../bounded.ts";
import { pushChange } from "../call/control-plane-pushes.ts";

export type VerificationDeps = { env: Env; logs: LogControls; nowMs: number };

/** Whether every endpoint of this relay has to agree before it gets anything. Where private endpoints are allowed, nobody's peace is at stake. */
export const isVerificationRequired = (env: Env): boolean =>
  env.ENDPOINT_VERIFICATION !== "optional" && env.ALLOW_PRIVATE_ENDPOINTS !== "true";

/** Asks a subscription's endpoint. */
export function askSubscriber(env: Env, subscription: Subscription): Promise<Result<Agreement, NotAgreed>> {
  const { timeoutSeconds, rateLimit } = subscription;
  const endpoint = subscription.endpoint ?? "";
  return askEndpoint(handshakeDeps(env), { endpoint, timeoutSeconds, perSecond: rateLimit?.perSecond ?? null });
}

/** What follows the answer to a change: the endpoint that the subscription now waits for is asked. */
export function afterChange(
  deps: VerificationDeps,
  before: Subscription | null,
  next: Subscription,
): (() => Promise<void>) | undefined {
  return beginsChallenge(before, next) ? () => verifyEndpoint(deps, next.id) : undefined;
}

/** For cron: asks endpoints again that did not answer, or did not agree, so that nobody has to do anything when they do. */
export async function verifyDueEndpoints(deps: VerificationDeps): Promise<void> {
  const due = await takeDueChallenges(deps.env.REGISTRY, deps.nowMs, CHALLENGES_PER_TICK_MAX);
  await forEachBounded(due, (id) => verifyEndpoint(deps, id));
}

/** Where nobody waits for the answer. A failure is noted, or else logged: cron asks again. */
async function verifyEndpoint({ env, logs, nowMs }: VerificationDeps, subscriptionId: string): Promise<void> {
  const db = env.REGISTRY;
  try {
    const subscription = await findSubscription(db, subscriptionId);
    if (subscription?.status !== "unverified") return;
    const answer = await askSubscriber(env, subscription);
    logLine("verification", {
      subscription: subscriptionId,
      agreed: answer.ok,
      error: answer.ok ? null : answer.error.detail,
    });
    if (!answer.ok) return await noteRefusal(db, subscription, answer.error.detail);
    const generation = await recordAgreement(db, subscription, answer.value.allowedRate, nowMs);
    if (generation !== null) await pushChange({ db, logs, nowMs }, generation);
  } catch (error) {
    logLine("verification_failed", { subscription: subscriptionId, error: String(error) });
  }
}
