import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { JWKS_MAX_AGE_SECONDS } from "../kernel/limits.ts";
import { authorizationServer, describeServer, ISSUER_PATH } from "../oauth/authorization-server.ts";
import { type GrantRefusal, grantToken } from "../oauth/token-grant.ts";
import { readTokenRequest, TOKEN_REQUEST_BYTES_MAX, type TokenRequestRefusal } from "../oauth/token-request.ts";
import { findClient } from "../registry/clients.ts";
import type { AppEnv } from "./app-env.ts";
import { isClientAllowed, limitAddress } from "./token-limits.ts";

const TOKEN_PATHS = [`${ISSUER_PATH}/v1/token`, "/v1/token"];
const METADATA_PATHS = [
  `/.well-known/oauth-authorization-server${ISSUER_PATH}`, // RFC 8414 §3.1: between the host and the issuer's path
  `${ISSUER_PATH}/.well-known/openid-configuration`, // OpenID Connect Discovery §4: behind the issuer
];
const RETRY_AFTER_SECONDS = 5;
const LIMIT_PERIOD_SECONDS = 60; // the longest period that Cloudflare counts
const PUBLIC_CACHE = `public, max-age=${JWKS_MAX_AGE_SECONDS}`;

type Refusal = TokenRequestRefusal | GrantRefusal | { reason: "request_too_large" | "too_many_requests" };
type OAuthError = { status: ContentfulStatusCode; error: string; detail: string };

/** RFC 6749 §5.2. `temporarily_unavailable` is borrowed from §4.1.2.1: the token endpoint has no word of its own for it. */
function describeRefusal(refusal: Refusal): OAuthError {
  switch (refusal.reason) {
    case "request_malformed":
      return { status: 400, error: "invalid_request", detail: refusal.detail };
    case "request_too_large":
      return { status: 413, error: "invalid_request", detail: "The body is too large." };
    case "grant_type_unsupported":
      return { status: 400, error: "unsupported_grant_type", detail: "The only grant here is client_credentials." };
    case "client_not_named":
      return { status: 401, error: "invalid_client", detail: refusal.detail };
    case "client_refused":
      return { status: 401, error: "invalid_client", detail: "The client is unknown or its secret is wrong." };
    case "scope_refused":
      return { status: 400, error: "invalid_scope", detail: "A requested scope is not granted here." };
    case "too_many_requests":
      return { status: 429, error: "temporarily_unavailable", detail: "Too many requests. Try again later." };
    case "clients_unavailable":
      return { status: 503, error: "temporarily_unavailable", detail: "The client cannot be looked up. Try again." };
    case "keys_unavailable":
      return { status: 503, error: "temporarily_unavailable", detail: "The keys cannot be read. Try again." };
  }
}

function answerRefusal(c: Context<AppEnv>, refusal: Refusal): Response {
  const { status, error, detail } = describeRefusal(refusal);
  // RFC 9110 §15.5.2: every 401 says how to do better, not only those that tried the header.
  if (status === 401) c.header("WWW-Authenticate", 'Basic realm="event-relay", charset="UTF-8"');
  if (status === 503) c.header("Retry-After", String(RETRY_AFTER_SECONDS));
  if (status === 429) c.header("Retry-After", String(LIMIT_PERIOD_SECONDS));
  return c.json({ error, error_description: detail }, status);
}

/** Tokens and refusals alike are for nobody else (RFC 6749 §5.1). */
const forbidStoring = async (c: Context<AppEnv>, next: () => Promise<void>): Promise<void> => {
  c.header("Cache-Control", "no-store");
  c.header("Pragma", "no-cache");
  await next();
};

const refuseTooMany = (c: Context<AppEnv>): Response => answerRefusal(c, { reason: "too_many_requests" });

const limitBody = bodyLimit({
  maxSize: TOKEN_REQUEST_BYTES_MAX,
  onError: (c) => answerRefusal(c, { reason: "request_too_large" }),
});

async function answerTokenRequest(c: Context<AppEnv>): Promise<Response> {
  const request = readTokenRequest({
    contentType: c.req.header("Content-Type") ?? null,
    authorization: c.req.header("Authorization") ?? null,
    body: new Uint8Array(await c.req.arrayBuffer()),
  });
  if (!request.ok) return answerRefusal(c, request.error);
  if (!(await isClientAllowed(c, request.value.clientId))) return refuseTooMany(c);
  const find = (clientId: string) => findClient(c.env.REGISTRY, clientId, c.var.clock.now());
  const grant = await grantToken({ ...authorizationServer(c.env, c.var.clock), findClient: find }, request.value);
  if (!grant.ok) return answerRefusal(c, grant.error);
  const { token, lifetimeSeconds, scopes } = grant.value;
  return c.json({
    access_token: token,
    token_type: "Bearer",
    expires_in: lifetimeSeconds,
    scope: scopes.join(" "),
  });
}

async function answerKeys(c: Context<AppEnv>): Promise<Response> {
  const server = authorizationServer(c.env, c.var.clock);
  const keys = await server.keyring.listKeys(server);
  if (!keys.ok) return answerRefusal(c, keys.error);
  c.header("Cache-Control", PUBLIC_CACHE);
  return c.json({ keys: keys.value.map(({ publicJwk }) => publicJwk) });
}

function answerMetadata(c: Context<AppEnv>): Response {
  c.header("Cache-Control", PUBLIC_CACHE);
  return c.json(describeServer(authorizationServer(c.env, c.var.clock).issuer));
}

export const oauthRoutes = new Hono<AppEnv>()
  .on("POST", TOKEN_PATHS, forbidStoring, limitAddress(refuseTooMany), limitBody, answerTokenRequest)
  .get(`${ISSUER_PATH}/v1/keys`, answerKeys)
  .on("GET", METADATA_PATHS, answerMetadata);
