import { env } from "cloudflare:workers";
import { createLocalJWKSet, jwtVerify } from "jose";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Clock } from "../../../src/kernel/clock.ts";
import { ensureKeys, rotateKeys, SIGNING_LEAD_MS } from "../../../src/keys/key-rotation.ts";
import { SIGNING_KEYS } from "../../../src/oauth/signing-keys.ts";
import { mintAccessToken, type TokenDeps, verifyAccessToken } from "../../../src/oauth/tokens.ts";
import { signingKeyStore } from "../../../src/registry/signing-keys.ts";
import { ISSUER, startIsolate } from "../../support/isolate.ts";

const DAY_MS = 24 * 3600_000;
const GRANT = { clientId: "client", kind: "publisher", scopes: ["anonymous"] } as const;

let nowMs: number;
const clock: Clock = { now: () => nowMs };
const store = signingKeyStore(env.REGISTRY, env.RELAY_MASTER_KEY);

async function mintToken(isolate: TokenDeps): Promise<string> {
  const minted = await mintAccessToken(isolate, GRANT);
  if (!minted.ok) throw new Error(minted.error.reason);
  return minted.value.token;
}

async function fetchJwks(isolate: TokenDeps) {
  const keys = await isolate.keyring.listKeys(isolate);
  if (!keys.ok) throw new Error(keys.error.reason);
  return { keys: keys.value.map(({ publicJwk }) => publicJwk) };
}

beforeEach(async () => {
  vi.spyOn(console, "log").mockImplementation(() => {});
  nowMs = Date.UTC(2020, 0, 1);
  await env.REGISTRY.exec("DELETE FROM signing_key");
});

describe("the first use", () => {
  test("in several isolates at once gives one key, and each accepts the others' tokens", async () => {
    const isolates = [startIsolate(store, clock), startIsolate(store, clock), startIsolate(store, clock)];
    const tokens = await Promise.all(isolates.map(mintToken));
    const { results } = await env.REGISTRY.prepare("SELECT generation FROM signing_key").all();
    expect(results).toEqual([{ generation: 1 }]);
    for (const isolate of isolates) {
      for (const token of tokens) expect((await verifyAccessToken(isolate, token)).ok).toBe(true);
    }
  });

  test("may be a look at the JWKS, or a check of somebody's token", async () => {
    expect((await fetchJwks(startIsolate(store, clock))).keys).toHaveLength(1);
    await env.REGISTRY.exec("DELETE FROM signing_key");
    expect(await verifyAccessToken(startIsolate(store, clock), "no token")).toEqual({
      ok: false,
      error: { reason: "token_invalid" },
    });
  });
});

describe("the private key in D1", () => {
  const readRow = () =>
    env.REGISTRY.prepare("SELECT public_jwk, sealed_private_jwk FROM signing_key").first<Record<string, string>>();

  test("is sealed: nothing of it can be read", async () => {
    const [key] = await ensureKeys(SIGNING_KEYS, { store, clock });
    if (!key) throw new Error("no key");
    const privateJwk = await store.openPrivateKey(key);
    const row = JSON.stringify(await readRow());
    for (const member of ["d", "p", "q", "dp", "dq", "qi"] as const) expect(row).not.toContain(privateJwk[member]);
    expect(Object.keys(JSON.parse((await readRow())?.public_jwk ?? ""))).not.toContain("d");
  });

  test("cannot be opened under another master key: checking goes on, signing says so", async () => {
    const token = await mintToken(startIsolate(store, clock));
    const stranger = startIsolate(signingKeyStore(env.REGISTRY, "another master key"), clock);
    const [key] = await stranger.store.list();
    if (!key) throw new Error("no key");
    await expect(stranger.store.openPrivateKey(key)).rejects.toThrow();
    expect(await mintAccessToken(stranger, GRANT)).toEqual({ ok: false, error: { reason: "keys_unavailable" } });
    expect((await verifyAccessToken(stranger, token)).ok).toBe(true);
  });

  test("cannot be swapped or changed unnoticed", async () => {
    await ensureKeys(SIGNING_KEYS, { store, clock });
    await env.REGISTRY.exec("UPDATE signing_key SET sealed_private_jwk = substr(sealed_private_jwk, 1, 100)");
    expect(await mintAccessToken(startIsolate(store, clock), GRANT)).toMatchObject({ ok: false });
  });

  test("never becomes part of the JWKS, not even when it stands in the wrong column", async () => {
    const [key] = await ensureKeys(SIGNING_KEYS, { store, clock });
    if (!key) throw new Error("no key");
    const both = JSON.stringify({ ...key.publicJwk, ...(await store.openPrivateKey(key)) });
    await env.REGISTRY.prepare("UPDATE signing_key SET public_jwk = ?").bind(both).run();
    await expect(store.list()).rejects.toThrow();
    const isolate = startIsolate(store, clock);
    expect(await isolate.keyring.listKeys(isolate)).toEqual({ ok: false, error: { reason: "keys_unavailable" } });
  });
});

describe("a rotation in D1", () => {
  test("overlaps: listed first, signing a day later, the old key gone after its last token", async () => {
    const first = await mintToken(startIsolate(store, clock));
    nowMs += 30 * DAY_MS;
    expect(await rotateKeys(SIGNING_KEYS, { store, clock })).toEqual({ added: true, removed: 0 });

    const fetchedEarly = await fetchJwks(startIsolate(store, clock));
    expect(fetchedEarly.keys).toHaveLength(2);
    const kidOf = (token: string) => JSON.parse(atob(token.split(".")[0] ?? "")).kid;
    expect(kidOf(await mintToken(startIsolate(store, clock)))).toBe(kidOf(first));

    nowMs += SIGNING_LEAD_MS;
    const young = await mintToken(startIsolate(store, clock));
    expect(kidOf(young)).not.toBe(kidOf(first));
    const options = { issuer: ISSUER, audience: "api_providers", currentDate: new Date(nowMs) };
    await jwtVerify(young, createLocalJWKSet(fetchedEarly), options);

    nowMs += DAY_MS;
    expect(await rotateKeys(SIGNING_KEYS, { store, clock })).toEqual({ added: false, removed: 1 });
    expect((await fetchJwks(startIsolate(store, clock))).keys.map(({ kid }) => kid)).toEqual([kidOf(young)]);
  });

  test("by two crons at once adds one key, and repeating it changes nothing", async () => {
    await ensureKeys(SIGNING_KEYS, { store, clock });
    nowMs += 30 * DAY_MS;
    const rotated = await Promise.all([
      rotateKeys(SIGNING_KEYS, { store, clock }),
      rotateKeys(SIGNING_KEYS, { store, clock }),
    ]);
    expect(rotated.map(({ added }) => added).toSorted()).toEqual([false, true]);
    expect(await rotateKeys(SIGNING_KEYS, { store, clock })).toEqual({ added: false, removed: 0 });
    expect((await store.list()).map(({ generation }) => generation)).toEqual([2, 1]);
  });
});

test("a warm check does no query", async () => {
  const isolate = startIsolate(store, clock);
  const token = await mintToken(isolate);
  const other = await mintToken(isolate);
  const prepare = vi.spyOn(env.REGISTRY, "prepare");
  const offline = { ...isolate, store: { ...isolate.store, list: () => Promise.reject(new Error("a query")) } };
  for (const each of [token, other, token]) expect((await verifyAccessToken(offline, each)).ok).toBe(true);
  expect(prepare).not.toHaveBeenCalled();
  prepare.mockRestore();
});
