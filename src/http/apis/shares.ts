import { z } from "zod";
import { ok } from "../../kernel/result.ts";
import { findOrganization } from "../../registry/organizations.ts";
import { tellSubscribers } from "../../registry/pushes.ts";
import { countShares, deleteShare, findShare, insertShare, listShares, type Share } from "../../registry/shares.ts";
import { conflict, read, write } from "../call/call.ts";
import { anApi, aShare } from "../call/named-things.ts";
import { PageOf, PageQuery, toPage, toPageRequest } from "../call/paging.ts";
import type { Action } from "../call/permissions.ts";
import { noFields } from "../call/request-body.ts";
import { toTime } from "../fields.ts";
import { notFound } from "../problem.ts";

const SHARES_PER_API_MAX = 1_000; // whoever shares with more organizations makes the API public

const ShareView = z.object({ organizationId: z.string(), organizationName: z.string(), createdAt: z.string() });

const showShare = (share: Share): z.infer<typeof ShareView> => ({
  organizationId: share.organizationId,
  organizationName: share.organizationName,
  createdAt: toTime(share.createdMs),
});

const listApiShares = read({
  path: "/v1/apis/{id}/shares",
  tag: "APIs",
  summary: "List the organizations that an API is shared with",
  action: "api.read",
  names: anApi,
  query: PageQuery,
  answers: PageOf(ShareView),
  handle: async ({ db, named: api, query }) =>
    ok(toPage(await listShares(db, api.id, toPageRequest(query)), showShare)),
});

const shareApi = write({
  method: "put",
  path: "/v1/apis/{id}/shares/{organizationId}",
  tag: "APIs",
  summary: "Let an organization see an API and subscribe to it, though it is private",
  action: "api.share",
  names: anApi,
  status: 200,
  body: noFields,
  answers: ShareView,
  handle: async ({ db, nowMs, named: api, params, generation }) => {
    const organization = await findOrganization(db, params.organizationId);
    if (!organization) return notFound("organization");
    if (organization.id === api.organizationId) return conflict("The API is this organization's own.");
    const found = await findShare(db, api.id, organization.id);
    if (found) return ok({ body: showShare(found), writes: [], audit: null });
    if ((await countShares(db, api.id)) >= SHARES_PER_API_MAX) {
      return conflict(`An API is shared with at most ${SHARES_PER_API_MAX} organizations.`);
    }
    const share: Share = { organizationId: organization.id, organizationName: organization.name, createdMs: nowMs };
    return ok({
      body: showShare(share),
      writes: [insertShare(db, api.id, share), ...tellSubscribers(db, ofShare(api, share), nowMs, generation)],
      audit: audit("api.share", api, share),
    });
  },
});

/** Subscriptions stay, and go on from then on when the API is shared again: with nothing of what came in between. */
const unshareApi = write({
  method: "delete",
  path: "/v1/apis/{id}/shares/{organizationId}",
  tag: "APIs",
  summary: "End a share; the organization's subscriptions get nothing more",
  action: "api.unshare",
  names: aShare,
  status: 204,
  body: null,
  answers: z.null(),
  handle: async ({ db, nowMs, named: { api, share }, generation }) =>
    ok({
      body: null,
      writes: [
        deleteShare(db, api.id, share.organizationId),
        ...tellSubscribers(db, ofShare(api, share), nowMs, generation),
      ],
      audit: audit("api.unshare", api, share),
    }),
});

const ofShare = ({ id }: { id: string }, { organizationId }: Share) => ({ apiId: id, organizationId });

/** A share concerns who gives it and who has it. */
const audit = (action: Action, api: { id: string; organizationId: string }, share: Share) => ({
  action,
  subject: api.id,
  organizations: [api.organizationId, share.organizationId],
});

export const shareRoutes = [listApiShares, shareApi, unshareApi];
