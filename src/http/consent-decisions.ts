import { ok } from "../kernel/result.ts";
import { type Consent, type ConsentParties, updateConsent } from "../registry/consents.ts";
import { pushConsent } from "../registry/pushes.ts";
import { conflict, noFields, write } from "./call.ts";
import { auditConsent, ConsentView, showConsent } from "./consent-view.ts";
import { aConsent } from "./named-things.ts";
import type { Action } from "./permissions.ts";

type Decision = { action: Action; to: Consent["status"]; from: Consent["status"][] };

const GRANT: Decision = { action: "consent.grant", to: "granted", from: ["requested", "denied", "revoked"] };
const DENY: Decision = { action: "consent.deny", to: "denied", from: ["requested"] };
const REVOKE: Decision = { action: "consent.revoke", to: "revoked", from: ["granted"] };

type Call = { db: D1Database; nowMs: number; named: Consent & ConsentParties; generation: string };

/** The data owner decides. A decision taken again is answered again, and the logs are told again: the first time may have ended in a 503. */
async function decide({ db, nowMs, named: consent, generation }: Call, decision: Decision) {
  if (decision.to === "granted" && consent.expiresMs !== null && consent.expiresMs <= nowMs) {
    return conflict("The time that was asked for is over. Give a new consent with POST /v1/consents.");
  }
  if (consent.status === decision.to) {
    return ok({ body: showConsent(consent), writes: [pushConsent(db, consent, generation)], audit: null });
  }
  if (!decision.from.includes(consent.status)) {
    return conflict(`A consent that is ${consent.status} cannot be changed by "${decision.action}".`);
  }
  const next = { ...consent, status: decision.to, updatedMs: nowMs };
  return ok({
    body: showConsent(next),
    writes: [updateConsent(db, next), pushConsent(db, consent, generation)],
    audit: auditConsent(decision.action, next),
  });
}

const shared = {
  method: "post",
  tag: "Consents",
  names: aConsent,
  status: 200,
  body: noFields,
  answers: ConsentView,
} as const;

const grant = write({
  ...shared,
  path: "/v1/consents/{id}/grant",
  action: "consent.grant",
  summary: "Grant a consent that was asked for; events accepted from now on may go out",
  handle: (call) => decide(call, GRANT),
});

const deny = write({
  ...shared,
  path: "/v1/consents/{id}/deny",
  action: "consent.deny",
  summary: "Deny a consent that was asked for",
  handle: (call) => decide(call, DENY),
});

const revoke = write({
  ...shared,
  path: "/v1/consents/{id}/revoke",
  action: "consent.revoke",
  summary: "Revoke a consent; answered once the events of the data owner have stopped",
  handle: (call) => decide(call, REVOKE),
});

export const consentDecisionRoutes = [grant, deny, revoke];
