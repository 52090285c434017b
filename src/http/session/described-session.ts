import type { OwnRoute } from "../openapi.ts";
import { signInBody } from "./session.ts";
import { OptionsView, SessionView } from "./session-view.ts";

const SESSION = { "application/json": { schema: SessionView } };

/** How a browser signs in, and what it may do then. */
export const describedSession: OwnRoute[] = [
  {
    method: "post",
    path: "/session",
    tag: "Session",
    summary: "Sign in with an organization's token, or the operator's; adds to the session that is there",
    description:
      "Answers with a cookie. A call with that cookie and without `Authorization` says as whom in `Relay-Organization`, an organization's id or `operator`; one that changes something sends the `csrfToken` in `X-CSRF-Token`.",
    security: [],
    body: signInBody,
    answers: SESSION,
  },
  {
    method: "get",
    path: "/session",
    tag: "Session",
    summary: "Read who is signed in, and as whom they may act",
    description: "Where nobody is signed in: 204, and a cookie that means nothing any more is taken away.",
    security: ["session"],
    answers: SESSION,
  },
  {
    method: "delete",
    path: "/session",
    tag: "Session",
    summary: "Sign out, of all organizations",
    description: "Takes the cookie away. Where there is a session it needs its token in `X-CSRF-Token`.",
    security: ["session"],
    answers: null,
  },
  {
    method: "get",
    path: "/session/options",
    tag: "Session",
    summary: "Read how one can sign in beside with a token",
    description:
      "`oidc`: at the operator's issuer of OpenID Connect. A browser goes to `/session/oidc/start?returnTo=/…` for that, and comes back signed in, or to `/sign-in?error=…`. A page of another site that sends it there sends it to `/sign-in` first.",
    security: [],
    answers: { "application/json": { schema: OptionsView } },
  },
];
