import { type Clock, systemClock } from "../kernel/clock.ts";
import { Keyring } from "../keys/keyring.ts";
import { signingKeyStore } from "../registry/signing-keys.ts";
import { SIGNING_KEYS } from "./signing-keys.ts";
import { Scope, type TokenDeps } from "./tokens.ts";
import { VerifiedTokens } from "./verified-tokens.ts";

/** The path of the issuer; its endpoints and its metadata are named after it. */
export const ISSUER_PATH = "/oauth2/default";

// One isolate, one memory: every request of it shares the keys and the tokens already checked.
const keyring = new Keyring(SIGNING_KEYS);
const verified = new VerifiedTokens();

/** The authorization server of this isolate: what minting, checking and key rotation need. */
export function authorizationServer(
  env: Pick<Env, "REGISTRY" | "RELAY_MASTER_KEY" | "RELAY_ORIGIN">,
  clock: Clock = systemClock,
): TokenDeps {
  return {
    issuer: new URL(ISSUER_PATH, env.RELAY_ORIGIN).href,
    store: signingKeyStore(env.REGISTRY, env.RELAY_MASTER_KEY),
    clock,
    keyring,
    verified,
  };
}

/**
 * Authorization server metadata (RFC 8414 §2), with the members more that OpenID Connect Discovery §3 requires, since
 * libraries that read one often insist on the other. There is no authorization endpoint: only clients get tokens here.
 */
export function describeServer(issuer: string) {
  return {
    issuer,
    token_endpoint: `${issuer}/v1/token`,
    jwks_uri: `${issuer}/v1/keys`,
    grant_types_supported: ["client_credentials"],
    response_types_supported: [],
    scopes_supported: Scope.options,
    token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
    claims_supported: ["iss", "aud", "sub", "cid", "client_id", "iat", "exp", "jti", "scp", "kind"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
  };
}
