import type { z } from "zod";
import { ok, type Result } from "../../kernel/result.ts";
import { type Consent, type ConsentParties, updateConsent } from "../../registry/consents.ts";
import { pushConsent } from "../../registry/pushes.ts";
import { conflict, write } from "../call/call.ts";
import type { Change } from "../call/change.ts";
import { aConsent } from "../call/named-things.ts";
import type { Action } from "../call/permissions.ts";
import { noFields, optionalBody } from "../call/request-body.ts";
import type { Problem } from "../problem.ts";
import { isSame, NarrowerTerms, narrowTerms, type Terms } from "./consent-terms.ts";
import { auditConsent, ConsentView, noticesOfConsent, showConsent } from "./consent-view.ts";

type Decision = { action: Action; to: Consent["status"]; from: Consent["status"][] };

const GRANT: Decision = { action: "consent.grant", to: "granted", from: ["requested", "denied", "revoked"] };
const DENY: Decision = { action: "consent.deny", to: "denied", from: ["requested"] };
const REVOKE: Decision = { action: "consent.revoke", to: "revoked", from: ["granted"] };

type Call = { db: D1Database; nowMs: number; named: Consent & ConsentParties; generation: string };

/** The data owner decides. A decision taken again is answered again, and the logs are told again: the first time may have ended in a 503. */
function decide(
  { db, nowMs, named: consent, generation }: Call,
  { action, to, from }: Decision,
  terms: Terms = consent,
): Result<Change<z.infer<typeof ConsentView>>, Problem> {
  if (consent.status === to && isSame(consent, terms)) {
    return ok({ body: showConsent(consent), writes: [pushConsent(db, consent, generation)], audit: null });
  }
  if (consent.status !== to && !from.includes(consent.status)) {
    return conflict(`A consent that is ${consent.status} cannot be changed by "${action}".`);
  }
  const { channels, expiresMs } = terms;
  const next = { ...consent, channels, expiresMs, status: to, updatedMs: nowMs };
  return ok({
    body: showConsent(next),
    writes: [updateConsent(db, next), pushConsent(db, consent, generation)],
    notices:
      to === "revoked" ? noticesOfConsent(db, [next.subscriberId, next.publisherId], "consent.revoked", next) : [],
    audit: auditConsent(action, next),
  });
}

const shared = { method: "post", tag: "Consents", names: aConsent, status: 200, answers: ConsentView } as const;

const grant = write({
  ...shared,
  path: "/v1/consents/{id}/grant",
  action: "consent.grant",
  summary: "Grant a consent that was asked for, or a part of it; events accepted from now on may go out",
  body: optionalBody(NarrowerTerms),
  handle: async (call) => {
    const { db, named: asked, nowMs, body } = call;
    if (asked.expiresMs !== null && asked.expiresMs <= nowMs) {
      return conflict("The time that was asked for is over. Give a new consent with POST /v1/consents.");
    }
    const terms = await narrowTerms(db, asked, body, nowMs);
    return terms.ok ? decide(call, GRANT, terms.value) : terms;
  },
});

const deny = write({
  ...shared,
  path: "/v1/consents/{id}/deny",
  action: "consent.deny",
  summary: "Deny a consent that was asked for",
  body: noFields,
  handle: async (call) => decide(call, DENY),
});

const revoke = write({
  ...shared,
  path: "/v1/consents/{id}/revoke",
  action: "consent.revoke",
  summary: "Revoke a consent; answered once the events of the data owner have stopped",
  body: noFields,
  handle: async (call) => decide(call, REVOKE),
});

export const consentDecisionRoutes = [grant, deny, revoke];
