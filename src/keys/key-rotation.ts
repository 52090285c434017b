import type { Clock } from "../kernel/clock.ts";
import { logLine } from "../kernel/log.ts";
import type { KeyStore, NewKey, StoredKey } from "../registry/key-store.ts";

/** What rotation and a keyring have to know of a kind of key. */
export type KeyKind<Public, Private> = {
  /** The first word of its log lines. */
  name: "oauth" | "webhook";
  /** As WebCrypto imports both halves. */
  algorithm: { name: string; hash?: string };
  makePair(): Promise<{ publicJwk: Public; privateJwk: Private }>;
  /** How old the newest key is when the next one is made. */
  rotationMs: number;
  /** How long a key stays listed after it has signed for the last time. */
  retireMs: number;
};

export type KeyDeps<Public, Private> = { store: KeyStore<Public, Private>; clock: Clock };

/**
 * How long a new key is listed before it signs. Receivers' libraries keep a list of keys for up to a day without asking again
 * (ours says five minutes, but not all of them listen), and every isolate has read D1 again long before.
 */
export const SIGNING_LEAD_MS = 24 * 3600_000;

async function makeKey<Public, Private>(
  kind: KeyKind<Public, Private>,
  generation: number,
  { createdMs, signsFromMs }: { createdMs: number; signsFromMs: number },
): Promise<NewKey<Public, Private>> {
  return { generation, ...(await kind.makePair()), createdMs, signsFromMs };
}

/** All keys, newest first. The very first one is made here and signs at once: nobody has a list without it. */
export async function ensureKeys<Public, Private>(
  kind: KeyKind<Public, Private>,
  { store, clock }: KeyDeps<Public, Private>,
): Promise<StoredKey<Public>[]> {
  const keys = await store.list();
  if (keys.length > 0) return keys;
  const nowMs = clock.now();
  await store.add(await makeKey(kind, 1, { createdMs: nowMs, signsFromMs: nowMs }));
  return store.list();
}

/**
 * The newest key whose time to sign has come. Where none has (the one before it was deleted by hand because it leaked),
 * the oldest there is: better a key that some receivers have yet to hear of than none.
 */
export function pickSigningKey<Public>(keys: readonly StoredKey<Public>[], nowMs: number): StoredKey<Public> {
  const key = keys.find(({ signsFromMs }) => signsFromMs <= nowMs) ?? keys.at(-1);
  if (!key) throw new Error("there is no signing key");
  return key;
}

/** The oldest generation that may still be needed: older ones stopped signing so long ago that nothing of theirs is alive. */
function oldestNeededGeneration(keys: readonly StoredKey<unknown>[], settledMs: number): number {
  const settled = keys.find(({ signsFromMs }) => signsFromMs <= settledMs);
  return settled?.generation ?? 0;
}

/** Called every hour: adds a key when the newest is old enough and drops those that have had their time. Safe to repeat and to miss. */
export async function rotateKeys<Public, Private>(
  kind: KeyKind<Public, Private>,
  deps: KeyDeps<Public, Private>,
): Promise<{ added: boolean; removed: number }> {
  const { store, clock } = deps;
  const keys = await ensureKeys(kind, deps);
  const nowMs = clock.now();
  const newest = keys[0];
  const due = newest !== undefined && nowMs - newest.createdMs >= kind.rotationMs;
  const times = { createdMs: nowMs, signsFromMs: nowMs + SIGNING_LEAD_MS };
  const added = due && (await store.add(await makeKey(kind, newest.generation + 1, times)));
  const removed = await store.removeOlderThan(oldestNeededGeneration(keys, nowMs - kind.retireMs));
  if (added || removed > 0) logLine(`${kind.name}.keys_rotated`, { added, removed });
  return { added, removed };
}
