import { fromBase64, toBase64, utf8Bytes } from "../kernel/encoding.ts";

/** What Standard Webhooks signs: `{id}.{timestamp}.{body}`, the bytes that are sent. */
export type SignedMessage = { id: string; timestampSeconds: number; body: Uint8Array };

/**
 * Who signs: the secrets that the relay shares with one subscriber, and the relay itself, which every receiver can check.
 * standardwebhooks.com, "Signature scheme": HMAC-SHA256 as `v1`, Ed25519 as `v1a`.
 */
export type WebhookSigner = { secrets: readonly CryptoKey[]; privateKey: CryptoKey };

const SECRET_PREFIX = "whsec_";
const SECRET_BYTES = 32; // the specification asks for 24 to 64

/** A new signing secret: `whsec_` + standard base64 of random bytes, as every Standard Webhooks library reads it. */
export function newSigningSecret(): string {
  return SECRET_PREFIX + toBase64(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)));
}

/** The key of a `whsec_…` secret. Rejects on a text that is no such secret, without repeating it. */
export async function importSigningSecret(secret: string): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", secretBytes(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
}

/** The `webhook-signature` header: one `v1,…` a secret, so that a receiver accepts either while they rotate, and one `v1a,…`. */
export async function signWebhook({ secrets, privateKey }: WebhookSigner, message: SignedMessage): Promise<string> {
  const content = signedContent(message);
  const signatures = await Promise.all([
    ...secrets.map(async (key) => `v1,${base64Of(await crypto.subtle.sign("HMAC", key, content))}`),
    crypto.subtle.sign("Ed25519", privateKey, content).then((signature) => `v1a,${base64Of(signature)}`),
  ]);
  return signatures.join(" ");
}

const base64Of = (bytes: ArrayBuffer): string => toBase64(new Uint8Array(bytes));

function secretBytes(secret: string): Uint8Array<ArrayBuffer> {
  if (!secret.startsWith(SECRET_PREFIX)) throw new Error("a signing secret without its whsec_ prefix");
  const bytes = fromBase64(secret.slice(SECRET_PREFIX.length));
  if (bytes.length === 0) throw new Error("an empty signing secret");
  return bytes;
}

/** Bytes, never text: a body decoded and encoded again could differ from the one that is sent. */
function signedContent({ id, timestampSeconds, body }: SignedMessage): Uint8Array<ArrayBuffer> {
  const head = utf8Bytes(`${id}.${timestampSeconds}.`);
  const content = new Uint8Array(head.length + body.length);
  content.set(head);
  content.set(body, head.length);
  return content;
}
