import { err, ok, type Result } from "../kernel/result.ts";
import type { KeysUnavailable } from "../keys/keyring.ts";
import { authenticateClient, type ClientRefused, type ClientsUnavailable, type FindClient } from "./clients.ts";
import type { TokenRequest } from "./token-request.ts";
import { DEFAULT_SCOPES, type MintedToken, mintAccessToken, Scope, type TokenDeps } from "./tokens.ts";

export type TokenGrant = MintedToken & { scopes: readonly Scope[] };
export type GrantRefusal = ClientRefused | ClientsUnavailable | { reason: "scope_refused" } | KeysUnavailable;

/** RFC 6749 §3.3: names between spaces, in any order. Null where one of them is not to be had. */
function grantScopes(requested: string | null): readonly Scope[] | null {
  const names = [...new Set(requested?.split(" ").filter((name) => name !== ""))];
  if (names.length === 0) return DEFAULT_SCOPES;
  const scopes = names.flatMap((name) => Scope.safeParse(name).data ?? []);
  return scopes.length === names.length ? scopes : null;
}

/** The client credentials grant (RFC 6749 §4.4): who asks, for what, and the token for it. */
export async function grantToken(
  deps: TokenDeps & { findClient: FindClient },
  request: TokenRequest,
): Promise<Result<TokenGrant, GrantRefusal>> {
  const client = await authenticateClient(deps.findClient, request);
  if (!client.ok) return client;
  const scopes = grantScopes(request.scope);
  if (!scopes) return err({ reason: "scope_refused" });
  const minted = await mintAccessToken(deps, { ...client.value, scopes });
  return minted.ok ? ok({ ...minted.value, scopes }) : minted;
}
