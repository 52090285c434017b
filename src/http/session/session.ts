import { type Context, Hono } from "hono";
import { z } from "zod";
import { SESSION_SEATS_MAX } from "../../kernel/limits.ts";
import { commit } from "../../registry/commit.ts";
import { endSession, OPERATOR_SEAT, type SeatKey } from "../../registry/sessions.ts";
import type { AppEnv, Member, Operator } from "../app-env.ts";
import { readText } from "../body.ts";
import { authenticateToken } from "../call/authentication.ts";
import { jsonBody } from "../call/request-body.ts";
import { type Problem, problem } from "../problem.ts";
import { limitAddress } from "../token-limits.ts";
import { beginSession } from "./begin-session.ts";
import { findLiveSession, type LiveSession, operatorTokenDigest } from "./live-session.ts";
import { readOidcSettings } from "./oidc/settings.ts";
import { checkSite } from "./same-site.ts";
import { actsAsOf, checkIntent } from "./session-caller.ts";
import { hasSessionCookie, takeSessionId } from "./session-cookie.ts";
import { type OptionsView, showSession } from "./session-view.ts";

const TOKEN_CHARS_MAX = 4096;
const LIMIT_PERIOD_SECONDS = 60; // the longest period that Cloudflare counts

export const signInBody = jsonBody(z.strictObject({ token: z.string().min(1).max(TOKEN_CHARS_MAX) }));

const TOO_MANY: Problem = {
  reason: "too_many_sign_ins",
  detail: "There were too many tries to sign in from this address. Wait a minute.",
  retryAfterSeconds: LIMIT_PERIOD_SECONDS,
};

const SEATS_TAKEN: Problem = {
  reason: "conflict",
  detail: `A session is signed in to at most ${SESSION_SEATS_MAX} organizations. Sign out first.`,
};

const REVOKED_MEANWHILE: Problem = { reason: "token_invalid", detail: "This token is unknown or revoked." };

/** A form of another site cannot send JSON without being asked before: nobody is signed in without their doing. */
const isJson = (c: Context<AppEnv>): boolean =>
  /^application\/json\s*(?:;|$)/i.test(c.req.header("Content-Type") ?? "");

async function signIn(c: Context<AppEnv>): Promise<Response> {
  const site = checkSite(c);
  if (!site.ok) return problem(c, site.error);
  if (!isJson(c)) return problem(c, { reason: "media_type_unsupported", detail: "Send `application/json`." });
  const text = await readText(c.req.raw, signInBody.bytesMax);
  const body = text.ok ? signInBody.read(text.value) : text;
  if (!body.ok) return problem(c, body.error);
  const caller = await authenticateToken(c, body.value.token);
  if (!caller.ok) return problem(c, caller.error);
  const before = await findLiveSession(c);
  const seat = await seatOf(caller.value, body.value.token);
  if (before && !hasRoomFor(before, seat.actsAs)) return problem(c, SEATS_TAKEN);
  const id = await beginSession(c, { by: "token", person: null, seats: [seat] }, before);
  const session = id === null ? null : await findLiveSession(c, id);
  return session ? answerSession(c, session) : problem(c, REVOKED_MEANWHILE);
}

async function seatOf(caller: Operator | Member, token: string): Promise<{ actsAs: string; key: SeatKey }> {
  if (caller.kind === "member") {
    return { actsAs: caller.organizationId, key: { kind: "token", tokenId: caller.by.id } };
  }
  return { actsAs: OPERATOR_SEAT, key: { kind: "operator", digest: await operatorTokenDigest(token) } };
}

const hasRoomFor = ({ seats }: LiveSession, actsAs: string): boolean =>
  seats.length < SESSION_SEATS_MAX || seats.some((seat) => actsAsOf(seat) === actsAs);

/** That nobody is signed in is an answer like any other: a page asks for it to know. */
async function readSession(c: Context<AppEnv>): Promise<Response> {
  const site = checkSite(c);
  if (!site.ok) return problem(c, site.error);
  const session = await findLiveSession(c);
  if (session) return answerSession(c, session);
  if (hasSessionCookie(c)) takeSessionId(c);
  return c.body(null, 204, { "Cache-Control": "no-store", Vary: "Cookie" });
}

const answerSession = async (c: Context<AppEnv>, session: LiveSession): Promise<Response> =>
  c.json(await showSession(session), 200, { "Cache-Control": "no-store", Vary: "Cookie" });

/** Whoever has no session is signed out already. */
async function signOut(c: Context<AppEnv>): Promise<Response> {
  const session = await findLiveSession(c);
  const intended = session ? await checkIntent(c, session) : checkSite(c);
  if (!intended.ok) return problem(c, intended.error);
  if (session) await commit(c.env.REGISTRY, [endSession(c.env.REGISTRY, session.digest)]);
  takeSessionId(c);
  return c.body(null, 204, { "Cache-Control": "no-store" });
}

async function readOptions(c: Context<AppEnv>): Promise<Response> {
  const settings = readOidcSettings(c.env);
  const options: z.infer<typeof OptionsView> = { oidc: settings && { label: settings.label } };
  return c.json(options, 200, { "Cache-Control": "no-store" });
}

const limitSignIns = limitAddress((c) => problem(c, TOO_MANY));

export const sessionRoutes = new Hono<AppEnv>()
  .post("/session", limitSignIns, signIn)
  .get("/session", readSession)
  .delete("/session", signOut)
  .get("/session/options", readOptions);
