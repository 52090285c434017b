import { CSPProvider } from "@base-ui/react/csp-provider";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./style/base.css";
import { readPortal } from "./api/portal.ts";
import { ApiProblem } from "./api/problem.ts";
import { sessionQuery } from "./api/session.ts";
import { cspNonce } from "./frame/csp-nonce.ts";
import { watchSession } from "./frame/lost-session.ts";
import { showScheme } from "./frame/scheme.ts";
import { Toasts } from "./parts/toast.tsx";
import { makeRouter } from "./router.ts";

const RETRIES_MAX = 2;

showScheme();
const portal = readPortal();
const queries = new QueryClient({
  ...watchSession(() => void leave()),
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // A refusal stays one; only what the relay could not do now is asked again.
      retry: (failures, error) =>
        failures < RETRIES_MAX && (!(error instanceof ApiProblem) || error.status === 0 || error.status >= 500),
    },
  },
});
const router = makeRouter({ queries, portal });

/** To where one signs in, and back from there. In a portal the page itself says that its link has ended. */
async function leave(): Promise<void> {
  const { pathname, href } = router.state.location;
  if (portal || pathname === "/sign-in") return;
  queries.removeQueries({ queryKey: sessionQuery.queryKey, exact: true });
  await router.navigate({ to: "/sign-in", search: { returnTo: href, error: "session_ended" } });
}

const root = document.getElementById("root");
if (!root) throw new Error("the page has no root");
// Only portals are for frames: whatever address has let a frame in, nobody's session is behind its buttons.
if (portal || window.top === window)
  createRoot(root).render(
    <StrictMode>
      <CSPProvider {...(cspNonce && { nonce: cspNonce })}>
        <QueryClientProvider client={queries}>
          <Toasts>
            <RouterProvider router={router} />
          </Toasts>
        </QueryClientProvider>
      </CSPProvider>
    </StrictMode>,
  );
