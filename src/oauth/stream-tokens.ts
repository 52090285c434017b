import { errors, jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import { newId } from "../kernel/ids.ts";
import { STREAM_TOKEN_SECONDS_MAX } from "../kernel/limits.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import type { KeysUnavailable } from "../keys/keyring.ts";
import { readKid, type TokenDeps, type TokenRefusal } from "./tokens.ts";

/** What a stream token opens: live streams of one API, as one app, and nothing else. */
export type StreamGrant = {
  appId: string;
  apiId: string;
  /** The channels it is limited to, as the document writes their addresses; null: all that the app has subscribed to. */
  channels: string[] | null;
};

/** No access token has it: neither is taken for the other. */
const AUDIENCE = "event_streams";

const Claims = z
  .object({
    sub: z.string().min(1),
    api: z.string().min(1),
    channels: z.array(z.string()).nullable(),
    iat: z.number().int(),
    exp: z.number().int(),
  })
  .refine(({ iat, exp }) => exp > iat && exp - iat <= STREAM_TOKEN_SECONDS_MAX);

/** A token that may stand in a URL: short-lived, and good for little. */
export async function mintStreamToken(
  deps: TokenDeps,
  { appId, apiId, channels }: StreamGrant,
  lifetimeSeconds: number,
): Promise<Result<{ token: string; expiresMs: number }, KeysUnavailable>> {
  const key = await deps.keyring.signingKey(deps);
  if (!key.ok) return key;
  const issuedSeconds = Math.floor(deps.clock.now() / 1000);
  const expiresSeconds = issuedSeconds + lifetimeSeconds;
  const token = await new SignJWT({ api: apiId, channels })
    .setProtectedHeader({ alg: "RS256", kid: key.value.kid, typ: "JWT" })
    .setIssuer(deps.issuer)
    .setAudience(AUDIENCE)
    .setSubject(appId)
    .setIssuedAt(issuedSeconds)
    .setExpirationTime(expiresSeconds)
    .setJti(newId())
    .sign(key.value.privateKey);
  return ok({ token, expiresMs: expiresSeconds * 1000 });
}

/** What a stream token opens. `token_invalid`: it is another kind of token, perhaps. */
export async function verifyStreamToken(
  deps: TokenDeps,
  token: string,
): Promise<Result<StreamGrant & { expiresMs: number }, TokenRefusal>> {
  const kid = readKid(token);
  if (kid === null) return err({ reason: "token_invalid" });
  const key = await deps.keyring.verificationKey(deps, kid);
  if (!key.ok) return key;
  if (!key.value) return err({ reason: "token_invalid" });
  try {
    const { payload } = await jwtVerify(token, key.value, {
      algorithms: ["RS256"],
      issuer: deps.issuer,
      audience: AUDIENCE,
      currentDate: new Date(deps.clock.now()),
    });
    const claims = Claims.safeParse(payload);
    if (!claims.success) return err({ reason: "token_invalid" });
    const { sub, api, channels, exp } = claims.data;
    return ok({ appId: sub, apiId: api, channels, expiresMs: exp * 1000 });
  } catch (error) {
    if (error instanceof errors.JWTExpired) return err({ reason: "token_expired" });
    if (error instanceof errors.JOSEError) return err({ reason: "token_invalid" });
    throw error;
  }
}
