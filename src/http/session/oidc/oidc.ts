import { type Context, Hono } from "hono";
import * as oauth from "oauth4webapi";
import { SESSION_SEATS_MAX } from "../../../kernel/limits.ts";
import { logLine } from "../../../kernel/log.ts";
import { commit } from "../../../registry/commit.ts";
import { listMemberships, type Member, writeSignIn } from "../../../registry/members.ts";
import { OPERATOR_SEAT, type Seat } from "../../../registry/sessions.ts";
import type { AppEnv } from "../../app-env.ts";
import { notFound, problem } from "../../problem.ts";
import { limitAddress } from "../../token-limits.ts";
import { beginSession, type SignIn } from "../begin-session.ts";
import { findLiveSession, type LiveSession, operatorEmailDigest } from "../live-session.ts";
import { checkSite } from "../same-site.ts";
import { actsAsOf } from "../session-caller.ts";
import { readSessionId } from "../session-cookie.ts";
import { giveFlow, takeFlow } from "./flow-cookie.ts";
import { authorizationUrl, type Claims, type IssuerRefusal, redeem } from "./issuer.ts";
import { readReturnUrl } from "./return-path.ts";
import { isOperatorEmail, readOidcSettings } from "./settings.ts";

/** Why somebody is not signed in, as the page for it reads it. */
type SignInError =
  /** The person said no, at the issuer. */
  | "oidc_denied"
  /** The issuer or its answer was not as it has to be. */
  | "oidc_failed"
  /** The sign-in took too long, or was begun in another browser. */
  | "oidc_expired"
  /** The issuer has not made sure of the e-mail, and nobody has signed in as this person before. */
  | "email_unverified"
  | "not_a_member"
  | "too_many_sign_ins";

async function start(c: Context<AppEnv>): Promise<Response> {
  const settings = readOidcSettings(c.env);
  if (!settings) return problem(c, notFound("way to sign in").error);
  const returnUrl = readReturnUrl(c.env.RELAY_ORIGIN, c.req.query("returnTo") ?? "/");
  // A page of another site has sent the browser here: whoever sits in front of it decides on a page of the relay's own.
  if (!checkSite(c).ok) return goToSignIn(c, null, returnUrl);
  const flow = {
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    verifier: oauth.generateRandomCodeVerifier(),
    returnUrl,
    sessionId: readSessionId(c),
  };
  const url = await authorizationUrl(settings, flow);
  if (!url.ok) return refuse(c, url.error, returnUrl);
  await giveFlow(c, flow);
  return goTo(c, url.value);
}

async function callback(c: Context<AppEnv>): Promise<Response> {
  const settings = readOidcSettings(c.env);
  if (!settings) return problem(c, notFound("way to sign in").error);
  const flow = await takeFlow(c);
  if (!flow) return goToSignIn(c, "oidc_expired");
  const claims = await redeem(settings, flow, new URL(c.req.url));
  if (!claims.ok) return refuse(c, claims.error, flow.returnUrl);
  await commit(c.env.REGISTRY, writeSignIn(c.env.REGISTRY, claims.value, c.var.clock.now()));
  const memberships = await listMemberships(c.env.REGISTRY, claims.value, SESSION_SEATS_MAX - 1);
  const signIn = await signInOf(c.env, claims.value, memberships);
  if (signIn.seats.length === 0) {
    const isUnverified = claims.value.email !== null && claims.value.verifiedEmail === null;
    return goToSignIn(c, isUnverified ? "email_unverified" : "not_a_member", flow.returnUrl);
  }
  const before = flow.sessionId === null ? null : await findLiveSession(c, flow.sessionId);
  const id = await beginSession(c, signIn, before && whatGoesOn(before, signIn));
  return id === null ? goToSignIn(c, "not_a_member", flow.returnUrl) : goTo(c, flow.returnUrl);
}

/** What a person may act as: their organizations, and the operator where that has named their e-mail. */
async function signInOf(env: Env, { email, verifiedEmail, name }: Claims, members: Member[]): Promise<SignIn> {
  const seats: SignIn["seats"] = members.map(({ id, organizationId }) => ({
    actsAs: organizationId,
    key: { kind: "member", memberId: id },
  }));
  if (verifiedEmail !== null && isOperatorEmail(env, verifiedEmail)) {
    const digest = await operatorEmailDigest(env, verifiedEmail);
    seats.push({ actsAs: OPERATOR_SEAT, key: { kind: "operator", digest } });
  }
  const shown = email ?? members[0]?.email;
  return { by: "issuer", person: shown === undefined ? null : { name, email: shown }, seats };
}

/** What a session was signed in to with tokens stays; where it was another person's, nothing does. The session itself ends. */
function whatGoesOn(before: LiveSession, { person, seats }: SignIn): LiveSession {
  const isTheirs = before.person === null || before.person.email === person?.email;
  const isNew = (seat: Seat): boolean => seats.every(({ actsAs }) => actsAs !== actsAsOf(seat));
  const others = before.seats.filter((seat) => isTheirs && seat.kind !== "member" && isNew(seat));
  return { ...before, person: null, seats: others.slice(0, SESSION_SEATS_MAX - seats.length) };
}

function refuse(c: Context<AppEnv>, refusal: IssuerRefusal, returnUrl: string): Response {
  switch (refusal.reason) {
    case "denied":
      return goToSignIn(c, "oidc_denied", returnUrl);
    case "failed":
      logLine("oidc_failed", { requestId: c.var.requestId, error: refusal.error });
      return goToSignIn(c, "oidc_failed", returnUrl);
  }
}

/** From the page to sign in, one goes on to the same place. */
function goToSignIn(c: Context<AppEnv>, error: SignInError | null, returnUrl = `${c.env.RELAY_ORIGIN}/`): Response {
  const url = new URL("/sign-in", c.env.RELAY_ORIGIN);
  if (error !== null) url.searchParams.set("error", error);
  const returnTo = returnUrl.slice(c.env.RELAY_ORIGIN.length);
  if (returnTo !== "/") url.searchParams.set("returnTo", returnTo);
  return goTo(c, url.href);
}

function goTo(c: Context<AppEnv>, url: string): Response {
  c.header("Cache-Control", "no-store");
  c.header("Referrer-Policy", "no-referrer");
  return c.redirect(url, 302);
}

const limitSignIns = limitAddress((c) => goToSignIn(c, "too_many_sign_ins"));

/** Sign-in at the operator's issuer of OpenID Connect: the code flow, with PKCE. */
export const oidcRoutes = new Hono<AppEnv>()
  .get("/session/oidc/start", limitSignIns, start)
  .get("/session/oidc/callback", limitSignIns, callback);
