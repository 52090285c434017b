import type { Lease } from "../domain/delivery.ts";
import { systemClock } from "../kernel/clock.ts";
import { ok, type Result } from "../kernel/result.ts";
import { unseal } from "../kernel/sealed-box.ts";
import type { OpenedKey } from "../keys/keyring.ts";
import { webhookKeys } from "../keys/webhook-keys.ts";
import { authorizationServer } from "../oauth/authorization-server.ts";
import { mintDeliveryToken } from "../oauth/tokens.ts";
import { createAppTokens } from "./app-tokens.ts";
import { type AttemptDeps, attemptDelivery, prepareTarget } from "./attempt.ts";
import type { Attempt } from "./drain.ts";
import type { AdmissionDeps } from "./endpoint-admission.ts";
import type { HandshakeDeps } from "./endpoint-handshake.ts";
import { createNameLookUp, lookNothingUp, type NameLookUp } from "./name-look-up.ts";
import { createSecretKeys } from "./secret-keys.ts";

const USER_AGENT = "event-relay/0.1.0";

type AppTokens = ReturnType<typeof createAppTokens>;
type SecretKeys = ReturnType<typeof createSecretKeys>;

// One isolate, one memory: an app's token is signed once an hour, not once a delivery.
let appTokens: AppTokens | null = null;

function tokensOf(env: Env): AppTokens {
  appTokens ??= createAppTokens({
    now: systemClock.now,
    mint: async (appClientId) => {
      const minted = await mintDeliveryToken(authorizationServer(env), appClientId);
      if (!minted.ok) throw new Error(minted.error.reason);
      return minted.value;
    },
  });
  return appTokens;
}

// A signing secret is opened once an isolate, not once a lease.
let secretKeys: SecretKeys | null = null;

function secretKeysOf(env: Env): SecretKeys {
  secretKeys ??= createSecretKeys((sealed) => unseal(env.RELAY_MASTER_KEY, sealed));
  return secretKeys;
}

async function openWebhookKey(env: Env): Promise<OpenedKey> {
  const keys = webhookKeys(env);
  const opened = await keys.keyring.signingKey(keys);
  if (!opened.ok) throw new Error(opened.error.reason);
  return opened.value;
}

// One isolate, one memory here too: a name is looked up once in some minutes, not once a lease.
let lookUpName: NameLookUp | null = null;

function lookUpOf(env: Env): NameLookUp {
  if (env.ENDPOINT_RESOLVER === "") return lookNothingUp;
  lookUpName ??= createNameLookUp({
    fetch: (url, init) => fetch(url, init),
    now: systemClock.now,
    resolverUrl: env.ENDPOINT_RESOLVER,
    onTrouble: env.ENDPOINT_RESOLVER_FAILURE === "refuse" ? "refused" : "allowed",
  });
  return lookUpName;
}

const admissionDeps = (env: Env): AdmissionDeps => ({
  endpointRules: { allowPrivate: env.ALLOW_PRIVATE_ENDPOINTS === "true", relayOrigin: env.RELAY_ORIGIN },
  lookUpName: lookUpOf(env),
});

/** What an endpoint is asked with. */
export const handshakeDeps = (env: Env): HandshakeDeps => ({
  fetch: (url, init) => fetch(url, init),
  userAgent: USER_AGENT,
  ...admissionDeps(env),
});

const attemptDeps = (env: Env): AttemptDeps => ({
  ...handshakeDeps(env),
  now: systemClock.now,
  webhookKey: () => openWebhookKey(env),
  secretKey: secretKeysOf(env),
  appToken: tokensOf(env),
});

/** Makes a lease's target ready for attempts with real fetch and the relay's keys. An error is the relay's own trouble. */
export async function prepareLease(
  env: Env,
  lease: Pick<Lease, "target" | "sourceOrganizationId">,
): Promise<Result<Attempt, { reason: "not_ready" }>> {
  const target = await prepareTarget(attemptDeps(env), lease);
  return target.ok ? ok((event) => attemptDelivery(target.value, event)) : target;
}
