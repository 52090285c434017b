import type { z } from "zod";
import { newId } from "../../kernel/ids.ts";
import { CONSENT_NOTICE_GAP_MS } from "../../kernel/limits.ts";
import { err, ok } from "../../kernel/result.ts";
import {
  type Consent,
  type ConsentParties,
  ConsentSide,
  ConsentStatus,
  findConsentFor,
  insertConsent,
  listConsents,
  updateConsent,
} from "../../registry/consents.ts";
import { findOrganization, type Organization } from "../../registry/organizations.ts";
import { pushConsent } from "../../registry/pushes.ts";
import type { Subscription } from "../../registry/subscriptions.ts";
import { invalid } from "../body.ts";
import { admit } from "../call/admission.ts";
import { conflict, read, write } from "../call/call.ts";
import type { Change } from "../call/change.ts";
import { aConsent, aSubscription } from "../call/named-things.ts";
import { PageOf, PageQuery, toPage, toPageRequest } from "../call/paging.ts";
import { type Action, onlyAppOf } from "../call/permissions.ts";
import { jsonBody } from "../call/request-body.ts";
import { covers } from "../channel-check.ts";
import { Id } from "../fields.ts";
import { notFound } from "../problem.ts";
import { checkTerms, isSame, type Terms, TermsRequest } from "./consent-terms.ts";
import { auditConsent, ConsentView, noticesOfConsent, partiesOf, showConsent } from "./consent-view.ts";

const askForConsent = write({
  method: "post",
  path: "/v1/subscriptions/{id}/consents",
  tag: "Consents",
  summary: "Ask a data owner for consent, for the subscriber",
  action: "consent.request",
  names: aSubscription,
  status: 201,
  body: jsonBody(TermsRequest.extend({ dataOwnerId: Id })),
  answers: ConsentView,
  handle: async ({ db, nowMs, named: subscription, body }) => {
    const dataOwner = await findOrganization(db, body.dataOwnerId);
    if (!dataOwner) {
      return err(invalid({ path: "dataOwnerId", message: "there is no such organization" }));
    }
    const terms = await checkTerms(db, subscription.apiId, body, nowMs);
    if (!terms.ok) return terms;
    const before = await findConsentFor(db, subscription.id, body.dataOwnerId);
    if (!before) return ok(ask(db, insert, newConsent(subscription, dataOwner, "requested", terms.value, nowMs)));
    if (isInForce(before, nowMs)) {
      if (covers(before.channels, terms.value.channels))
        return ok({ body: showConsent(before), writes: [], audit: null });
      return conflict("The data owner has granted a narrower consent. Only they can widen it.");
    }
    // Who grants names an id: it must not stand for other terms than those that were read under it.
    const id = isSame(before, terms.value) ? before.id : newId();
    const asked: KnownConsent = { ...before, ...terms.value, id, status: "requested", updatedMs: nowMs };
    return ok(isBeingAsked(before, nowMs) ? update(db, asked, "consent.request") : ask(db, update, asked));
  },
});

const giveConsent = write({
  method: "post",
  path: "/v1/consents",
  tag: "Consents",
  summary: "Give consent to a subscription at once, for the data owner",
  action: "consent.give",
  status: 201,
  body: jsonBody(TermsRequest.extend({ subscriptionId: Id, dataOwnerId: Id.optional() })),
  answers: ConsentView,
  handle: async ({ db, caller, nowMs, body, generation }) => {
    const found = await admit({ db, caller }, "consent.give", aSubscription, { id: body.subscriptionId });
    if (!found.ok) return found;
    const subscription = found.value;
    if ((body.dataOwnerId ?? caller.organizationId) !== caller.organizationId) {
      return err(invalid({ path: "dataOwnerId", message: "only the data owner itself can give consent" }));
    }
    const terms = await checkTerms(db, subscription.apiId, body, nowMs);
    if (!terms.ok) return terms;
    const [before, dataOwner] = await Promise.all([
      findConsentFor(db, subscription.id, caller.organizationId),
      findOrganization(db, caller.organizationId),
    ]);
    if (!dataOwner) return notFound("organization");
    const change = before
      ? update(db, { ...before, ...terms.value, status: "granted", updatedMs: nowMs }, "consent.grant")
      : insert(db, newConsent(subscription, dataOwner, "granted", terms.value, nowMs), "consent.grant");
    return ok({ ...change, writes: [...change.writes, pushConsent(db, change.body, generation)] });
  },
});

const listOwnConsents = read({
  path: "/v1/consents",
  tag: "Consents",
  summary:
    "List the consents that the organization gives (as=dataOwner) or has asked for (as=subscriber): who receives what",
  action: "consent.list",
  query: PageQuery.extend({
    status: ConsentStatus.optional(),
    subscriptionId: Id.optional(),
    as: ConsentSide.optional(),
  }),
  answers: PageOf(ConsentView),
  handle: async ({ db, caller, query }) => {
    const scope = { organizationId: caller.organizationId, appId: onlyAppOf(caller) };
    return ok(toPage(await listConsents(db, scope, query, toPageRequest(query)), showConsent));
  },
});

const readConsent = read({
  path: "/v1/consents/{id}",
  tag: "Consents",
  summary: "Read a consent",
  action: "consent.read",
  names: aConsent,
  answers: ConsentView,
  handle: async ({ named: consent }) => ok(showConsent(consent)),
});

type KnownConsent = Consent & ConsentParties;

function newConsent(
  subscription: Subscription,
  dataOwner: Organization,
  status: Consent["status"],
  terms: Terms,
  nowMs: number,
): KnownConsent {
  const identity = { id: newId(), subscriptionId: subscription.id, dataOwnerId: dataOwner.id };
  const parties = partiesOf(subscription, dataOwner);
  return { ...identity, ...terms, ...parties, status, revision: 1, createdMs: nowMs, updatedMs: nowMs };
}

const insert = (db: D1Database, consent: KnownConsent, action: Action): Change<z.infer<typeof ConsentView>> => ({
  body: showConsent(consent),
  writes: [insertConsent(db, consent)],
  audit: auditConsent(action, consent),
});

const update = (db: D1Database, consent: KnownConsent, action: Action): Change<z.infer<typeof ConsentView>> => ({
  body: showConsent(consent),
  writes: [updateConsent(db, consent)],
  audit: auditConsent(action, consent),
});

/** The data owner hears that it is asked. */
const ask = (db: D1Database, write: typeof insert, consent: KnownConsent): Change<z.infer<typeof ConsentView>> => ({
  ...write(db, consent, "consent.request"),
  notices: noticesOfConsent(db, [consent.dataOwnerId], "consent.requested", consent),
});

/** Whoever changes the terms of what it asks for, again and again, is not heard each time. */
const isBeingAsked = ({ status, updatedMs }: Consent, nowMs: number): boolean =>
  status === "requested" && nowMs - updatedMs < CONSENT_NOTICE_GAP_MS;

const isInForce = ({ status, expiresMs }: Consent, nowMs: number): boolean =>
  status === "granted" && (expiresMs === null || expiresMs > nowMs);

export const consentRoutes = [askForConsent, giveConsent, listOwnConsents, readConsent];
