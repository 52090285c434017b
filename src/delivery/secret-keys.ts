import { importSigningSecret } from "../domain/signature.ts";
import { keepNewest } from "../kernel/bounded-map.ts";
import { SECRET_KEY_CACHE_ENTRIES_MAX } from "../kernel/limits.ts";

/**
 * The function to pass as `secretKey` of `AttemptDeps`, one per isolate: opens a sealed signing secret once. Only its key is kept,
 * which cannot be taken out of the isolate. Rejects when `open` does, and where it is no secret that was sealed; neither is kept.
 * Requests share keys, never promises: one that is cut off would take the others with it.
 */
export function createSecretKeys(open: (sealed: string) => Promise<string>): (sealed: string) => Promise<CryptoKey> {
  const keys = new Map<string, CryptoKey>();
  return async function secretKey(sealed) {
    const known = keys.get(sealed);
    if (known) return known;
    const key = await importSigningSecret(await open(sealed));
    keepNewest(keys, sealed, key, SECRET_KEY_CACHE_ENTRIES_MAX);
    return key;
  };
}
