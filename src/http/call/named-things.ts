import { RELAY_ORGANIZATION_ID } from "../../domain/notice.ts";
import { type Api, findApi, findVisibleApi } from "../../registry/apis.ts";
import { type App, findApp } from "../../registry/apps.ts";
import { ownsClient } from "../../registry/clients.ts";
import { type Consent, type ConsentParties, findConsent } from "../../registry/consents.ts";
import { findMember, type Member } from "../../registry/members.ts";
import { findToken, type OrganizationToken } from "../../registry/organization-tokens.ts";
import { findOrganization, type Organization } from "../../registry/organizations.ts";
import { findPortalLink, type PortalLink } from "../../registry/portal-links.ts";
import { findShare, type Share } from "../../registry/shares.ts";
import { findSubscription, hasSubscription, type Subscription } from "../../registry/subscriptions.ts";
import { type EventPlace, findEventPlace } from "../../registry/topic-logs.ts";
import type { Principal } from "../app-env.ts";
import type { Parties } from "./permissions.ts";

/** How a thing that a call names is looked up. Nobody has been asked yet whether the caller may know of it. */
export type Named<Id extends string, T> = {
  /** What it is called where it is not there. */
  what: string;
  find(db: D1Database, ids: Record<Id, string>, principal: Principal): Promise<Found<T> | null>;
};

type Found<T> = { thing: T; parties: Parties };

/** Of calls that name nothing: lists, and what makes something new. */
export const nothingNamed: Named<never, null> = {
  what: "thing",
  find: async () => ({ thing: null, parties: {} }),
};

export const anOrganization: Named<"id", Organization> = {
  what: "organization",
  find: async (db, { id }) => {
    // Whoever had a token of it could change, delete or publish to the relay's own API.
    const organization = id === RELAY_ORGANIZATION_ID ? null : await findOrganization(db, id);
    return organization && { thing: organization, parties: { itself: organization.id } };
  },
};

export const aToken: Named<"id" | "tokenId", OrganizationToken> = {
  what: "token",
  find: async (db, { id, tokenId }) => {
    const token = await findToken(db, id, tokenId);
    return token && { thing: token, parties: { itself: token.organizationId } };
  },
};

export const aMember: Named<"id" | "memberId", Member> = {
  what: "member",
  find: async (db, { id, memberId }) => {
    const member = await findMember(db, id, memberId);
    return member && { thing: member, parties: { itself: member.organizationId } };
  },
};

export const aPortalLink: Named<"id" | "linkId", PortalLink> = {
  what: "portal link",
  find: async (db, { id, linkId }) => {
    const link = await findPortalLink(db, id, linkId);
    return link && { thing: link, parties: { itself: link.organizationId, app: link.appId } };
  },
};

export const anApi: Named<"id", Api> = {
  what: "API",
  find: async (db, { id }) => {
    const api = await findApi(db, id);
    return api && { thing: api, parties: { owner: api.organizationId } };
  },
};

/** As the directory shows it: the registry answers with what the caller may see, and nothing else. */
export const aVisibleApi: Named<"apiId", Api> = {
  what: "API",
  find: async (db, { apiId }, principal) => {
    const organizationId = principal.kind === "operator" ? null : principal.organizationId;
    const api = await findVisibleApi(db, organizationId, apiId);
    return api && { thing: api, parties: organizationId === null ? {} : { audience: organizationId } };
  },
};

export const aShare: Named<"id" | "organizationId", { api: Api; share: Share }> = {
  what: "share",
  find: async (db, { id, organizationId }) => {
    const api = await findApi(db, id);
    const share = api && (await findShare(db, api.id, organizationId));
    return share && { thing: { api, share }, parties: { owner: api.organizationId } };
  },
};

/** Credentials of an API's publisher; the API says whose. */
export const anApiCredential: Named<"id" | "clientId", Api> = {
  what: "credential",
  find: async (db, { id, clientId }) => {
    const api = await findApi(db, id);
    const isIts = api && (await ownsClient(db, { kind: "publisher", apiId: api.id }, clientId));
    return isIts ? { thing: api, parties: { owner: api.organizationId } } : null;
  },
};

export const anApp: Named<"id", App> = {
  what: "app",
  find: async (db, { id }) => {
    const app = await findApp(db, id);
    return app && { thing: app, parties: { owner: app.organizationId, app: app.id } };
  },
};

/** Credentials of an app; the app says whose. */
export const anAppCredential: Named<"id" | "clientId", App> = {
  what: "credential",
  find: async (db, { id, clientId }) => {
    const app = await findApp(db, id);
    const isIts = app && (await ownsClient(db, { kind: "app", appId: app.id }, clientId));
    return isIts ? { thing: app, parties: { owner: app.organizationId } } : null;
  },
};

export const aSubscription: Named<"id", Subscription> = {
  what: "subscription",
  find: async (db, { id }) => {
    const subscription = await findSubscription(db, id);
    if (!subscription) return null;
    const { organizationId, apiOrganizationId, appId } = subscription;
    return { thing: subscription, parties: { subscriber: organizationId, publisher: apiOrganizationId, app: appId } };
  },
};

/** Whether the log that its id names has it, only that log can tell. */
export const anEvent: Named<"id", EventPlace> = {
  what: "event",
  find: async (db, { id }, principal) => {
    const place = await findEventPlace(db, id);
    if (!place) return null;
    const caller = principal.kind === "operator" ? null : principal.organizationId;
    const subscribes = caller !== null && (await hasSubscription(db, place.apiId, caller));
    return { thing: place, parties: { publisher: place.organizationId, ...(subscribes && { subscriber: caller }) } };
  },
};

/** One event on its way to one subscription: `{subscriptionId}.{eventId}`. */
export const aDelivery: Named<"deliveryId", { subscription: Subscription; eventId: string; log: string }> = {
  what: "delivery",
  find: async (db, { deliveryId }) => {
    const [subscriptionId = "", eventId = ""] = deliveryId.split(".");
    const [subscription, place] = await Promise.all([
      findSubscription(db, subscriptionId),
      findEventPlace(db, eventId),
    ]);
    if (!subscription || place?.apiId !== subscription.apiId) return null;
    const { organizationId, appId } = subscription;
    return { thing: { subscription, eventId, log: place.log }, parties: { subscriber: organizationId, app: appId } };
  },
};

export const aConsent: Named<"id", Consent & ConsentParties> = {
  what: "consent",
  find: async (db, { id }) => {
    const consent = await findConsent(db, id);
    if (!consent) return null;
    const { dataOwnerId, subscriberId, publisherId, appId } = consent;
    const parties = { dataOwner: dataOwnerId, subscriber: subscriberId, publisher: publisherId, app: appId };
    return { thing: consent, parties };
  },
};
