import { z } from "zod";
import { newSigningSecret } from "../../domain/signature.ts";
import { newId } from "../../kernel/ids.ts";
import { err, ok } from "../../kernel/result.ts";
import { seal } from "../../kernel/sealed-box.ts";
import { type Api, findApi } from "../../registry/apis.ts";
import { agreementAfter, liveStatus, writeChallenge } from "../../registry/endpoint-challenges.ts";
import { writeNotice } from "../../registry/notices.ts";
import { findOrganization } from "../../registry/organizations.ts";
import { pushConsents, pushSubscriptions } from "../../registry/pushes.ts";
import { deleteSubscription, insertSubscription, updateSubscription } from "../../registry/subscription-changes.ts";
import { countSubscriptions, listSubscriptions, type Subscription } from "../../registry/subscriptions.ts";
import { invalid } from "../body.ts";
import { admit } from "../call/admission.ts";
import { conflict, read, write } from "../call/call.ts";
import { anApp, aSubscription, aVisibleApi } from "../call/named-things.ts";
import { PageOf, PageQuery, toPage, toPageRequest } from "../call/paging.ts";
import { type Action, onlyAppOf } from "../call/permissions.ts";
import { jsonBody } from "../call/request-body.ts";
import { covers } from "../channel-check.ts";
import { Id } from "../fields.ts";
import { notFound } from "../problem.ts";
import { afterChange } from "./endpoint-verification.ts";
import { DEFAULT_SETTINGS, mergeSettings, NewSubscription, SubscriptionPatch } from "./subscription-fields.ts";
import { ProgressView, readProgress, SubscriptionView, showSubscription } from "./subscription-view.ts";

/** Each one is told to every log of its API: a bound on what one app can make the logs hold. */
const SUBSCRIPTIONS_PER_APP_MAX = 1_000;

const subscribe = write({
  method: "post",
  path: "/v1/apps/{id}/subscriptions",
  tag: "Subscriptions",
  summary: "Subscribe an app to an API; the signing secret is shown once",
  action: "subscription.create",
  names: anApp,
  status: 201,
  body: jsonBody(NewSubscription),
  answers: SubscriptionView.extend({ signingSecret: z.string() }),
  handle: async ({ db, env, logs, caller, nowMs, named: app, body, generation }) => {
    const { apiId, start, ...patch } = body;
    const found = await admit({ db, caller }, "api.subscribe", aVisibleApi, { apiId });
    if (!found.ok) return found;
    const api = found.value;
    if (typeof start === "object" && start.atMs > nowMs) {
      return err(invalid({ path: "start", message: "must not be in the future" }));
    }
    const settings = await mergeSettings({ db, env, apiId }, DEFAULT_SETTINGS, patch);
    if (!settings.ok) return settings;
    if ((await countSubscriptions(db, app.id)) >= SUBSCRIPTIONS_PER_APP_MAX) {
      return conflict(`An app has at most ${SUBSCRIPTIONS_PER_APP_MAX} subscriptions.`);
    }
    const organization = await findOrganization(db, app.organizationId);
    if (!organization) return notFound("organization");
    const needsApproval = asksForApproval(api, caller.organizationId);
    const signingSecret = newSigningSecret();
    const live = liveStatus({ ...settings.value, verifiedMs: null });
    const subscription: Subscription = {
      ...settings.value,
      id: newId(),
      appId: app.id,
      appName: app.name,
      apiId: api.id,
      apiTitle: api.title,
      apiVisible: true,
      apiOrganizationId: api.organizationId,
      apiOrganizationName: api.organizationName,
      organizationId: organization.id,
      organizationName: organization.name,
      status: needsApproval ? "pending" : live,
      start,
      seek: null,
      allowedRate: null,
      verifiedMs: null,
      verificationError: null,
      sealedSigningSecrets: [{ sealed: await seal(env.RELAY_MASTER_KEY, signingSecret), expiresMs: null }],
      activatedMs: needsApproval ? null : nowMs,
      revision: 1,
      createdMs: nowMs,
      updatedMs: nowMs,
    };
    return ok({
      body: { ...showSubscription(subscription), signingSecret },
      writes: [
        insertSubscription(db, subscription),
        ...writeChallenge(db, null, subscription, nowMs),
        pushSubscriptions(db, { subscriptionId: subscription.id }, generation),
      ],
      notices: noticeOfPending(db, null, subscription),
      afterwards: afterChange({ env, logs, nowMs }, null, subscription),
      audit: audit("subscription.create", subscription),
    });
  },
});

const listOwnSubscriptions = read({
  path: "/v1/subscriptions",
  tag: "Subscriptions",
  summary: "List the subscriptions of the organization's apps, or of one of them",
  action: "subscription.list",
  query: PageQuery.extend({ appId: Id.optional() }),
  answers: PageOf(SubscriptionView),
  handle: async ({ db, caller, query }) => {
    const onlyAppId = onlyAppOf(caller);
    const { appId = onlyAppId } = query;
    // What is not the caller's is answered like what is not there.
    if (onlyAppId !== null && appId !== onlyAppId) return ok({ data: [], nextCursor: null });
    const asked = { organizationId: caller.organizationId, appId };
    return ok(toPage(await listSubscriptions(db, asked, toPageRequest(query)), showSubscription));
  },
});

const readSubscription = read({
  path: "/v1/subscriptions/{id}",
  tag: "Subscriptions",
  summary: "Read a subscription and how far its deliveries are",
  action: "subscription.read",
  names: aSubscription,
  answers: SubscriptionView.extend(ProgressView.shape),
  handle: async ({ db, logs, named: subscription }) =>
    ok({ ...showSubscription(subscription), ...(await readProgress({ db, logs }, subscription)) }),
});

const patchSubscription = write({
  method: "patch",
  path: "/v1/subscriptions/{id}",
  tag: "Subscriptions",
  summary: "Change a subscription",
  action: "subscription.update",
  names: aSubscription,
  status: 200,
  body: jsonBody(SubscriptionPatch),
  answers: SubscriptionView,
  handle: async ({ db, env, logs, nowMs, named: subscription, body, generation }) => {
    const settings = await mergeSettings({ db, env, apiId: subscription.apiId }, subscription, body);
    if (!settings.ok) return settings;
    const agreement = agreementAfter(subscription, settings.value.endpoint);
    const changed: Subscription = { ...subscription, ...settings.value, ...agreement, updatedMs: nowMs };
    const next = { ...changed, status: await statusWith(db, subscription, changed) };
    return ok({
      body: showSubscription(next),
      writes: [
        // Twice: the logs that it leaves have to hear of it as well as those that it joins.
        pushSubscriptions(db, { subscriptionId: subscription.id }, generation),
        updateSubscription(db, next),
        ...writeChallenge(db, subscription, next, nowMs),
        pushSubscriptions(db, { subscriptionId: subscription.id }, generation),
        ...(body.channels === undefined ? [] : [pushConsents(db, { subscriptionId: subscription.id }, generation)]),
      ],
      notices: noticeOfPending(db, subscription, next),
      afterwards: afterChange({ env, logs, nowMs }, subscription, next),
      audit: audit("subscription.update", subscription),
    });
  },
});

const removeSubscription = write({
  method: "delete",
  path: "/v1/subscriptions/{id}",
  tag: "Subscriptions",
  summary: "Delete a subscription; what it has not got yet it never gets",
  action: "subscription.delete",
  names: aSubscription,
  status: 204,
  body: null,
  answers: z.null(),
  handle: async ({ db, named: subscription, generation }) =>
    ok({
      body: null,
      writes: [
        pushSubscriptions(db, { subscriptionId: subscription.id }, generation),
        deleteSubscription(db, subscription.id),
      ],
      audit: audit("subscription.delete", subscription),
    }),
});

const asksForApproval = (api: Api, subscriberId: string): boolean =>
  api.approval === "manual" && api.organizationId !== subscriberId;

/**
 * An approval is for the channels that the publisher saw: more of them wait for another one. What is live waits for its endpoint, or
 * need not wait for it any more.
 */
async function statusWith(
  db: D1Database,
  { status, apiId, organizationId, channels: approved }: Subscription,
  changed: Subscription,
): Promise<Subscription["status"]> {
  if (status !== "rejected" && !covers(approved, changed.channels)) {
    const api = await findApi(db, apiId);
    if (api && asksForApproval(api, organizationId)) return "pending";
  }
  return status === "active" || status === "unverified" ? liveStatus(changed) : status;
}

/** The publisher hears of who waits for its approval. */
function noticeOfPending(db: D1Database, before: Subscription | null, next: Subscription): D1PreparedStatement[] {
  if (next.status !== "pending" || before?.status === "pending") return [];
  const { apiId, id: subscriptionId, organizationId: subscriberId, apiOrganizationId, updatedMs } = next;
  const notice = { type: "subscription.pending", data: { apiId, subscriptionId, subscriberId } } as const;
  return writeNotice(db, apiOrganizationId, notice, updatedMs);
}

/** A subscription concerns who subscribes and whose API it is. */
export const audit = (action: Action, subscription: Subscription) => ({
  action,
  subject: subscription.id,
  organizations: [subscription.organizationId, subscription.apiOrganizationId],
});

export const subscriptionRoutes = [
  subscribe,
  listOwnSubscriptions,
  readSubscription,
  patchSubscription,
  removeSubscription,
];
