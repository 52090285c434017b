import { z } from "zod";
import { newSigningSecret } from "../../domain/signature.ts";
import type { SealedSecret } from "../../domain/subscription.ts";
import { SIGNING_SECRETS_MAX } from "../../kernel/limits.ts";
import { ok } from "../../kernel/result.ts";
import { seal } from "../../kernel/sealed-box.ts";
import { pushSubscriptions } from "../../registry/pushes.ts";
import { updateSubscription } from "../../registry/subscription-changes.ts";
import { conflict, write } from "../call/call.ts";
import { aSubscription } from "../call/named-things.ts";
import { optionalBody } from "../call/request-body.ts";
import { Overlap, Rotated } from "../credentials/credentials.ts";
import { toTime } from "../fields.ts";
import { audit } from "./subscriptions.ts";

/** Deliveries carry a signature by each secret that has not expired: the receiver changes over whenever it likes. */
export const rotateSigningSecret = write({
  method: "post",
  path: "/v1/subscriptions/{id}/rotate-secret",
  tag: "Subscriptions",
  summary: "Give a subscription another signing secret, which is shown once; the ones before go on for a while",
  action: "subscription.rotate-secret",
  names: aSubscription,
  status: 200,
  body: optionalBody(Overlap),
  answers: Rotated.extend({ signingSecret: z.string() }),
  handle: async ({ db, env, nowMs, named: subscription, body, generation }) => {
    const previousExpiresMs = nowMs + body.overlapSeconds * 1000;
    const before = endBy(subscription.sealedSigningSecrets, previousExpiresMs, nowMs);
    if (before.length >= SIGNING_SECRETS_MAX) {
      return conflict(`At most ${SIGNING_SECRETS_MAX} secrets sign at once. Rotate with a shorter overlap.`);
    }
    const signingSecret = newSigningSecret();
    const newest = { sealed: await seal(env.RELAY_MASTER_KEY, signingSecret), expiresMs: null };
    const next = { ...subscription, sealedSigningSecrets: [newest, ...before], updatedMs: nowMs };
    return ok({
      body: { signingSecret, previousExpiresAt: toTime(previousExpiresMs) },
      writes: [updateSubscription(db, next), pushSubscriptions(db, { subscriptionId: subscription.id }, generation)],
      audit: audit("subscription.rotate-secret", subscription),
    });
  },
});

/** Secrets that end at a time at the latest; those whose time is over are left out. */
function endBy(secrets: SealedSecret[], endMs: number, nowMs: number): SealedSecret[] {
  return secrets
    .map(({ sealed, expiresMs }) => ({ sealed, expiresMs: Math.min(expiresMs ?? endMs, endMs) }))
    .filter(({ expiresMs }) => expiresMs > nowMs);
}
