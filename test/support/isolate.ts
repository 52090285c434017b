import type { Clock } from "../../src/kernel/clock.ts";
import { Keyring } from "../../src/keys/keyring.ts";
import { SIGNING_KEYS } from "../../src/oauth/signing-keys.ts";
import type { TokenDeps } from "../../src/oauth/tokens.ts";
import { VerifiedTokens } from "../../src/oauth/verified-tokens.ts";
import type { SigningKeyStore } from "../../src/registry/signing-keys.ts";

export const ISSUER = "https://relay.test/oauth2/default";

/** A new isolate over the given registry: it remembers nothing. */
export function startIsolate(store: SigningKeyStore, clock: Clock): TokenDeps {
  return { issuer: ISSUER, store, clock, keyring: new Keyring(SIGNING_KEYS), verified: new VerifiedTokens() };
}
