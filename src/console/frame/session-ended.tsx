import { useQuery } from "@tanstack/react-query";
import { useRouterState } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { sessionQuery } from "../api/session.ts";
import { loadPart } from "../parts/load-part.ts";

const SignInAgain = lazy(async () => {
  const { SignInAgain } = await loadPart(() => import("../pages/sign-in/sign-in-again.tsx"));
  return { default: SignInAgain };
});

/** Where the session has ended behind a page, the page stays as it is until somebody has signed in again. */
export function SessionEnded() {
  const { data: session } = useQuery({ ...sessionQuery, enabled: false });
  const isSignIn = useRouterState({ select: ({ location }) => location.pathname === "/sign-in" });
  if (session !== null || isSignIn) return null;
  return (
    <Suspense>
      <SignInAgain />
    </Suspense>
  );
}
