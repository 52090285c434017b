import type { Context } from "hono";
import { AUTHORIZATION_CHARS_MAX } from "../kernel/limits.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import { authorizationServer } from "../oauth/authorization-server.ts";
import { verifyAccessToken } from "../oauth/tokens.ts";
import type { TokenOwner } from "../oauth/verified-tokens.ts";
import type { AppEnv } from "./app-env.ts";
import { type Problem, refuse } from "./problem.ts";

/** Whose access token the Authorization header carries, a publisher's or an app's. `missing`: what to say where there is none. */
export async function authenticateClient(c: Context<AppEnv>, missing: string): Promise<Result<TokenOwner, Problem>> {
  const authorization = c.req.header("Authorization");
  if (!authorization) return refuse("token_missing", missing);
  const [, token] =
    authorization.length > AUTHORIZATION_CHARS_MAX ? [] : (/^Bearer +([\w.~+/-]+=*)$/i.exec(authorization) ?? []);
  if (!token) return refuse("token_invalid", "The Authorization header is not a bearer token.");
  return readAccessToken(c, token);
}

/** Whose access token this is, wherever it stood. */
export async function readAccessToken(c: Context<AppEnv>, token: string): Promise<Result<TokenOwner, Problem>> {
  const owner = await verifyAccessToken(authorizationServer(c.env, c.var.clock), token);
  return owner.ok ? ok(owner.value) : err(describeTokenRefusal(owner.error.reason));
}

/** A refused token, for whoever sent it. */
export function describeTokenRefusal(reason: "token_invalid" | "token_expired" | "keys_unavailable"): Problem {
  switch (reason) {
    case "token_invalid":
      return { reason, detail: "The access token is not valid." };
    case "token_expired":
      return { reason, detail: "The access token has expired." };
    case "keys_unavailable":
      return { reason: "log_unavailable", detail: "The token cannot be checked now. Try again." };
  }
}
