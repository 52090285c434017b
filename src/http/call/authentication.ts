import type { Context } from "hono";
import { equalInConstantTime, sha256 } from "../../kernel/digest.ts";
import { TOKEN_USE_KEPT_MS } from "../../kernel/limits.ts";
import { logLine } from "../../kernel/log.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import { findTokenByDigest, type OrganizationToken, recordTokenUse } from "../../registry/organization-tokens.ts";
import { findPortalLinkByDigest } from "../../registry/portal-links.ts";
import type { AppEnv, Member, Operator, Portal, Principal } from "../app-env.ts";
import type { Problem } from "../problem.ts";
import { authenticateSession } from "../session/session-caller.ts";

/** RFC 6750 §2.1. */
const BEARER = /^Bearer +([A-Za-z0-9._~+/-]{1,4096}=*) *$/i;

/** What `newToken` makes for a portal link. */
export const PORTAL_PREFIX = "rp_";

/**
 * Who calls: the operator, a member of an organization or a portal link, by a token or by the session of a browser. A header
 * `Authorization` counts alone. Access tokens of apps and publishers open nothing here.
 */
export async function authenticate(c: Context<AppEnv>): Promise<Result<Principal, Problem>> {
  const header = c.req.header("Authorization");
  if (header === undefined) return authenticateSession(c);
  const token = BEARER.exec(header)?.[1];
  if (token?.startsWith(PORTAL_PREFIX)) return authenticatePortal(c, token);
  if (token !== undefined) return authenticateToken(c, token);
  return err({ reason: "token_invalid", detail: "The Authorization header is not a bearer token." });
}

/** Whoever has a portal link. Its token signs nobody in: it is for the page that the link opens. */
async function authenticatePortal(c: Context<AppEnv>, token: string): Promise<Result<Portal, Problem>> {
  const link = await findPortalLinkByDigest(c.env.REGISTRY, await sha256(token));
  if (!link) return err({ reason: "token_invalid", detail: "This link is unknown or was revoked." });
  if (link.expiresMs <= c.var.clock.now()) return err({ reason: "token_expired", detail: "This link has expired." });
  const { organizationId, appId, id: linkId, role } = link;
  return ok({ kind: "portal", organizationId, appId, linkId, role });
}

/** Whose token it is: the operator's, or an organization's. */
export async function authenticateToken(
  c: Context<AppEnv>,
  token: string,
): Promise<Result<Operator | Member, Problem>> {
  const digest = await sha256(token);
  const operatorToken = c.env.RELAY_OPERATOR_TOKEN;
  if (operatorToken && equalInConstantTime(digest, await sha256(operatorToken))) return ok({ kind: "operator" });
  const found = token.startsWith("rk_") ? await findTokenByDigest(c.env.REGISTRY, digest) : null;
  if (!found) return err({ reason: "token_invalid", detail: "This token is unknown or revoked." });
  if (found.expiresMs !== null && found.expiresMs <= c.var.clock.now()) {
    return err({ reason: "token_expired", detail: "This token has expired." });
  }
  noteUse(c, found);
  const { id, organizationId, role } = found;
  return ok({ kind: "member", organizationId, by: { kind: "token", id }, role });
}

/** Beside the call, which waits for no such write and fails for none. */
function noteUse(c: Context<AppEnv>, { id, lastUsedMs }: OrganizationToken): void {
  const nowMs = c.var.clock.now();
  const staleMs = nowMs - TOKEN_USE_KEPT_MS;
  if (lastUsedMs !== null && lastUsedMs > staleMs) return;
  const recorded = recordTokenUse(c.env.REGISTRY, id, nowMs, staleMs);
  c.executionCtx.waitUntil(
    recorded.catch((error: unknown) => logLine("token_use_unrecorded", { token: id, error: String(error) })),
  );
}

/** Names the caller in idempotency keys and audit rows. */
export function principalName(principal: Principal): string {
  switch (principal.kind) {
    case "operator":
      return "operator";
    case "member":
      return `${principal.by.kind}:${principal.by.id}`;
    case "portal":
      return `portal:${principal.linkId}`;
  }
}
