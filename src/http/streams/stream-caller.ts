import type { Context } from "hono";
import { AUTHORIZATION_CHARS_MAX } from "../../kernel/limits.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import { authorizationServer } from "../../oauth/authorization-server.ts";
import { verifyStreamToken } from "../../oauth/stream-tokens.ts";
import { authenticateClient, describeTokenRefusal } from "../access-token.ts";
import type { AppEnv } from "../app-env.ts";
import { admitApp } from "../app-token.ts";
import { type Problem, refuse } from "../problem.ts";

/** An app that listens. `channels`: addresses that its credentials, or its stream token, are limited to. */
export type StreamCaller = {
  kind: "app";
  appId: string;
  /** null: it came with a stream token. */
  clientId: string | null;
  channels: string[] | null;
};

/** A publisher that wants to send frames. */
export type PublisherCaller = { kind: "publisher"; clientId: string; expiresMs: number };

/**
 * Who opens a stream of an API: by an access token in the Authorization header or, where a browser can set none, by a stream token
 * in `?access_token=`. URLs are written into logs: longer-lived tokens don't belong there.
 */
export async function identifyStreamCaller(
  c: Context<AppEnv>,
  apiId: string,
): Promise<Result<StreamCaller | PublisherCaller, Problem>> {
  const inUrl = c.req.query("access_token");
  if (inUrl !== undefined) return readStreamToken(c, apiId, inUrl);
  const owner = await authenticateClient(c, "Send `Authorization: Bearer` with an access token, or a stream token.");
  if (!owner.ok) return owner;
  const { kind, clientId, expiresMs } = owner.value;
  if (kind === "publisher") return ok({ kind, clientId, expiresMs });
  const app = await admitApp(c, owner.value);
  return app.ok ? ok({ kind: "app", appId: app.value.appId, clientId, channels: app.value.channels }) : app;
}

async function readStreamToken(
  c: Context<AppEnv>,
  apiId: string,
  token: string,
): Promise<Result<StreamCaller, Problem>> {
  if (token.length > AUTHORIZATION_CHARS_MAX) return refuse("token_invalid", "The stream token is not valid.");
  const grant = await verifyStreamToken(authorizationServer(c.env, c.var.clock), token);
  if (!grant.ok) return err(describeTokenRefusal(grant.error.reason));
  if (grant.value.apiId !== apiId) return refuse("token_invalid", "The stream token is for another API.");
  return ok({ kind: "app", appId: grant.value.appId, clientId: null, channels: grant.value.channels });
}
