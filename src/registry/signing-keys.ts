import { z } from "zod";
import { type KeyStore, type KeyTable, keyStore } from "./key-store.ts";

/** The public half, and nothing else: a strict object, so that a private member can never be published by accident. */
export const PublicJwk = z.strictObject({
  kty: z.literal("RSA"),
  n: z.string(),
  e: z.string(),
  kid: z.string(),
  alg: z.literal("RS256"),
  use: z.literal("sig"),
});
export type PublicJwk = z.infer<typeof PublicJwk>;

export const PrivateJwk = z.object({
  kty: z.literal("RSA"),
  n: z.string(),
  e: z.string(),
  d: z.string(),
  p: z.string(),
  q: z.string(),
  dp: z.string(),
  dq: z.string(),
  qi: z.string(),
});
export type PrivateJwk = z.infer<typeof PrivateJwk>;

export type SigningKeyStore = KeyStore<PublicJwk, PrivateJwk>;

const SIGNING_KEY: KeyTable<PublicJwk, PrivateJwk> = {
  select: `
    SELECT generation, public_jwk, sealed_private_jwk, created_ms, signs_from_ms
    FROM signing_key ORDER BY generation DESC`,
  insert: `
    INSERT INTO signing_key (generation, public_jwk, sealed_private_jwk, created_ms, signs_from_ms)
    VALUES (?, ?, ?, ?, ?) ON CONFLICT (generation) DO NOTHING`,
  removeOlder: "DELETE FROM signing_key WHERE generation < ?",
  PublicJwk,
  PrivateJwk,
};

/** The RS256 keys of the authorization server. */
export const signingKeyStore = (db: D1Database, masterKey: string): SigningKeyStore =>
  keyStore(db, masterKey, SIGNING_KEY);
