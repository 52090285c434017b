import { createHash, createPublicKey, verify } from "node:crypto";
import type { ReceivedRequest } from "./receivers.ts";

/** How a receiver checks where a delivery came from, with nothing of the relay's own code. */

/** An entry of `/.well-known/webhook-keys`. */
export type PublishedKey = {
  id: string;
  publicKey: string;
  jwk: { kty: string; crv: string; x: string; kid: string };
  createdAt: string;
  signsFrom: string;
};

export async function fetchWebhookKeys(origin: string): Promise<PublishedKey[]> {
  const answer = await fetch(`${origin}/.well-known/webhook-keys`);
  if (!answer.ok) throw new Error(`no keys: ${answer.status}`);
  return ((await answer.json()) as { keys: PublishedKey[] }).keys;
}

/** What stands before the 32 bytes of an Ed25519 key in DER (RFC 8410 §4). */
const SPKI_HEAD = Buffer.from("302a300506032b6570032100", "hex");

/** Standard Webhooks, asymmetric: whether a `v1a` word of the signature is the listed key's. */
export function isSignedBy({ publicKey }: PublishedKey, { headers, body }: ReceivedRequest): boolean {
  const raw = Buffer.from(publicKey.replace(/^whpk_/, ""), "base64");
  const key = createPublicKey({ key: Buffer.concat([SPKI_HEAD, raw]), format: "der", type: "spki" });
  const content = Buffer.concat([Buffer.from(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.`), body]);
  const words = String(headers["webhook-signature"]).split(" ");
  const own = words.filter((word) => word.startsWith("v1a,")).map((word) => Buffer.from(word.slice(4), "base64"));
  return own.some((signature) => verify(null, content, key, signature));
}

/** RFC 9530: whether the body is the one that `content-digest` stands for. */
export const hasItsDigest = ({ headers, body }: ReceivedRequest): boolean =>
  headers["content-digest"] === `sha-256=:${createHash("sha256").update(body).digest("base64")}:`;
