import { createRouter } from "@tanstack/react-router";
import { FailedPage, NoSuchPage } from "./frame/failures.tsx";
import { makePortalHistory } from "./frame/portal-history.ts";
import { operatorRoutes } from "./routes/operator.ts";
import { organization, ownRoutes } from "./routes/organization.ts";
import { publishRoutes } from "./routes/publish.ts";
import { type Context, root, signIn, start } from "./routes/root.tsx";
import { subscribeRoutes } from "./routes/subscribe.ts";

const tree = root.addChildren([
  start,
  signIn,
  organization.addChildren([...ownRoutes, ...publishRoutes, ...subscribeRoutes]),
  operatorRoutes,
]);

/** Everything that has an address in the console. In a portal the same pages stand below the link's own address. */
export const makeRouter = (context: Context) =>
  createRouter({
    routeTree: tree,
    context,
    basepath: context.portal?.basePath ?? "/",
    ...(context.portal && { history: makePortalHistory(context.portal.token) }),
    defaultPreload: "intent",
    scrollRestoration: true,
    defaultNotFoundComponent: NoSuchPage,
    defaultErrorComponent: FailedPage,
  });

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
