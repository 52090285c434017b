import { createSignature, webcrypto } from "http-message-sig";
import { toBase64 } from "../kernel/encoding.ts";
import type { OpenedKey } from "../keys/keyring.ts";

/** What is signed of a request. `headers` has `content-type` and `webhook-id` in it. */
export type SignedRequest = { url: string; headers: Record<string, string>; body: Uint8Array; createdSeconds: number };

const LABEL = "relay";
const COVERED_HEADERS = ["content-type", "content-digest", "webhook-id"];
const COMPONENTS = ["@method", "@target-uri", ...COVERED_HEADERS];

/**
 * The headers of an HTTP Message Signature (RFC 9421) by the relay's key: `content-digest` (RFC 9530) stands for the body, so that
 * the signature covers method, URL, type, body and id of a delivery.
 */
export async function signRequest(key: OpenedKey, request: SignedRequest): Promise<Record<string, string>> {
  const { url, body, createdSeconds } = request;
  const digest = await crypto.subtle.digest("SHA-256", body as Uint8Array<ArrayBuffer>);
  const headers: Record<string, string> = {
    ...request.headers,
    "content-digest": `sha-256=:${toBase64(new Uint8Array(digest))}:`,
  };
  const fields = COVERED_HEADERS.map((name) => ({ name, value: headers[name] ?? "" }));
  const signed = await createSignature(
    { kind: "request", method: "POST", targetUri: url, fields },
    {
      label: LABEL,
      components: COMPONENTS,
      parameters: { created: createdSeconds, keyid: key.kid, alg: "ed25519" },
      signer: webcrypto.signer(key.privateKey),
    },
  );
  return { ...headers, "signature-input": signed.signatureInput, signature: signed.signature };
}
