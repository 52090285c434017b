import { calculateJwkThumbprint, exportJWK, generateKeyPair } from "jose";
import { type Clock, systemClock } from "../kernel/clock.ts";
import { fromBase64Url, toBase64 } from "../kernel/encoding.ts";
import { WEBHOOK_KEY_RETIRE_DAYS, WEBHOOK_KEY_ROTATION_DAYS } from "../kernel/limits.ts";
import {
  type WebhookKeyStore,
  WebhookPrivateJwk,
  WebhookPublicJwk,
  webhookKeyStore,
} from "../registry/webhook-keys.ts";
import type { KeyKind } from "./key-rotation.ts";
import { Keyring } from "./keyring.ts";

const DAY_MS = 24 * 3600_000;
const PUBLIC_KEY_PREFIX = "whpk_"; // standardwebhooks.com, "Signature scheme"

async function makePair(): Promise<{ publicJwk: WebhookPublicJwk; privateJwk: WebhookPrivateJwk }> {
  const pair = await generateKeyPair("Ed25519", { extractable: true });
  const [publicJwk, privateJwk] = await Promise.all([exportJWK(pair.publicKey), exportJWK(pair.privateKey)]);
  const kid = await calculateJwkThumbprint(publicJwk);
  const { kty, crv, x } = publicJwk;
  return {
    publicJwk: WebhookPublicJwk.parse({ kty, crv, x, kid, use: "sig" }),
    privateJwk: WebhookPrivateJwk.parse(privateJwk),
  };
}

/** The keys that sign deliveries: `v1a` of Standard Webhooks, and HTTP Message Signatures. */
export const WEBHOOK_KEYS: KeyKind<WebhookPublicJwk, WebhookPrivateJwk> = {
  name: "webhook",
  algorithm: { name: "Ed25519" },
  makePair,
  rotationMs: WEBHOOK_KEY_ROTATION_DAYS * DAY_MS,
  retireMs: WEBHOOK_KEY_RETIRE_DAYS * DAY_MS,
};

// One isolate, one memory, as with the authorization server's keys.
const keyring = new Keyring(WEBHOOK_KEYS);

export type WebhookKeys = { store: WebhookKeyStore; clock: Clock; keyring: typeof keyring };

/** This isolate's door to the webhook keys: what signing, listing and rotating them need. */
export const webhookKeys = (
  env: Pick<Env, "REGISTRY" | "RELAY_MASTER_KEY">,
  clock: Clock = systemClock,
): WebhookKeys => ({ store: webhookKeyStore(env.REGISTRY, env.RELAY_MASTER_KEY), clock, keyring });

/** A public key as Standard Webhooks writes it: `whpk_` + base64 of its 32 bytes. */
export const webhookPublicKey = ({ x }: WebhookPublicJwk): string => PUBLIC_KEY_PREFIX + toBase64(fromBase64Url(x));
