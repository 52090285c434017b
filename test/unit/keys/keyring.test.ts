import { beforeEach, describe, expect, test, vi } from "vitest";
import { ensureKeys, rotateKeys, SIGNING_LEAD_MS } from "../../../src/keys/key-rotation.ts";
import { KEYS_FRESH_MS, Keyring, RELOAD_PAUSE_MS } from "../../../src/keys/keyring.ts";
import { SIGNING_KEYS } from "../../../src/oauth/signing-keys.ts";
import type { PrivateJwk, PublicJwk } from "../../../src/registry/signing-keys.ts";
import { DAY_MS, expectValue, HeldClock, MemoryKeyStore } from "./memory-key-store.ts";

const UNAVAILABLE = { ok: false, error: { reason: "keys_unavailable" } };

let store: MemoryKeyStore;
let clock: HeldClock;
let keyring: Keyring<PublicJwk, PrivateJwk>;
let deps: { store: MemoryKeyStore; clock: HeldClock };

beforeEach(async () => {
  vi.spyOn(console, "log").mockImplementation(() => {});
  store = new MemoryKeyStore();
  clock = new HeldClock();
  deps = { store, clock };
  keyring = new Keyring(SIGNING_KEYS);
  await ensureKeys(SIGNING_KEYS, deps);
  store.reads = 0;
});

const listedKids = async () => expectValue(await keyring.listKeys(deps)).map(({ publicJwk }) => publicJwk.kid);

test("a warm keyring signs, lists and checks without a read", async () => {
  const { kid } = expectValue(await keyring.signingKey(deps));
  expect(store.reads).toBe(1);
  clock.advance(KEYS_FRESH_MS - 1);
  expectValue(await keyring.signingKey(deps));
  expect(await listedKids()).toEqual([kid]);
  expect(expectValue(await keyring.verificationKey(deps, kid))).toBeInstanceOf(CryptoKey);
  expect(store.reads).toBe(1);
});

test("the private key cannot be taken out of the isolate", async () => {
  const { privateKey } = expectValue(await keyring.signingKey(deps));
  expect(privateKey.extractable).toBe(false);
  expect(privateKey.usages).toEqual(["sign"]);
});

test("a key added elsewhere is listed once what is known is no longer fresh", async () => {
  const [first] = await listedKids();
  clock.advance(30 * DAY_MS);
  await rotateKeys(SIGNING_KEYS, deps);
  clock.advance(KEYS_FRESH_MS);
  const kids = await listedKids();
  expect(kids).toHaveLength(2);
  expect(kids[1]).toBe(first);
});

describe("an unknown kid", () => {
  test("reads the registry again, and finds a key that is new", async () => {
    clock.advance(30 * DAY_MS);
    expectValue(await keyring.signingKey(deps));
    await rotateKeys(SIGNING_KEYS, deps);
    const newest = (await store.list())[0];
    clock.advance(RELOAD_PAUSE_MS);
    expect(expectValue(await keyring.verificationKey(deps, newest?.publicJwk.kid ?? ""))).toBeInstanceOf(CryptoKey);
  });

  test("reads it at most once in a few seconds, however many come", async () => {
    await listedKids();
    store.reads = 0;
    clock.advance(RELOAD_PAUSE_MS);
    const asked = Array.from({ length: 200 }, (_, i) => keyring.verificationKey(deps, `made-up-${i}`));
    for (const answer of await Promise.all(asked)) expect(expectValue(answer)).toBeNull();
    expect(store.reads).toBe(1);
    clock.advance(RELOAD_PAUSE_MS - 1);
    await keyring.verificationKey(deps, "made-up");
    expect(store.reads).toBe(1);
    clock.advance(1);
    await keyring.verificationKey(deps, "made-up");
    expect(store.reads).toBe(2);
  });
});

describe("while the registry is away", () => {
  test("a cold isolate says so, and recovers with it", async () => {
    store.failing = true;
    expect(await keyring.signingKey(deps)).toEqual(UNAVAILABLE);
    expect(await keyring.listKeys(deps)).toEqual(UNAVAILABLE);
    expect(await keyring.verificationKey(deps, "any")).toEqual(UNAVAILABLE);
    store.failing = false;
    expectValue(await keyring.signingKey(deps));
  });

  test("a warm isolate goes on with what it knows, and asks only now and then", async () => {
    const { kid } = expectValue(await keyring.signingKey(deps));
    store.failing = true;
    store.reads = 0;
    clock.advance(SIGNING_LEAD_MS - 1);
    for (let i = 0; i < 100; i++) {
      expect(expectValue(await keyring.signingKey(deps)).kid).toBe(kid);
      expect(expectValue(await keyring.verificationKey(deps, kid))).not.toBeNull();
    }
    expect(store.reads).toBe(1);
  });

  test("a warm isolate stops before a key it cannot know of could have begun to sign", async () => {
    await listedKids();
    store.failing = true;
    clock.advance(SIGNING_LEAD_MS);
    expect(await keyring.signingKey(deps)).toEqual(UNAVAILABLE);
  });
});

test("a key that was withdrawn is refused once what is known is no longer fresh", async () => {
  clock.advance(30 * DAY_MS);
  await rotateKeys(SIGNING_KEYS, deps);
  const { kid } = expectValue(await keyring.signingKey(deps));
  store.withdraw(kid);
  expect(expectValue(await keyring.verificationKey(deps, kid))).not.toBeNull();
  clock.advance(KEYS_FRESH_MS);
  expect(expectValue(await keyring.verificationKey(deps, kid))).toBeNull();
  expect(expectValue(await keyring.signingKey(deps)).kid).not.toBe(kid);
});

test("a key that cannot be opened is an outage of signing, not of checking", async () => {
  store.openPrivateKey = () => Promise.reject(new Error("sealed under another master key"));
  const [kid = ""] = await listedKids();
  expect(await keyring.signingKey(deps)).toEqual(UNAVAILABLE);
  expect(expectValue(await keyring.verificationKey(deps, kid))).not.toBeNull();
});

test("a slow read that began earlier does not undo a later one", async () => {
  await listedKids();
  clock.advance(KEYS_FRESH_MS);
  const before = await store.list();
  let answerSlowly: (keys: typeof before) => void = () => {};
  const list = store.list.bind(store);
  store.list = () =>
    new Promise((resolve) => {
      answerSlowly = resolve;
    });
  const slow = keyring.listKeys(deps);
  store.list = list;
  clock.advance(30 * DAY_MS);
  await rotateKeys(SIGNING_KEYS, deps);
  const newest = expectValue(await keyring.listKeys(deps));
  expect(newest).toHaveLength(2);
  answerSlowly(before);
  expect(expectValue(await slow)).toEqual(newest);
  expect(expectValue(await keyring.listKeys(deps))).toEqual(newest);
});
