import { calculateJwkThumbprint, exportJWK, generateKeyPair } from "jose";
import { ACCESS_TOKEN_SECONDS, SIGNING_KEY_ROTATION_DAYS } from "../kernel/limits.ts";
import type { KeyKind } from "../keys/key-rotation.ts";
import { PrivateJwk, PublicJwk } from "../registry/signing-keys.ts";

const RSA_BITS = 2048; // RFC 7518 §3.3: the least that RS256 allows, and the cheapest to check

/** Beyond the life of the last token a key has signed: receivers' clocks are wrong, and some grant themselves a leeway. */
const RETIRE_MARGIN_MS = 3600_000;

async function makePair(): Promise<{ publicJwk: PublicJwk; privateJwk: PrivateJwk }> {
  const pair = await generateKeyPair("RS256", { modulusLength: RSA_BITS, extractable: true });
  const [publicJwk, privateJwk] = await Promise.all([exportJWK(pair.publicKey), exportJWK(pair.privateKey)]);
  const kid = await calculateJwkThumbprint(publicJwk);
  return {
    publicJwk: PublicJwk.parse({ kty: publicJwk.kty, n: publicJwk.n, e: publicJwk.e, kid, alg: "RS256", use: "sig" }),
    privateJwk: PrivateJwk.parse(privateJwk),
  };
}

/** The keys that sign the authorization server's tokens. */
export const SIGNING_KEYS: KeyKind<PublicJwk, PrivateJwk> = {
  name: "oauth",
  algorithm: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
  makePair,
  rotationMs: SIGNING_KEY_ROTATION_DAYS * 24 * 3600_000,
  retireMs: ACCESS_TOKEN_SECONDS * 1000 + RETIRE_MARGIN_MS,
};
