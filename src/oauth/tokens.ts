import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import { newId } from "../kernel/ids.ts";
import { ACCESS_TOKEN_SECONDS } from "../kernel/limits.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import type { KeyDeps } from "../keys/key-rotation.ts";
import type { Keyring, KeysUnavailable } from "../keys/keyring.ts";
import { ClientKind } from "../registry/clients.ts";
import type { PrivateJwk, PublicJwk } from "../registry/signing-keys.ts";
import type { TokenOwner, VerifiedToken, VerifiedTokens } from "./verified-tokens.ts";

export type TokenDeps = KeyDeps<PublicJwk, PrivateJwk> & {
  issuer: string;
  keyring: Keyring<PublicJwk, PrivateJwk>;
  verified: VerifiedTokens;
};

export type MintedToken = { token: string; expiresMs: number; lifetimeSeconds: number };

export type TokenRefusal = { reason: "token_invalid" } | { reason: "token_expired" } | KeysUnavailable;

/**
 * What a client may ask for. `anonymous` is what publishers of the Event Relay contract send; it grants nothing by itself:
 * what a client may do follows from its `kind`, a claim of its own, so that the scope granted is the scope requested.
 */
export const Scope = z.enum(["anonymous"]);
export type Scope = z.infer<typeof Scope>;
export const DEFAULT_SCOPES: readonly Scope[] = ["anonymous"];

const AUDIENCE = "api_providers";
const TOKEN_CHARS_MAX = 4096; // ours are under 1,000; longer ones are not worth a look, and a cache of them would be large
const KID_CHARS_MAX = 64; // an RFC 7638 thumbprint has 43
const CLOCK_SKEW_SECONDS = 60; // between the machine that signs and the one that checks

/** A delivery token has no `kind` and a scope that is none of ours: it fails twice. */
const AccessClaims = z
  .object({
    sub: z.string().min(1),
    cid: z.string(),
    client_id: z.string(),
    kind: ClientKind,
    scp: z.array(Scope).min(1),
    iat: z.number().int(),
    exp: z.number().int(),
    jti: z.string().min(1),
  })
  .refine(({ sub, cid, client_id }) => sub === cid && sub === client_id)
  .refine(({ iat, exp }) => exp > iat && exp - iat <= ACCESS_TOKEN_SECONDS);

const ProtectedHeader = z.object({ alg: z.literal("RS256"), kid: z.string().min(1).max(KID_CHARS_MAX) });

async function signToken(
  deps: TokenDeps,
  claims: { clientId: string; scopes: readonly string[]; kind?: ClientKind },
  lifetimeSeconds: number,
): Promise<Result<MintedToken, KeysUnavailable>> {
  if (lifetimeSeconds > ACCESS_TOKEN_SECONDS) throw new RangeError("a token may not outlive the key that signed it");
  const key = await deps.keyring.signingKey(deps);
  if (!key.ok) return key;
  const { clientId, scopes, kind } = claims;
  const issuedSeconds = Math.floor(deps.clock.now() / 1000);
  const expiresSeconds = issuedSeconds + lifetimeSeconds;
  const token = await new SignJWT({ cid: clientId, client_id: clientId, scp: [...scopes], ...(kind && { kind }) })
    .setProtectedHeader({ alg: "RS256", kid: key.value.kid, typ: "JWT" })
    .setIssuer(deps.issuer)
    .setAudience(AUDIENCE)
    .setSubject(clientId)
    .setIssuedAt(issuedSeconds)
    .setExpirationTime(expiresSeconds)
    .setJti(newId())
    .sign(key.value.privateKey);
  return ok({ token, expiresMs: expiresSeconds * 1000, lifetimeSeconds });
}

/** A token that a client presents to the relay. */
export function mintAccessToken(
  deps: TokenDeps,
  grant: { clientId: string; kind: ClientKind; scopes: readonly Scope[]; lifetimeSeconds?: number },
): Promise<Result<MintedToken, KeysUnavailable>> {
  const { lifetimeSeconds = ACCESS_TOKEN_SECONDS, ...claims } = grant;
  return signToken(deps, claims, lifetimeSeconds);
}

/** A token that the relay presents to a receiver, in the name of its app. */
export function mintDeliveryToken(deps: TokenDeps, appClientId: string): Promise<Result<MintedToken, KeysUnavailable>> {
  return signToken(deps, { clientId: appClientId, scopes: ["delivery"] }, ACCESS_TOKEN_SECONDS);
}

/** Whose access token this is. A token seen before costs no signature check, a warm one no read of the registry. */
export async function verifyAccessToken(deps: TokenDeps, token: string): Promise<Result<TokenOwner, TokenRefusal>> {
  if (token.length > TOKEN_CHARS_MAX) return err({ reason: "token_invalid" });
  const seen = deps.verified.get(token);
  const kid = seen?.kid ?? readKid(token);
  if (kid === null) return err({ reason: "token_invalid" });
  // Asked for every token, seen ones too: a key that was withdrawn takes its tokens with it.
  const key = await deps.keyring.verificationKey(deps, kid);
  if (!key.ok) return key;
  if (!key.value) return err({ reason: "token_invalid" });
  const checked = seen ? ok(seen) : await checkToken(deps, token, kid, key.value);
  if (!checked.ok) return checked;
  const { clientId, kind, expiresMs } = checked.value;
  if (expiresMs <= deps.clock.now()) {
    deps.verified.forget(token);
    return err({ reason: "token_expired" });
  }
  if (!seen) deps.verified.put(token, checked.value);
  return ok({ clientId, kind, expiresMs });
}

/** Which key says that it has signed a token; null: it is none of ours. */
export function readKid(token: string): string | null {
  if (token.length > TOKEN_CHARS_MAX) return null;
  try {
    const header = ProtectedHeader.safeParse(decodeProtectedHeader(token));
    return header.success ? header.data.kid : null;
  } catch {
    // Not a JWS at all: what jose throws here says no more than that.
    return null;
  }
}

async function checkToken(
  deps: TokenDeps,
  token: string,
  kid: string,
  key: CryptoKey,
): Promise<Result<VerifiedToken, TokenRefusal>> {
  const nowMs = deps.clock.now();
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: ["RS256"],
      issuer: deps.issuer,
      audience: AUDIENCE,
      currentDate: new Date(nowMs),
    });
    const claims = AccessClaims.safeParse(payload);
    if (!claims.success || claims.data.iat > nowMs / 1000 + CLOCK_SKEW_SECONDS) return err({ reason: "token_invalid" });
    const { sub, kind, exp } = claims.data;
    return ok({ clientId: sub, kind, expiresMs: exp * 1000, kid });
  } catch (error) {
    if (error instanceof errors.JWTExpired) return err({ reason: "token_expired" });
    if (error instanceof errors.JOSEError) return err({ reason: "token_invalid" });
    throw error;
  }
}
