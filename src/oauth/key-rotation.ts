import { calculateJwkThumbprint, exportJWK, generateKeyPair } from "jose";
import type { Clock } from "../kernel/clock.ts";
import { ACCESS_TOKEN_SECONDS, SIGNING_KEY_ROTATION_DAYS } from "../kernel/limits.ts";
import { logLine } from "../kernel/log.ts";
import {
  type NewSigningKey,
  PrivateJwk,
  PublicJwk,
  type SigningKey,
  type SigningKeyStore,
} from "../registry/signing-keys.ts";

export type KeyRotationDeps = { store: SigningKeyStore; clock: Clock };

const RSA_BITS = 2048; // RFC 7518 §3.3: the least that RS256 allows, and the cheapest to check
const ROTATION_MS = SIGNING_KEY_ROTATION_DAYS * 24 * 3600_000;

/**
 * How long a new key is listed before it signs. Receivers' JWT libraries keep a JWKS for up to a day without asking again
 * (ours says five minutes, but not all of them listen), and every isolate has read D1 again long before.
 */
export const SIGNING_LEAD_MS = 24 * 3600_000;

/** Beyond the life of the last token a key has signed: receivers' clocks are wrong, and some grant themselves a leeway. */
const RETIRE_MARGIN_MS = 3600_000;

async function makeSigningKey(generation: number, createdMs: number, signsFromMs: number): Promise<NewSigningKey> {
  const pair = await generateKeyPair("RS256", { modulusLength: RSA_BITS, extractable: true });
  const [publicJwk, privateJwk] = await Promise.all([exportJWK(pair.publicKey), exportJWK(pair.privateKey)]);
  const kid = await calculateJwkThumbprint(publicJwk);
  return {
    generation,
    publicJwk: PublicJwk.parse({ kty: publicJwk.kty, n: publicJwk.n, e: publicJwk.e, kid, alg: "RS256", use: "sig" }),
    privateJwk: PrivateJwk.parse(privateJwk),
    createdMs,
    signsFromMs,
  };
}

/** All keys, newest first. The very first one is made here and signs at once: nobody has a JWKS without it. */
export async function ensureSigningKeys({ store, clock }: KeyRotationDeps): Promise<SigningKey[]> {
  const keys = await store.list();
  if (keys.length > 0) return keys;
  const nowMs = clock.now();
  await store.add(await makeSigningKey(1, nowMs, nowMs));
  return store.list();
}

/**
 * The newest key whose time to sign has come. Where none has (the one before it was deleted by hand because it leaked),
 * the oldest there is: better a key that some receivers have yet to hear of than none.
 */
export function pickSigningKey(keys: readonly SigningKey[], nowMs: number): SigningKey {
  const key = keys.find(({ signsFromMs }) => signsFromMs <= nowMs) ?? keys.at(-1);
  if (!key) throw new Error("there is no signing key");
  return key;
}

/** The oldest generation that may still be needed: older ones stopped signing so long ago that none of their tokens is alive. */
function oldestNeededGeneration(keys: readonly SigningKey[], nowMs: number): number {
  const settledMs = nowMs - ACCESS_TOKEN_SECONDS * 1000 - RETIRE_MARGIN_MS;
  const settled = keys.find(({ signsFromMs }) => signsFromMs <= settledMs);
  return settled?.generation ?? 0;
}

/** Called every hour: adds a key when the newest is old enough and drops those that have had their time. Safe to repeat and to miss. */
export async function rotateSigningKeys(deps: KeyRotationDeps): Promise<{ added: boolean; removed: number }> {
  const { store, clock } = deps;
  const keys = await ensureSigningKeys(deps);
  const nowMs = clock.now();
  const newest = keys[0];
  const due = newest !== undefined && nowMs - newest.createdMs >= ROTATION_MS;
  const added = due && (await store.add(await makeSigningKey(newest.generation + 1, nowMs, nowMs + SIGNING_LEAD_MS)));
  const removed = await store.removeOlderThan(oldestNeededGeneration(keys, nowMs));
  if (added || removed > 0) logLine("oauth.keys_rotated", { added, removed });
  return { added, removed };
}
