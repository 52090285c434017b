import { fromBase64, toBase64, toBase64Url, utf8Bytes } from "./encoding.ts";

const IV_BYTES = 12; // NIST SP 800-38D §8.2: 96-bit nonces.
const KEY_ID_CHARS = 8; // tells a deployment's few master keys apart
const BOX = /^v2\.([\w-]{8})\.(.*)$/s;
/** What boxes looked like that do not name their key. */
const BOX_WITHOUT_KEY_ID = "v1.";

const decoder = new TextDecoder();

/** A master key, ready: its id says which boxes it has sealed, and nothing about itself. */
type MasterKey = { id: string; key: CryptoKey };

// Keys, not promises of keys: a promise that was made for one request must not be waited for by another in workerd.
const known = new Map<string, MasterKey>();

/** Any long secret text becomes an AES-256 key: SHA-256 is enough, because the secret is random, not a password. */
async function openMasterKey(secret: string): Promise<MasterKey> {
  const before = known.get(secret);
  if (before) return before;
  const raw = await crypto.subtle.digest("SHA-256", utf8Bytes(secret));
  const [key, idDigest] = await Promise.all([
    crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]),
    crypto.subtle.digest("SHA-256", raw),
  ]);
  const opened = { id: toBase64Url(new Uint8Array(idDigest)).slice(0, KEY_ID_CHARS), key };
  known.set(secret, opened);
  return opened;
}

/** The newest of the master keys seals; those behind it, while they are replaced, still open what they have sealed. */
const splitKeys = (masterKeys: string): string[] => masterKeys.split(",").filter((key) => key !== "");

function newestOf(masterKeys: string): Promise<MasterKey> {
  const [newest] = splitKeys(masterKeys);
  // Anybody can make the key of the empty text.
  if (newest === undefined) throw new Error("there is no master key");
  return openMasterKey(newest);
}

const prefixOf = ({ id }: MasterKey): string => `v2.${id}.`;

/** What every box begins with that the newest of these keys (separated by commas) has sealed. */
export async function sealPrefix(masterKeys: string): Promise<string> {
  return prefixOf(await newestOf(masterKeys));
}

/** Encrypts a secret for storage (AES-256-GCM): `v2.` + id of the key + `.` + base64 of nonce and ciphertext. */
export async function seal(masterKeys: string, secret: string): Promise<string> {
  const newest = await newestOf(masterKeys);
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const cipher = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, newest.key, utf8Bytes(secret));
  const box = new Uint8Array(IV_BYTES + cipher.byteLength);
  box.set(iv);
  box.set(new Uint8Array(cipher), IV_BYTES);
  return prefixOf(newest) + toBase64(box);
}

/** Decrypts what `seal` made with one of these keys. Throws when none of them did, or the box was changed. */
export async function unseal(masterKeys: string, sealed: string): Promise<string> {
  const keys = await Promise.all(splitKeys(masterKeys).map(openMasterKey));
  const [, keyId, text] = BOX.exec(sealed) ?? [];
  if (keyId !== undefined && text !== undefined) {
    const sealedBy = keys.find(({ id }) => id === keyId);
    if (!sealedBy) throw new Error("a sealed box of a master key that is not there");
    return decrypt(sealedBy, text);
  }
  if (!sealed.startsWith(BOX_WITHOUT_KEY_ID)) throw new Error("a sealed box of an unknown version");
  const older = sealed.slice(BOX_WITHOUT_KEY_ID.length);
  return Promise.any(keys.map((key) => decrypt(key, older)));
}

async function decrypt({ key }: MasterKey, text: string): Promise<string> {
  const box = fromBase64(text);
  const iv = box.subarray(0, IV_BYTES);
  return decoder.decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, box.subarray(IV_BYTES)));
}
