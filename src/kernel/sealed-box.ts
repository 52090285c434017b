import { fromBase64, toBase64, utf8Bytes } from "./encoding.ts";

const IV_BYTES = 12; // NIST SP 800-38D §8.2: 96-bit nonces.
const decoder = new TextDecoder();
const keys = new Map<string, Promise<CryptoKey>>();

/** Any long secret text becomes an AES-256 key: SHA-256 is enough, because the secret is random, not a password. */
function sealingKey(masterKey: string): Promise<CryptoKey> {
  const known = keys.get(masterKey);
  if (known) return known;
  const made = crypto.subtle
    .digest("SHA-256", utf8Bytes(masterKey))
    .then((raw) => crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]));
  keys.set(masterKey, made);
  return made;
}

/** Encrypts a secret for storage (AES-256-GCM): `v1.` + base64 of nonce and ciphertext. */
export async function seal(masterKey: string, secret: string): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const cipher = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await sealingKey(masterKey), utf8Bytes(secret));
  const box = new Uint8Array(IV_BYTES + cipher.byteLength);
  box.set(iv);
  box.set(new Uint8Array(cipher), IV_BYTES);
  return `v1.${toBase64(box)}`;
}

/** Decrypts what `seal` made. Throws when the key is another one or the box was changed. */
export async function unseal(masterKey: string, sealed: string): Promise<string> {
  if (!sealed.startsWith("v1.")) throw new Error("a sealed box of an unknown version");
  const box = fromBase64(sealed.slice(3));
  const plain = await crypto.subtle.decrypt(
    { name: "AES-GCM", iv: box.subarray(0, IV_BYTES) },
    await sealingKey(masterKey),
    box.subarray(IV_BYTES),
  );
  return decoder.decode(plain);
}
