import { beforeEach, expect, test, vi } from "vitest";
import { ensureKeys, pickSigningKey, rotateKeys, SIGNING_LEAD_MS } from "../../../src/keys/key-rotation.ts";
import { SIGNING_KEYS } from "../../../src/oauth/signing-keys.ts";
import type { StoredKey } from "../../../src/registry/key-store.ts";
import { DAY_MS, HeldClock, HOUR_MS, MemoryKeyStore } from "./memory-key-store.ts";

beforeEach(() => {
  vi.spyOn(console, "log").mockImplementation(() => {});
});

const generations = (keys: readonly StoredKey<unknown>[]): number[] => keys.map(({ generation }) => generation);

async function startWithOneKey() {
  const deps = { store: new MemoryKeyStore(), clock: new HeldClock() };
  await ensureKeys(SIGNING_KEYS, deps);
  return deps;
}

test("the first use makes one key, which signs at once", async () => {
  const deps = { store: new MemoryKeyStore(), clock: new HeldClock() };
  const keys = await ensureKeys(SIGNING_KEYS, deps);
  expect(generations(keys)).toEqual([1]);
  expect(pickSigningKey(keys, deps.clock.now()).generation).toBe(1);
});

test("two isolates that make the first key at the same time end up with the same one", async () => {
  const deps = { store: new MemoryKeyStore(), clock: new HeldClock() };
  const [one, other] = await Promise.all([ensureKeys(SIGNING_KEYS, deps), ensureKeys(SIGNING_KEYS, deps)]);
  expect(one).toHaveLength(1);
  expect(other).toEqual(one);
});

test("an hourly rotation leaves a young key alone", async () => {
  const deps = await startWithOneKey();
  deps.clock.advance(30 * DAY_MS - 1);
  expect(await rotateKeys(SIGNING_KEYS, deps)).toEqual({ added: false, removed: 0 });
});

test("a new key is listed for a day before it signs", async () => {
  const deps = await startWithOneKey();
  deps.clock.advance(30 * DAY_MS);
  expect(await rotateKeys(SIGNING_KEYS, deps)).toEqual({ added: true, removed: 0 });
  const keys = await deps.store.list();
  expect(generations(keys)).toEqual([2, 1]);
  const addedMs = deps.clock.now();
  expect(pickSigningKey(keys, addedMs + SIGNING_LEAD_MS - 1).generation).toBe(1);
  expect(pickSigningKey(keys, addedMs + SIGNING_LEAD_MS).generation).toBe(2);
  expect(SIGNING_LEAD_MS).toBe(DAY_MS);
});

test("the old key stays listed until the last token it signed has expired, then it goes", async () => {
  const deps = await startWithOneKey();
  deps.clock.advance(30 * DAY_MS);
  await rotateKeys(SIGNING_KEYS, deps);
  deps.clock.advance(SIGNING_LEAD_MS + HOUR_MS);
  expect(await rotateKeys(SIGNING_KEYS, deps)).toEqual({ added: false, removed: 0 });
  expect(generations(await deps.store.list())).toEqual([2, 1]);
  deps.clock.advance(HOUR_MS);
  expect(await rotateKeys(SIGNING_KEYS, deps)).toEqual({ added: false, removed: 1 });
  expect(generations(await deps.store.list())).toEqual([2]);
});

test("two rotations at the same time add one key", async () => {
  const deps = await startWithOneKey();
  deps.clock.advance(30 * DAY_MS);
  const rotated = await Promise.all([rotateKeys(SIGNING_KEYS, deps), rotateKeys(SIGNING_KEYS, deps)]);
  expect(rotated.filter(({ added }) => added)).toHaveLength(1);
  expect(generations(await deps.store.list())).toEqual([2, 1]);
});

test("a year of hourly rotations never leaves a moment without an established key, nor a heap of old ones", async () => {
  const deps = await startWithOneKey();
  for (let hour = 1; hour <= 365 * 24; hour++) {
    deps.clock.advance(HOUR_MS);
    const before = pickSigningKey(await deps.store.list(), deps.clock.now());
    await rotateKeys(SIGNING_KEYS, deps);
    const keys = await deps.store.list();
    expect(pickSigningKey(keys, deps.clock.now()).generation).toBe(before.generation);
    expect(keys.length).toBeLessThanOrEqual(2);
  }
  expect((await deps.store.list())[0]?.generation).toBe(13);
}, 60_000);

test("a cron that was away for a year catches up with one key, and the old one goes on signing meanwhile", async () => {
  const deps = await startWithOneKey();
  deps.clock.advance(365 * DAY_MS);
  await rotateKeys(SIGNING_KEYS, deps);
  await rotateKeys(SIGNING_KEYS, deps);
  const keys = await deps.store.list();
  expect(generations(keys)).toEqual([2, 1]);
  expect(pickSigningKey(keys, deps.clock.now()).generation).toBe(1);
});

test("when the signing key was withdrawn, the one in waiting takes over", async () => {
  const deps = await startWithOneKey();
  const first = pickSigningKey(await deps.store.list(), deps.clock.now());
  deps.clock.advance(30 * DAY_MS);
  await rotateKeys(SIGNING_KEYS, deps);
  deps.store.withdraw(first.publicJwk.kid);
  expect(pickSigningKey(await deps.store.list(), deps.clock.now()).generation).toBe(2);
});

test("every key has its own name, and the listed half has no private member", async () => {
  const deps = await startWithOneKey();
  deps.clock.advance(30 * DAY_MS);
  await rotateKeys(SIGNING_KEYS, deps);
  const jwks = (await deps.store.list()).map(({ publicJwk }) => publicJwk);
  expect(new Set(jwks.map(({ kid }) => kid)).size).toBe(2);
  for (const jwk of jwks) expect(Object.keys(jwk).sort()).toEqual(["alg", "e", "kid", "kty", "n", "use"]);
});
