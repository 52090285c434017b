import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, lazyRouteComponent, Outlet, redirect } from "@tanstack/react-router";
import { type Caller, changeCaller } from "../api/caller.ts";
import type { Portal } from "../api/portal.ts";
import { type Session, sessionQuery } from "../api/session.ts";
import { FailedPage, NothingAtAll } from "../frame/failures.tsx";

export type Context = { queries: QueryClient; portal: Portal | null };

export const root = createRootRouteWithContext<Context>()({
  component: Outlet,
  notFoundComponent: NothingAtAll,
  errorComponent: FailedPage,
});

/** Who is signed in; who is not goes there first and comes back. */
export async function requireSession({ queries }: Context, href: string): Promise<Session> {
  const session = await queries.ensureQueryData(sessionQuery);
  if (session) return session;
  throw redirect({ to: "/sign-in", search: href === "/" ? {} : { returnTo: href } });
}

/** Nothing that was read as somebody else stays. Whoever only points at a link has not gone there: the page that is open goes on as it was. */
export function callAs({ queries }: Context, caller: Caller, isPreload: boolean): void {
  if (!isPreload && changeCaller(caller))
    queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== "session" });
}

export const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (search: Record<string, unknown>): { returnTo?: string; error?: string; add?: true } => ({
    ...(typeof search.returnTo === "string" && isPath(search.returnTo) && { returnTo: search.returnTo }),
    ...(typeof search.error === "string" && { error: search.error }),
    ...(search.add === true && { add: true as const }),
  }),
  component: lazyRouteComponent(() => import("../pages/sign-in/sign-in.tsx"), "SignInPage"),
});

/** A place of this console, never of another site: `//evil.example` is one. */
const isPath = (text: string): boolean => /^\/(?![/\\])/.test(text);

export const start = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: async ({ context, location }) => {
    if (context.portal)
      throw redirect({ to: "/o/$organizationId/apps", params: { organizationId: context.portal.organizationId } });
    const session = await requireSession(context, location.href);
    const [first] = session.organizations;
    if (first) throw redirect({ to: "/o/$organizationId", params: { organizationId: first.id } });
    throw redirect({ to: "/operator/organizations" });
  },
});
