import {
  CompactSign,
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  exportSPKI,
  generateKeyPair,
  importJWK,
  jwtVerify,
  SignJWT,
} from "jose";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { rotateKeys, SIGNING_LEAD_MS } from "../../../src/keys/key-rotation.ts";
import { KEYS_FRESH_MS } from "../../../src/keys/keyring.ts";
import { SIGNING_KEYS } from "../../../src/oauth/signing-keys.ts";
import { mintAccessToken, mintDeliveryToken, type TokenDeps, verifyAccessToken } from "../../../src/oauth/tokens.ts";
import { ISSUER, startIsolate } from "../../support/isolate.ts";
import { DAY_MS, expectValue, HeldClock, HOUR_MS, MemoryKeyStore } from "../keys/memory-key-store.ts";

const CLIENT_ID = "0190a5a0-0000-7000-8000-000000000001";
const INVALID = { ok: false, error: { reason: "token_invalid" } };
const EXPIRED = { ok: false, error: { reason: "token_expired" } };

let store: MemoryKeyStore;
let clock: HeldClock;
let deps: TokenDeps;

beforeEach(() => {
  vi.spyOn(console, "log").mockImplementation(() => {});
  store = new MemoryKeyStore();
  clock = new HeldClock();
  deps = startIsolate(store, clock);
});

const mintPublisherToken = async (lifetimeSeconds?: number) =>
  expectValue(
    await mintAccessToken(deps, {
      clientId: CLIENT_ID,
      kind: "publisher",
      scopes: ["anonymous"],
      ...(lifetimeSeconds !== undefined && { lifetimeSeconds }),
    }),
  );

const listJwks = async () => expectValue(await deps.keyring.listKeys(deps)).map(({ publicJwk }) => publicJwk);

const genuineClaims = () => {
  const iat = Math.floor(clock.now() / 1000);
  return {
    iss: ISSUER,
    aud: "api_providers",
    sub: CLIENT_ID,
    cid: CLIENT_ID,
    client_id: CLIENT_ID,
    kind: "publisher",
    scp: ["anonymous"],
    iat,
    exp: iat + 3600,
    jti: "one",
  };
};

/** Signs with the relay's own key whatever the test wants: only the claims or the header can be what is refused. */
async function signGenuinely(claims: object, header: object = {}): Promise<string> {
  const { kid, privateKey } = expectValue(await deps.keyring.signingKey(deps));
  return new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ alg: "RS256", kid, ...header })
    .sign(privateKey);
}

const encodePart = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");

describe("a token", () => {
  test("is one that a stranger can check with the JWKS, and says what the contract says", async () => {
    const { token, expiresMs } = await mintPublisherToken();
    const jwks = { keys: await listJwks() };
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(jwks), {
      issuer: ISSUER,
      audience: "api_providers",
      currentDate: new Date(clock.now()),
    });
    expect(protectedHeader).toEqual({ alg: "RS256", typ: "JWT", kid: jwks.keys[0]?.kid });
    expect(payload).toEqual({ ...genuineClaims(), jti: expect.any(String) });
    expect(expiresMs).toBe(clock.now() + HOUR_MS);
  });

  test("is a new one each time", async () => {
    const [one, other] = [await mintPublisherToken(), await mintPublisherToken()];
    expect(decodeJwt(one.token).jti).not.toBe(decodeJwt(other.token).jti);
  });

  test("tells the relay whose it is and until when", async () => {
    const { token, expiresMs } = await mintPublisherToken(60);
    expect(await verifyAccessToken(deps, token)).toEqual({
      ok: true,
      value: { clientId: CLIENT_ID, kind: "publisher", expiresMs },
    });
    const app = expectValue(await mintAccessToken(deps, { clientId: CLIENT_ID, kind: "app", scopes: ["anonymous"] }));
    expect(expectValue(await verifyAccessToken(deps, app.token)).kind).toBe("app");
  });

  test("is good in every isolate", async () => {
    const { token } = await mintPublisherToken();
    expectValue(await verifyAccessToken(startIsolate(store, clock), token));
  });

  test("cannot be minted for longer than the relay accepts", async () => {
    await expect(mintPublisherToken(3601)).rejects.toThrow(RangeError);
  });

  test("cannot be minted while the keys are away", async () => {
    store.failing = true;
    const minted = await mintDeliveryToken(deps, CLIENT_ID);
    expect(minted).toEqual({ ok: false, error: { reason: "keys_unavailable" } });
  });
});

describe("a delivery token", () => {
  test("is in the app's name and for receivers only: the relay does not accept it", async () => {
    const { token } = expectValue(await mintDeliveryToken(deps, CLIENT_ID));
    expect(decodeJwt(token)).toMatchObject({ sub: CLIENT_ID, cid: CLIENT_ID, client_id: CLIENT_ID, scp: ["delivery"] });
    expect(await verifyAccessToken(deps, token)).toEqual(INVALID);
  });

  test("does not become one of the relay's by naming a kind, or another scope beside its own", async () => {
    expect(await verifyAccessToken(deps, await signGenuinely({ ...genuineClaims(), scp: ["delivery"] }))).toEqual(
      INVALID,
    );
    const both = await signGenuinely({ ...genuineClaims(), scp: ["anonymous", "delivery"] });
    expect(await verifyAccessToken(deps, both)).toEqual(INVALID);
  });
});

describe("a check that is warm", () => {
  test("reads no registry, neither for a token seen before nor for a new one", async () => {
    const [seen, fresh] = [await mintPublisherToken(), await mintPublisherToken()];
    expectValue(await verifyAccessToken(deps, seen.token));
    store.reads = 0;
    store.failing = true;
    expectValue(await verifyAccessToken(deps, seen.token));
    expectValue(await verifyAccessToken(deps, fresh.token));
    expect(store.reads).toBe(0);
  });

  test("checks the signature of a token once", async () => {
    const check = vi.spyOn(crypto.subtle, "verify");
    const { token } = await mintPublisherToken();
    for (let i = 0; i < 5; i++) expectValue(await verifyAccessToken(deps, token));
    expect(check).toHaveBeenCalledTimes(1);
    check.mockRestore();
  });

  test("keeps nothing of a token that is not genuine", async () => {
    const { token } = await mintPublisherToken();
    expect(await verifyAccessToken(deps, `${token.slice(0, -4)}AAAA`)).toEqual(INVALID);
    expect(deps.verified.size).toBe(0);
  });

  test("lets a token expire that it has seen before, to the second", async () => {
    const { token, expiresMs } = await mintPublisherToken(60);
    expectValue(await verifyAccessToken(deps, token));
    clock.nowMs = expiresMs - 1;
    expectValue(await verifyAccessToken(deps, token));
    clock.nowMs = expiresMs;
    expect(await verifyAccessToken(deps, token)).toEqual(EXPIRED);
    expect(deps.verified.size).toBe(0);
  });

  test("refuses a token it has seen before once its key is withdrawn", async () => {
    const { token } = await mintPublisherToken();
    expectValue(await verifyAccessToken(deps, token));
    const { kid = "" } = decodeProtectedHeader(token);
    store.withdraw(kid);
    clock.advance(KEYS_FRESH_MS);
    expect(await verifyAccessToken(deps, token)).toEqual(INVALID);
  });
});

describe("over a rotation", () => {
  test("tokens of the old key and of the new one are good for their whole life, in an isolate old or new", async () => {
    await mintPublisherToken();
    clock.advance(30 * DAY_MS);
    await rotateKeys(SIGNING_KEYS, deps);
    clock.advance(SIGNING_LEAD_MS - 1000);
    const old = await mintPublisherToken();
    clock.advance(1000);
    const young = await mintPublisherToken();
    expect(decodeProtectedHeader(old.token).kid).not.toBe(decodeProtectedHeader(young.token).kid);
    clock.nowMs = old.expiresMs - 1;
    await rotateKeys(SIGNING_KEYS, deps);
    for (const isolate of [deps, startIsolate(store, clock)]) {
      expectValue(await verifyAccessToken(isolate, old.token));
      expectValue(await verifyAccessToken(isolate, young.token));
    }
  });

  test("a JWKS fetched before the new key signs is enough to check its first token", async () => {
    await mintPublisherToken();
    clock.advance(30 * DAY_MS);
    await rotateKeys(SIGNING_KEYS, deps);
    clock.advance(KEYS_FRESH_MS);
    const fetched = createLocalJWKSet({ keys: await listJwks() });
    clock.advance(SIGNING_LEAD_MS);
    const { token } = await mintPublisherToken();
    await jwtVerify(token, fetched, { currentDate: new Date(clock.now()) });
  });
});

describe("a forged token is refused:", () => {
  test("alg none, in any spelling, with and without a signature", async () => {
    const { kid } = expectValue(await deps.keyring.signingKey(deps));
    for (const alg of ["none", "None", "NONE", ""]) {
      const unsigned = `${encodePart({ alg, kid })}.${encodePart(genuineClaims())}.`;
      expect(await verifyAccessToken(deps, unsigned)).toEqual(INVALID);
      expect(await verifyAccessToken(deps, `${unsigned}AAAA`)).toEqual(INVALID);
    }
  });

  test("HS256 with the public key as the secret, as JWK and as PEM", async () => {
    const [jwk] = await listJwks();
    if (!jwk) throw new Error("no key");
    const publicKey = await importJWK(jwk, "RS256", { extractable: true });
    if (publicKey instanceof Uint8Array) throw new Error("not a public key");
    const secrets = [await exportSPKI(publicKey), JSON.stringify(jwk), jwk.n];
    for (const secret of secrets) {
      const token = await new SignJWT(genuineClaims())
        .setProtectedHeader({ alg: "HS256", kid: jwk.kid })
        .sign(new TextEncoder().encode(secret));
      expect(await verifyAccessToken(deps, token)).toEqual(INVALID);
    }
  });

  test("another key under a known kid, a kid of its own, and a key it brings along", async () => {
    const { kid } = expectValue(await deps.keyring.signingKey(deps));
    const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
    const jwk = await crypto.subtle.exportKey("jwk", publicKey);
    const headers = [{ kid }, { kid: "mine" }, { kid, jwk }, { kid, jku: "https://evil.example/keys" }, {}];
    for (const header of headers) {
      const token = await new CompactSign(new TextEncoder().encode(JSON.stringify(genuineClaims())))
        .setProtectedHeader({ alg: "RS256", ...header } as { alg: string })
        .sign(privateKey);
      expect(await verifyAccessToken(deps, token)).toEqual(INVALID);
    }
  });

  test("another RSA algorithm under a known kid", async () => {
    const { kid } = expectValue(await deps.keyring.signingKey(deps));
    for (const alg of ["PS256", "RS512"]) {
      const { privateKey } = await generateKeyPair(alg);
      const token = await new SignJWT(genuineClaims()).setProtectedHeader({ alg, kid }).sign(privateKey);
      expect(await verifyAccessToken(deps, token)).toEqual(INVALID);
    }
  });

  test("a payload or a header changed after signing", async () => {
    const { token } = await mintPublisherToken();
    const [header = "", , signature = ""] = token.split(".");
    const payload = encodePart({ ...decodeJwt(token), sub: "x", cid: "x", client_id: "x" });
    expect(await verifyAccessToken(deps, [header, payload, signature].join("."))).toEqual(INVALID);
    const otherHeader = encodePart({ ...decodeProtectedHeader(token), typ: "at+jwt" });
    expect(await verifyAccessToken(deps, [otherHeader, token.split(".")[1], signature].join("."))).toEqual(INVALID);
  });

  test.each([
    ["another issuer", { iss: "https://evil.example/oauth2/default" }],
    ["no issuer", { iss: undefined }],
    ["another audience", { aud: "https://somewhere.example" }],
    ["no audience", { aud: undefined }],
    ["no expiry", { exp: undefined }],
    ["no issue time", { iat: undefined }],
    ["no kind", { kind: undefined }],
    ["an unknown kind", { kind: "operator" }],
    ["no scope", { scp: [] }],
    ["a subject that is not the client", { sub: "another" }],
    ["a client id that is not the subject", { client_id: "another" }],
    ["a cid that is not the subject", { cid: "another" }],
    ["times that are no numbers", { exp: "9999999999" }],
  ])("genuinely signed, but with %s", async (_, claims) => {
    expect(await verifyAccessToken(deps, await signGenuinely({ ...genuineClaims(), ...claims }))).toEqual(INVALID);
  });

  test("genuinely signed, but not valid yet", async () => {
    const { iat } = genuineClaims();
    const notBefore = await signGenuinely({ ...genuineClaims(), nbf: iat + 600 });
    expect(await verifyAccessToken(deps, notBefore)).toEqual(INVALID);
    const fromTheFuture = await signGenuinely({ ...genuineClaims(), iat: iat + 600, exp: iat + 1200 });
    expect(await verifyAccessToken(deps, fromTheFuture)).toEqual(INVALID);
  });

  test("genuinely signed, but for longer than the relay ever does", async () => {
    const { iat } = genuineClaims();
    expect(await verifyAccessToken(deps, await signGenuinely({ ...genuineClaims(), exp: iat + 3601 }))).toEqual(
      INVALID,
    );
    const eternal = await signGenuinely({ ...genuineClaims(), exp: Number.MAX_SAFE_INTEGER });
    expect(await verifyAccessToken(deps, eternal)).toEqual(INVALID);
  });

  test("genuinely signed, but expired before it came here first", async () => {
    const { token, expiresMs } = await mintPublisherToken(60);
    clock.nowMs = expiresMs;
    expect(await verifyAccessToken(deps, token)).toEqual(EXPIRED);
  });

  test("genuinely signed, but with an extension that must be understood", async () => {
    const { kid, privateKey } = expectValue(await deps.keyring.signingKey(deps));
    const token = await new CompactSign(new TextEncoder().encode(JSON.stringify(genuineClaims())))
      .setProtectedHeader({ alg: "RS256", kid, crit: ["exotic"], exotic: true } as { alg: string })
      .sign(privateKey, { crit: { exotic: true } });
    expect(await verifyAccessToken(deps, token)).toEqual(INVALID);
  });

  test.each([
    ["nothing", ""],
    ["dots", ".."],
    ["words", "not.a.token"],
    ["an organization token", "rk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
    ["five parts", "eyJhbGciOiJSUzI1NiJ9.a.b.c.d"],
    ["a header that is no object", `${Buffer.from("[1]").toString("base64url")}.e30.AA`],
    ["unpaired surrogates", "\ud800.\ud800.\ud800"],
  ])("%s", async (_, token) => {
    expect(await verifyAccessToken(deps, token)).toEqual(INVALID);
  });

  test("one too long to look at, before any work is spent on it", async () => {
    const long = await signGenuinely({ ...genuineClaims(), filler: "x".repeat(4096) });
    store.reads = 0;
    expect(await verifyAccessToken(deps, long)).toEqual(INVALID);
    expect(await verifyAccessToken(deps, "a".repeat(10_000_000))).toEqual(INVALID);
    expect(store.reads).toBe(0);
  });
});
