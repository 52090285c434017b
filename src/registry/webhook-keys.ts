import { z } from "zod";
import { type KeyStore, type KeyTable, keyStore } from "./key-store.ts";

/** The public half, and nothing else: strict for the same reason as the authorization server's. */
export const WebhookPublicJwk = z.strictObject({
  kty: z.literal("OKP"),
  crv: z.literal("Ed25519"),
  x: z.string(),
  kid: z.string(),
  use: z.literal("sig"),
});
export type WebhookPublicJwk = z.infer<typeof WebhookPublicJwk>;

export const WebhookPrivateJwk = z.object({
  kty: z.literal("OKP"),
  crv: z.literal("Ed25519"),
  x: z.string(),
  d: z.string(),
});
export type WebhookPrivateJwk = z.infer<typeof WebhookPrivateJwk>;

export type WebhookKeyStore = KeyStore<WebhookPublicJwk, WebhookPrivateJwk>;

const WEBHOOK_KEY: KeyTable<WebhookPublicJwk, WebhookPrivateJwk> = {
  select: `
    SELECT generation, public_key AS public_jwk, sealed_private_key AS sealed_private_jwk, created_ms, signs_from_ms
    FROM webhook_key ORDER BY generation DESC`,
  insert: `
    INSERT INTO webhook_key (generation, public_key, sealed_private_key, created_ms, signs_from_ms)
    VALUES (?, ?, ?, ?, ?) ON CONFLICT (generation) DO NOTHING`,
  removeOlder: "DELETE FROM webhook_key WHERE generation < ?",
  PublicJwk: WebhookPublicJwk,
  PrivateJwk: WebhookPrivateJwk,
};

/** The Ed25519 keys that sign deliveries. */
export const webhookKeyStore = (db: D1Database, masterKey: string): WebhookKeyStore =>
  keyStore(db, masterKey, WEBHOOK_KEY);
