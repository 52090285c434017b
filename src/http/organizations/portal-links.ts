import { z } from "zod";
import { FrameAncestor, isLoopbackOrigin } from "../../domain/frame-ancestor.ts";
import { sha256 } from "../../kernel/digest.ts";
import { newId, newToken } from "../../kernel/ids.ts";
import {
  FRAME_ANCESTORS_MAX,
  PORTAL_LINK_SECONDS_DEFAULT,
  PORTAL_LINK_SECONDS_MAX,
  PORTAL_LINKS_PER_ORGANIZATION_MAX,
} from "../../kernel/limits.ts";
import { err, ok } from "../../kernel/result.ts";
import {
  countPortalLinks,
  deletePortalLink,
  insertPortalLink,
  listPortalLinks,
  type PortalLink,
  PortalRole,
} from "../../registry/portal-links.ts";
import { invalid } from "../body.ts";
import { admit } from "../call/admission.ts";
import { PORTAL_PREFIX } from "../call/authentication.ts";
import { conflict, read, write } from "../call/call.ts";
import { anApp, anOrganization, aPortalLink } from "../call/named-things.ts";
import { PageOf, PageQuery, toPage, toPageRequest } from "../call/paging.ts";
import type { Action } from "../call/permissions.ts";
import { jsonBody } from "../call/request-body.ts";
import { Id, toTime } from "../fields.ts";

const PortalLinkView = z.object({
  id: z.string(),
  appId: z.string(),
  role: PortalRole,
  frameAncestors: z.array(z.string()),
  createdAt: z.string(),
  expiresAt: z.string(),
});

const showPortalLink = (link: PortalLink): z.infer<typeof PortalLinkView> => ({
  ...{ id: link.id, appId: link.appId, role: link.role, frameAncestors: link.frameAncestors },
  createdAt: toTime(link.createdMs),
  expiresAt: toTime(link.expiresMs),
});

const NewPortalLink = z.strictObject({
  appId: Id,
  /** A viewer's link changes nothing. */
  role: PortalRole.default("viewer"),
  ttlSeconds: z.number().int().min(1).max(PORTAL_LINK_SECONDS_MAX).default(PORTAL_LINK_SECONDS_DEFAULT),
  /** Origins whose pages may embed it; none: it opens in a window of its own. */
  frameAncestors: z.array(FrameAncestor).max(FRAME_ANCESTORS_MAX).default([]),
});

const createPortalLink = write({
  method: "post",
  path: "/v1/organizations/{id}/portal-links",
  tag: "Portals",
  summary: "Make a link, shown once, that opens one app's part of the console to whoever has it",
  action: "portal-link.create",
  names: anOrganization,
  status: 201,
  body: jsonBody(NewPortalLink),
  answers: PortalLinkView.extend({ url: z.string() }),
  handle: async ({ db, env, caller, nowMs, named: organization, body }) => {
    const app = await admit({ db, caller }, "app.read", anApp, { id: body.appId });
    if (!app.ok) return app;
    const isLocal = env.ALLOW_PRIVATE_ENDPOINTS === "true";
    if (!isLocal && body.frameAncestors.some(isLoopbackOrigin)) {
      return err(invalid({ path: "frameAncestors", message: "must not be on this machine" }));
    }
    if ((await countPortalLinks(db, organization.id)) >= PORTAL_LINKS_PER_ORGANIZATION_MAX) {
      return conflict(`An organization has at most ${PORTAL_LINKS_PER_ORGANIZATION_MAX} links at once.`);
    }
    const { appId, role, frameAncestors } = body;
    const times = { createdMs: nowMs, expiresMs: nowMs + body.ttlSeconds * 1000 };
    const link = { id: newId(), organizationId: organization.id, appId, role, frameAncestors, ...times };
    const token = newToken(PORTAL_PREFIX);
    return ok({
      body: { ...showPortalLink(link), url: portalUrl(env.RELAY_ORIGIN, link, token) },
      writes: [insertPortalLink(db, { ...link, digest: await sha256(token) })],
      audit: audit("portal-link.create", link),
      answerGoodUntilMs: link.expiresMs,
    });
  },
});

/** The token stands behind the `#`: browsers send that to nobody, and so no log has it. */
const portalUrl = (origin: string, { id, organizationId, appId }: PortalLink, token: string): string =>
  `${origin}/portal/${id}/o/${organizationId}/apps/${appId}#${token}`;

const listOrganizationPortalLinks = read({
  path: "/v1/organizations/{id}/portal-links",
  tag: "Portals",
  summary: "List the portal links that are good",
  action: "portal-link.list",
  names: anOrganization,
  query: PageQuery,
  answers: PageOf(PortalLinkView),
  handle: async ({ db, nowMs, named: organization, query }) => {
    const asked = { organizationId: organization.id, nowMs };
    return ok(toPage(await listPortalLinks(db, asked, toPageRequest(query)), showPortalLink));
  },
});

const readPortalLink = read({
  path: "/v1/organizations/{id}/portal-links/{linkId}",
  tag: "Portals",
  summary: "Read a portal link, as the page does that it opens",
  action: "portal-link.read",
  names: aPortalLink,
  answers: PortalLinkView,
  handle: async ({ named: link }) => ok(showPortalLink(link)),
});

const revokePortalLink = write({
  method: "delete",
  path: "/v1/organizations/{id}/portal-links/{linkId}",
  tag: "Portals",
  summary: "Revoke a portal link at once",
  action: "portal-link.revoke",
  names: aPortalLink,
  status: 204,
  body: null,
  answers: z.null(),
  handle: async ({ db, named: link }) =>
    ok({ body: null, writes: [deletePortalLink(db, link.id)], audit: audit("portal-link.revoke", link) }),
});

const audit = (action: Action, link: PortalLink) => ({
  ...{ action, subject: link.id, organizations: [link.organizationId] },
});

export const portalLinkRoutes = [createPortalLink, listOrganizationPortalLinks, readPortalLink, revokePortalLink];
