import type { Context } from "hono";
import { equalInConstantTime, sha256 } from "../../kernel/digest.ts";
import { TOKEN_USE_KEPT_MS } from "../../kernel/limits.ts";
import { logLine } from "../../kernel/log.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import { findTokenByDigest, type OrganizationToken, recordTokenUse } from "../../registry/organization-tokens.ts";
import type { AppEnv, Principal } from "../app-env.ts";
import type { Problem } from "../problem.ts";

/** RFC 6750 §2.1. */
const BEARER = /^Bearer +([A-Za-z0-9._~+/-]{1,4096}=*) *$/i;

/** Who calls: the operator or a member of an organization. Access tokens of apps and publishers open nothing here. */
export async function authenticate(c: Context<AppEnv>): Promise<Result<Principal, Problem>> {
  const header = c.req.header("Authorization");
  if (header === undefined) {
    return err({ reason: "token_missing", detail: "Send `Authorization: Bearer` with a token of your organization." });
  }
  const token = BEARER.exec(header)?.[1];
  if (token === undefined)
    return err({ reason: "token_invalid", detail: "The Authorization header is not a bearer token." });
  const digest = await sha256(token);
  const operatorToken = c.env.RELAY_OPERATOR_TOKEN;
  if (operatorToken && equalInConstantTime(digest, await sha256(operatorToken))) return ok({ kind: "operator" });
  const found = token.startsWith("rk_") ? await findTokenByDigest(c.env.REGISTRY, digest) : null;
  if (!found) return err({ reason: "token_invalid", detail: "This token is unknown or revoked." });
  if (found.expiresMs !== null && found.expiresMs <= c.var.clock.now()) {
    return err({ reason: "token_expired", detail: "This token has expired." });
  }
  noteUse(c, found);
  return ok({ kind: "member", organizationId: found.organizationId, tokenId: found.id, role: found.role });
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
  return principal.kind === "operator" ? "operator" : `token:${principal.tokenId}`;
}
