import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { NoSuchPage } from "../frame/failures.tsx";
import { OrganizationFrame } from "../frame/organization-frame.tsx";
import { AUDIT_SEARCH } from "../pages/audit/audit-search.ts";
import { callAs, requireSession, root } from "./root.tsx";
import { texts } from "./search.ts";

/** Around all pages of one organization. */
export const organization = createRoute({
  getParentRoute: () => root,
  path: "/o/$organizationId",
  beforeLoad: async ({ context, params, location, preload }) => {
    if (context.portal) return callAs(context, { kind: "portal", token: context.portal.token }, preload);
    const session = await requireSession(context, location.href);
    if (!session.organizations.some(({ id }) => id === params.organizationId))
      throw redirect({ to: "/sign-in", search: { returnTo: location.href, error: "other_organization", add: true } });
    callAs(context, { kind: "organization", id: params.organizationId }, preload);
  },
  component: OrganizationFrame,
  notFoundComponent: NoSuchPage,
});

const home = createRoute({
  getParentRoute: () => organization,
  path: "/",
  beforeLoad: ({ context, params }) => {
    if (context.portal) throw redirect({ to: "/o/$organizationId/apps", params });
  },
  component: lazyRouteComponent(() => import("../pages/home/home.tsx"), "HomePage"),
});

const consents = createRoute({
  getParentRoute: () => organization,
  path: "/consents",
  validateSearch: texts("side", "status"),
  component: lazyRouteComponent(() => import("../pages/consents/consents.tsx"), "ConsentsPage"),
});
const activation = createRoute({
  getParentRoute: () => organization,
  path: "/consents/activate",
  validateSearch: texts("apiId", "q"),
  component: lazyRouteComponent(() => import("../pages/consents/activation.tsx"), "ActivationPage"),
});
const consent = createRoute({
  getParentRoute: () => organization,
  path: "/consents/$consentId",
  component: lazyRouteComponent(() => import("../pages/consents/consent.tsx"), "ConsentPage"),
});

const organizationPage = createRoute({
  getParentRoute: () => organization,
  path: "/organization",
  component: lazyRouteComponent(() => import("../pages/organization/organization.tsx"), "OrganizationPage"),
});
const audit = createRoute({
  getParentRoute: () => organization,
  path: "/audit",
  validateSearch: texts(...AUDIT_SEARCH),
  component: lazyRouteComponent(() => import("../pages/audit/audit.tsx"), "AuditPage"),
});
const notices = createRoute({
  getParentRoute: () => organization,
  path: "/notices",
  component: lazyRouteComponent(() => import("../pages/notices/notices.tsx"), "NoticesPage"),
});

/** An organization's own pages, and those of its data. */
export const ownRoutes = [home, consents, activation, consent, organizationPage, audit, notices] as const;
