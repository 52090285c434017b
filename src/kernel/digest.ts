import { toBase64Url, utf8Bytes } from "./encoding.ts";

/** SHA-256 of a text (as UTF-8) or of bytes, as base64url. */
export async function sha256(input: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = typeof input === "string" ? utf8Bytes(input) : input;
  return toBase64Url(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

/** Compares two texts in a time that depends on their length only. */
export function equalInConstantTime(a: string, b: string): boolean {
  const left = utf8Bytes(a);
  const right = utf8Bytes(b);
  let difference = left.length ^ right.length;
  for (let i = 0; i < left.length; i++) difference |= (left[i] ?? 0) ^ (right[i % Math.max(1, right.length)] ?? 0);
  return difference === 0;
}
