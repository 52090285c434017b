import { z } from "zod";
import { seal, unseal } from "../kernel/sealed-box.ts";

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

/** A key of the authorization server as it is stored: the private half stays sealed until something has to be signed. */
export type SigningKey = {
  generation: number;
  publicJwk: PublicJwk;
  sealedPrivateJwk: string;
  createdMs: number;
  signsFromMs: number;
};

export type NewSigningKey = Omit<SigningKey, "sealedPrivateJwk"> & { privateJwk: PrivateJwk };

export type SigningKeyStore = {
  /** Newest first. */
  list(): Promise<SigningKey[]>;
  /** False where the generation exists already: whoever was first wins, and the caller reads that key back. */
  add(key: NewSigningKey): Promise<boolean>;
  /** Answers how many went. */
  removeOlderThan(generation: number): Promise<number>;
  /** Throws when the key was sealed under another master key. */
  openPrivateKey(key: SigningKey): Promise<PrivateJwk>;
};

const SELECT_KEYS = `
  SELECT generation, public_jwk, sealed_private_jwk, created_ms, signs_from_ms
  FROM signing_key ORDER BY generation DESC`;

const INSERT_KEY = `
  INSERT INTO signing_key (generation, public_jwk, sealed_private_jwk, created_ms, signs_from_ms)
  VALUES (?, ?, ?, ?, ?) ON CONFLICT (generation) DO NOTHING`;

const DELETE_OLDER_KEYS = "DELETE FROM signing_key WHERE generation < ?";

const SigningKeyRow = z.object({
  generation: z.number(),
  public_jwk: z.string(),
  sealed_private_jwk: z.string(),
  created_ms: z.number(),
  signs_from_ms: z.number(),
});

function readRow(row: unknown): SigningKey {
  const { generation, public_jwk, sealed_private_jwk, created_ms, signs_from_ms } = SigningKeyRow.parse(row);
  return {
    generation,
    publicJwk: PublicJwk.parse(JSON.parse(public_jwk)),
    sealedPrivateJwk: sealed_private_jwk,
    createdMs: created_ms,
    signsFromMs: signs_from_ms,
  };
}

/** The keys in D1, their private halves sealed with the relay's master key. */
export function signingKeyStore(db: D1Database, masterKey: string): SigningKeyStore {
  return {
    async list() {
      const { results } = await db.prepare(SELECT_KEYS).all();
      return results.map(readRow);
    },
    async add({ generation, publicJwk, privateJwk, createdMs, signsFromMs }) {
      const sealed = await seal(masterKey, JSON.stringify(privateJwk));
      const { meta } = await db
        .prepare(INSERT_KEY)
        .bind(generation, JSON.stringify(publicJwk), sealed, createdMs, signsFromMs)
        .run();
      return meta.changes > 0;
    },
    async removeOlderThan(generation) {
      const { meta } = await db.prepare(DELETE_OLDER_KEYS).bind(generation).run();
      return meta.changes;
    },
    async openPrivateKey(key) {
      return PrivateJwk.parse(JSON.parse(await unseal(masterKey, key.sealedPrivateJwk)));
    },
  };
}
