import { env } from "cloudflare:workers";
import { calculateJwkThumbprint } from "jose";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { fromBase64Url } from "../../../src/kernel/encoding.ts";
import { rotateKeys, SIGNING_LEAD_MS } from "../../../src/keys/key-rotation.ts";
import { KEYS_FRESH_MS, Keyring } from "../../../src/keys/keyring.ts";
import { WEBHOOK_KEYS, type WebhookKeys, webhookPublicKey } from "../../../src/keys/webhook-keys.ts";
import { webhookKeyStore } from "../../../src/registry/webhook-keys.ts";

const DAY_MS = 24 * 3600_000;
const MESSAGE = new TextEncoder().encode("id.1.{}");

let nowMs: number;
const clock = { now: () => nowMs };

/** A new isolate: it remembers nothing but what is in D1. */
const startIsolate = (masterKey = env.RELAY_MASTER_KEY): WebhookKeys => ({
  store: webhookKeyStore(env.REGISTRY, masterKey),
  clock,
  keyring: new Keyring(WEBHOOK_KEYS),
});

async function listKeys(isolate: WebhookKeys) {
  const keys = await isolate.keyring.listKeys(isolate);
  if (!keys.ok) throw new Error(keys.error.reason);
  return keys.value;
}

async function sign(isolate: WebhookKeys): Promise<{ kid: string; signature: ArrayBuffer }> {
  const key = await isolate.keyring.signingKey(isolate);
  if (!key.ok) throw new Error(key.error.reason);
  return { kid: key.value.kid, signature: await crypto.subtle.sign("Ed25519", key.value.privateKey, MESSAGE) };
}

beforeEach(async () => {
  vi.spyOn(console, "log").mockImplementation(() => {});
  nowMs = Date.UTC(2020, 0, 1);
  await env.REGISTRY.exec("DELETE FROM webhook_key");
});

describe("the first use", () => {
  test("in several isolates at once gives one key, and the listed half checks what each has signed", async () => {
    const isolates = [startIsolate(), startIsolate(), startIsolate()];
    const signed = await Promise.all(isolates.map(sign));
    const [listed, ...more] = await listKeys(startIsolate());
    expect(more).toEqual([]);
    if (!listed) throw new Error("no key");
    expect(listed.publicJwk.kid).toBe(await calculateJwkThumbprint(listed.publicJwk));
    const raw = fromBase64Url(listed.publicJwk.x);
    expect(raw).toHaveLength(32);
    const publicKey = await crypto.subtle.importKey("raw", raw, "Ed25519", false, ["verify"]);
    for (const { kid, signature } of signed) {
      expect(kid).toBe(listed.publicJwk.kid);
      expect(await crypto.subtle.verify("Ed25519", publicKey, signature, MESSAGE)).toBe(true);
    }
  });
});

describe("the private key in D1", () => {
  test("is sealed: nothing of it can be read", async () => {
    const isolate = startIsolate();
    const [key] = await listKeys(isolate);
    if (!key) throw new Error("no key");
    const { d } = await isolate.store.openPrivateKey(key);
    const row = await env.REGISTRY.prepare("SELECT * FROM webhook_key").first();
    expect(JSON.stringify(row)).not.toContain(d);
  });

  test("cannot be opened under another master key: the list goes on, signing says so", async () => {
    await listKeys(startIsolate());
    const stranger = startIsolate("another master key");
    expect(await listKeys(stranger)).toHaveLength(1);
    expect(await stranger.keyring.signingKey(stranger)).toEqual({ ok: false, error: { reason: "keys_unavailable" } });
  });

  test("never becomes part of the list, not even when it stands in the wrong column", async () => {
    const isolate = startIsolate();
    const [key] = await listKeys(isolate);
    if (!key) throw new Error("no key");
    const both = JSON.stringify({ ...key.publicJwk, ...(await isolate.store.openPrivateKey(key)) });
    await env.REGISTRY.prepare("UPDATE webhook_key SET public_key = ?").bind(both).run();
    const fresh = startIsolate();
    expect(await fresh.keyring.listKeys(fresh)).toEqual({ ok: false, error: { reason: "keys_unavailable" } });
  });
});

describe("a rotation", () => {
  test("lists the new key for a day before it signs, and the old one for a week after", async () => {
    const isolate = startIsolate();
    const first = await sign(isolate);
    nowMs += 90 * DAY_MS - 1;
    expect(await rotateKeys(WEBHOOK_KEYS, isolate)).toEqual({ added: false, removed: 0 });
    nowMs += 1;
    expect(await rotateKeys(WEBHOOK_KEYS, isolate)).toEqual({ added: true, removed: 0 });
    nowMs += KEYS_FRESH_MS;
    const listed = await listKeys(isolate);
    expect(listed).toHaveLength(2);
    const second = listed[0]?.publicJwk.kid;
    expect((await sign(isolate)).kid).toBe(first.kid);
    nowMs += SIGNING_LEAD_MS - KEYS_FRESH_MS;
    expect((await sign(isolate)).kid).toBe(second);
    nowMs += 7 * DAY_MS - 1;
    expect(await rotateKeys(WEBHOOK_KEYS, isolate)).toEqual({ added: false, removed: 0 });
    nowMs += 1;
    expect(await rotateKeys(WEBHOOK_KEYS, isolate)).toEqual({ added: false, removed: 1 });
    expect((await listKeys(startIsolate())).map(({ publicJwk }) => publicJwk.kid)).toEqual([second]);
  });
});

test("the list that everybody may read has the whpk_ form, the JWK and the times of each key, newest first", async () => {
  const isolate = startIsolate();
  const [first] = await listKeys(isolate);
  nowMs += 90 * DAY_MS;
  await rotateKeys(WEBHOOK_KEYS, isolate);
  const [second] = await listKeys(startIsolate());
  if (!first || !second) throw new Error("no key");
  // The routes ask their isolate's own keyring: loaded anew, it remembers nothing.
  vi.resetModules();
  const { webhookKeyRoutes } = await import("../../../src/http/webhook-keys.ts");
  const answer = await webhookKeyRoutes.request("https://relay.test/.well-known/webhook-keys", {}, env);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("Cache-Control")).toBe("public, max-age=300");
  const entry = (key: typeof first) => ({
    id: key.publicJwk.kid,
    publicKey: webhookPublicKey(key.publicJwk),
    jwk: { kty: "OKP", crv: "Ed25519", x: key.publicJwk.x, kid: key.publicJwk.kid, use: "sig" },
    createdAt: new Date(key.createdMs).toISOString(),
    signsFrom: new Date(key.signsFromMs).toISOString(),
  });
  expect(await answer.json()).toEqual({ keys: [entry(second), entry(first)] });
  expect(entry(second).signsFrom).toBe("2020-04-01T00:00:00.000Z");
});
