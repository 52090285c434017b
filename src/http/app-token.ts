import type { Context } from "hono";
import { err, ok, type Result } from "../kernel/result.ts";
import type { TokenOwner } from "../oauth/verified-tokens.ts";
import { type AppClient, findAppClient } from "../registry/clients.ts";
import { authenticateClient } from "./access-token.ts";
import type { AppEnv } from "./app-env.ts";
import { type Problem, refuse } from "./problem.ts";

/** An app that calls with an access token of one of its credentials. */
export type AppCaller = AppClient & { tokenExpiresMs: number };

/** Which app calls, by the access token in the Authorization header. Credentials that were revoked open nothing. */
export async function authenticateApp(c: Context<AppEnv>): Promise<Result<AppCaller, Problem>> {
  const owner = await authenticateClient(c, "Send `Authorization: Bearer` with an access token of the app.");
  return owner.ok ? admitApp(c, owner.value) : owner;
}

/** As `authenticateApp`, for a token that was read already. */
export async function admitApp(c: Context<AppEnv>, owner: TokenOwner): Promise<Result<AppCaller, Problem>> {
  if (owner.kind !== "app") return refuse("not_an_app", "This token is not an app's.");
  const app = await findAppClient(c.env.REGISTRY, owner.clientId);
  if (!app) return err({ reason: "token_invalid", detail: "The credentials of this token were revoked." });
  return ok({ ...app, tokenExpiresMs: owner.expiresMs });
}
