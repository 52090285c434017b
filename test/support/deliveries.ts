import { type AttemptDeps, type PreparedTarget, prepareTarget } from "../../src/delivery/attempt.ts";
import { lookNothingUp } from "../../src/delivery/name-look-up.ts";
import type { StoredEvent } from "../../src/domain/event.ts";
import { importSigningSecret } from "../../src/domain/signature.ts";
import type { DeliveryTarget } from "../../src/domain/subscription.ts";
import type { OpenedKey } from "../../src/keys/keyring.ts";

/** An event, a target and dependencies of an attempt to vary in a test. The secret is its own "sealed" form. */

export const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
export const SOURCE = "5d3c6e0a-0000-4000-8000-00000000000a";
/** The key pair of RFC 8037, appendix A. */
export const WEBHOOK_JWK = {
  kty: "OKP",
  crv: "Ed25519",
  x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
  d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
  kid: "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
};
export const NOW_MS = Date.parse("2026-10-05T12:00:00.789Z");

export const makeEvent = (changes: Partial<StoredEvent> = {}): StoredEvent => ({
  seq: 1,
  id: "019a3c7e-0000-7000-8000-000000000001",
  channel: "vehicles/updated",
  partitionKey: null,
  dataOwnerId: null,
  requestId: "11111111-1111-4111-8111-111111111111",
  originRequestId: null,
  traceparent: null,
  cloudEvent: null,
  hops: 0,
  contentType: "application/json",
  body: new TextEncoder().encode('{"vin":"WVWZZZ1JZXW000001"}'),
  acceptedMs: Date.parse("2026-10-05T11:59:58.123Z"),
  ...changes,
});

export const makeTarget = (changes: Partial<DeliveryTarget> = {}): DeliveryTarget => ({
  endpoint: "https://hooks.example.com/in",
  format: "standard",
  eventPath: null,
  structured: false,
  signature: null,
  timeoutSeconds: 15,
  maxInFlight: null,
  headers: {},
  sealedSigningSecrets: [{ sealed: SECRET, expiresMs: null }],
  appClientId: "app-1",
  ...changes,
});

export async function openWebhookKey(): Promise<OpenedKey> {
  const privateKey = await crypto.subtle.importKey("jwk", WEBHOOK_JWK, { name: "Ed25519" }, false, ["sign"]);
  return { kid: WEBHOOK_JWK.kid, privateKey };
}

export const makeDeps = (changes: Partial<AttemptDeps> = {}): AttemptDeps => ({
  fetch: async () => new Response(null, { status: 204 }),
  now: () => NOW_MS,
  secretKey: importSigningSecret,
  webhookKey: openWebhookKey,
  appToken: async (appClientId) => `token-of-${appClientId}`,
  endpointRules: { allowPrivate: true, relayOrigin: "https://relay.example.com" },
  lookUpName: lookNothingUp,
  userAgent: "event-relay/test",
  ...changes,
});

/** Prepares a target that must be fit for attempts. */
export async function prepareOrThrow(deps: AttemptDeps, target: DeliveryTarget): Promise<PreparedTarget> {
  const prepared = await prepareTarget(deps, { target, sourceOrganizationId: SOURCE });
  if (!prepared.ok) throw new Error(prepared.error.reason);
  return prepared.value;
}
