import type { Context } from "hono";
import { equalInConstantTime } from "../../kernel/digest.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import { OPERATOR_SEAT, type Seat } from "../../registry/sessions.ts";
import type { AppEnv, Member, Operator } from "../app-env.ts";
import { type Problem, refuse } from "../problem.ts";
import { csrfTokenOf, findLiveSession, type LiveSession } from "./live-session.ts";
import { checkSite } from "./same-site.ts";
import { hasSessionCookie } from "./session-cookie.ts";

const TOKEN_MISSING: Problem = {
  reason: "token_missing",
  detail: "Send `Authorization: Bearer` with a token of your organization.",
};

const SESSION_EXPIRED: Problem = {
  reason: "session_expired",
  detail: "There is no session, or it has ended. Sign in.",
};

/** Who calls with the cookie of a session, and as whom: the header `Relay-Organization` says it. */
export async function authenticateSession(c: Context<AppEnv>): Promise<Result<Operator | Member, Problem>> {
  if (!hasSessionCookie(c)) return err(TOKEN_MISSING);
  const session = await findLiveSession(c);
  if (!session) return err(SESSION_EXPIRED);
  const intended = await checkIntent(c, session);
  if (!intended.ok) return intended;
  const actsAs = c.req.header("Relay-Organization")?.toLowerCase();
  if (actsAs === undefined) {
    const detail = "A call with a session says as whom in `Relay-Organization`: an organization's id, or `operator`.";
    return refuse("organization_unnamed", detail);
  }
  const seat = session.seats.find((each) => actsAsOf(each) === actsAs);
  if (seat) return ok(callerOf(seat));
  return refuse("not_signed_in", "This session is not signed in to this organization. Sign in with a token of it.");
}

/** That a page of the relay's own has asked for it, and not just any that the person's browser shows. */
export async function checkIntent(c: Context<AppEnv>, session: LiveSession): Promise<Result<null, Problem>> {
  const site = checkSite(c);
  if (!site.ok || c.req.method === "GET" || c.req.method === "HEAD") return site;
  const given = c.req.header("X-CSRF-Token") ?? "";
  if (equalInConstantTime(given, await csrfTokenOf(session))) return ok(null);
  return refuse(
    "csrf_token_invalid",
    "A change with a session needs its CSRF token in `X-CSRF-Token`: `GET /session` says it.",
  );
}

export const actsAsOf = (seat: Seat): string => (seat.kind === "operator" ? OPERATOR_SEAT : seat.organizationId);

function callerOf(seat: Seat): Operator | Member {
  if (seat.kind === "operator") return { kind: "operator" };
  const { kind, id, organizationId, role } = seat;
  return { kind: "member", organizationId, by: { kind, id }, role };
}
