import { z } from "zod";
import type { Notice } from "../../domain/notice.ts";
import { type Consent, type ConsentParties, ConsentStatus } from "../../registry/consents.ts";
import { writeNotice } from "../../registry/notices.ts";
import type { Organization } from "../../registry/organizations.ts";
import type { Subscription } from "../../registry/subscriptions.ts";
import type { Action } from "../call/permissions.ts";
import { toTime, toTimeOrNull } from "../fields.ts";

export const ConsentView = z.object({
  id: z.string(),
  subscriptionId: z.string(),
  dataOwnerId: z.string(),
  dataOwnerName: z.string(),
  status: ConsentStatus,
  channels: z.array(z.string()).nullable(),
  expiresAt: z.string().nullable(),
  app: z.object({ id: z.string(), name: z.string() }),
  api: z.object({ id: z.string(), title: z.string() }),
  /** The app's organization. */
  subscriberId: z.string(),
  subscriberName: z.string(),
  /** The API's organization. */
  publisherId: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
});

export const showConsent = (consent: Consent & ConsentParties): z.infer<typeof ConsentView> => ({
  id: consent.id,
  subscriptionId: consent.subscriptionId,
  dataOwnerId: consent.dataOwnerId,
  dataOwnerName: consent.dataOwnerName,
  status: consent.status,
  channels: consent.channels,
  expiresAt: toTimeOrNull(consent.expiresMs),
  app: { id: consent.appId, name: consent.appName },
  api: { id: consent.apiId, title: consent.apiTitle },
  subscriberId: consent.subscriberId,
  subscriberName: consent.subscriberName,
  publisherId: consent.publisherId,
  createdAt: toTime(consent.createdMs),
  updatedAt: toTime(consent.updatedMs),
});

export const partiesOf = (subscription: Subscription, dataOwner: Organization): ConsentParties => ({
  appId: subscription.appId,
  appName: subscription.appName,
  apiId: subscription.apiId,
  apiTitle: subscription.apiTitle,
  dataOwnerName: dataOwner.name,
  subscriberId: subscription.organizationId,
  subscriberName: subscription.organizationName,
  publisherId: subscription.apiOrganizationId,
});

/** Tells these organizations what became of a consent. */
export function noticesOfConsent(
  db: D1Database,
  organizationIds: string[],
  type: "consent.requested" | "consent.revoked",
  { apiId, subscriptionId, id: consentId, dataOwnerId, updatedMs }: Consent & ConsentParties,
): D1PreparedStatement[] {
  const notice: Notice = { type, data: { apiId, subscriptionId, consentId, dataOwnerId } };
  return [...new Set(organizationIds)].flatMap((id) => writeNotice(db, id, notice, updatedMs));
}

/** A consent concerns its owner, who gets the events, and who publishes them. */
export const auditConsent = (action: Action, consent: Consent & ConsentParties) => ({
  action,
  subject: consent.id,
  organizations: [consent.dataOwnerId, consent.subscriberId, consent.publisherId],
});
