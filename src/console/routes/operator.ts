import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { NoSuchPage } from "../frame/failures.tsx";
import { OperatorFrame } from "../frame/operator-frame.tsx";
import { AUDIT_SEARCH } from "../pages/audit/audit-search.ts";
import { callAs, requireSession, root } from "./root.tsx";
import { texts } from "./search.ts";

const operator = createRoute({
  getParentRoute: () => root,
  path: "/operator",
  beforeLoad: async ({ context, location, preload }) => {
    const session = await requireSession(context, location.href);
    if (!session.isOperator)
      throw redirect({ to: "/sign-in", search: { returnTo: location.href, error: "operators_only", add: true } });
    callAs(context, { kind: "operator" }, preload);
  },
  component: OperatorFrame,
  notFoundComponent: NoSuchPage,
});
const operatorStart = createRoute({
  getParentRoute: () => operator,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/operator/organizations" });
  },
});

const operatorOrganizations = createRoute({
  getParentRoute: () => operator,
  path: "/organizations",
  validateSearch: texts("q"),
  component: lazyRouteComponent(() => import("../pages/operator/organizations.tsx"), "OrganizationsPage"),
});
const operatorHealth = createRoute({
  getParentRoute: () => operator,
  path: "/health",
  component: lazyRouteComponent(() => import("../pages/operator/health.tsx"), "HealthPage"),
});
const operatorNotices = createRoute({
  getParentRoute: () => operator,
  path: "/notices",
  component: lazyRouteComponent(() => import("../pages/operator/operator-notices.tsx"), "OperatorNoticesPage"),
});
const operatorAudit = createRoute({
  getParentRoute: () => operator,
  path: "/audit",
  validateSearch: texts("organizationId", ...AUDIT_SEARCH),
  component: lazyRouteComponent(() => import("../pages/operator/operator-audit.tsx"), "OperatorAuditPage"),
});

/** The operator's pages. */
export const operatorRoutes = operator.addChildren([
  operatorStart,
  operatorOrganizations,
  operatorHealth,
  operatorNotices,
  operatorAudit,
]);
