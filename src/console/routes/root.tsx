import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, redirect } from "@tanstack/react-router";
import { type Caller, changeCaller } from "../api/caller.ts";
import type { Portal } from "../api/portal.ts";
import { type Session, sessionQuery } from "../api/session.ts";
import { AnyPage } from "../frame/any-page.tsx";
import { FailedEntirely, NothingAtAll } from "../frame/failures.tsx";
import { lazyPage } from "./lazy-page.ts";
import { texts } from "./search.ts";

export type Context = { queries: QueryClient; portal: Portal | null };

export const root = createRootRouteWithContext<Context>()({
  component: AnyPage,
  notFoundComponent: NothingAtAll,
  errorComponent: FailedEntirely,
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

type SignInSearch = { returnTo?: string; error?: string; add?: true };

export const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (search: Record<string, unknown>): SignInSearch => {
    const { returnTo, error } = texts("returnTo", "error")(search);
    const found = { returnTo: isPath(returnTo) ? returnTo : undefined, error, add: search.add === true || undefined };
    return found as SignInSearch;
  },
  component: lazyPage(() => import("../pages/sign-in/sign-in.tsx"), "SignInPage"),
});

/** A place of this console, never of another site: `//evil.example` is one, however it is written. */
const isPath = (text = ""): boolean =>
  text.startsWith("/") && URL.parse(text, location.origin)?.origin === location.origin;

export const start = createRoute({
  getParentRoute: () => root,
  path: "/",
  errorComponent: FailedEntirely,
  beforeLoad: async ({ context, location }) => {
    if (context.portal)
      throw redirect({ to: "/o/$organizationId/apps", params: { organizationId: context.portal.organizationId } });
    const session = await requireSession(context, location.href);
    const [first] = session.organizations;
    if (first) throw redirect({ to: "/o/$organizationId", params: { organizationId: first.id } });
    throw redirect({ to: "/operator/organizations" });
  },
});
