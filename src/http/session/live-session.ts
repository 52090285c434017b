import type { Context } from "hono";
import { sha256 } from "../../kernel/digest.ts";
import { SESSION_IDLE_MS_MAX, SESSION_USE_KEPT_MS } from "../../kernel/limits.ts";
import { logLine } from "../../kernel/log.ts";
import { findSession, type Person, recordSessionUse, type Seat } from "../../registry/sessions.ts";
import type { AppEnv } from "../app-env.ts";
import { isOperatorEmail, readOidcSettings } from "./oidc/settings.ts";
import { readSessionId } from "./session-cookie.ts";

/** A session with a seat that is good, at least. */
export type LiveSession = { id: string; digest: string; person: Person | null; seats: Seat[] };

/** The session whose cookie a request carries, or that has this id; null where there is none, or nothing is left of it. */
export async function findLiveSession(
  c: Context<AppEnv>,
  id: string | null = readSessionId(c),
): Promise<LiveSession | null> {
  if (id === null) return null;
  const [digest, nowMs] = [await sha256(id), c.var.clock.now()];
  const terms = {
    nowMs,
    idleSinceMs: nowMs - SESSION_IDLE_MS_MAX,
    issuer: readOidcSettings(c.env)?.issuer.href ?? null,
  };
  const session = await findSession(c.env.REGISTRY, digest, terms);
  if (!session) return null;
  const { person } = session;
  const operators = await operatorDigests(c.env, person);
  const seats = session.seats.filter((seat) => seat.kind !== "operator" || operators.includes(seat.digest));
  if (seats.length === 0) return null;
  noteUse(c, digest, session.usedMs);
  return { id, digest, person, seats };
}

/** Of all that makes somebody the operator now. */
async function operatorDigests(env: Env, person: Person | null): Promise<string[]> {
  return Promise.all([
    ...(env.RELAY_OPERATOR_TOKEN ? [operatorTokenDigest(env.RELAY_OPERATOR_TOKEN)] : []),
    ...(person && isOperatorEmail(env, person.email) ? [operatorEmailDigest(env, person.email)] : []),
  ]);
}

export const operatorTokenDigest = (token: string): Promise<string> => sha256(`operator's token ${token}`);

/** Another issuer's people are other people. */
export const operatorEmailDigest = ({ OIDC_ISSUER }: Env, email: string): Promise<string> =>
  sha256(`operator's e-mail ${JSON.stringify([OIDC_ISSUER, email])}`);

/** Bound to the session: whoever knows it has read it in an answer, and it tells nothing of the id. */
export const csrfTokenOf = ({ id }: Pick<LiveSession, "id">): Promise<string> => sha256(`csrf ${id}`);

/** Beside the call, which waits for no such write and fails for none. */
function noteUse(c: Context<AppEnv>, digest: string, usedMs: number): void {
  const nowMs = c.var.clock.now();
  const staleMs = nowMs - SESSION_USE_KEPT_MS;
  if (usedMs > staleMs) return;
  const recorded = recordSessionUse(c.env.REGISTRY, digest, nowMs, staleMs);
  c.executionCtx.waitUntil(
    recorded.catch((error: unknown) => logLine("session_use_unrecorded", { error: String(error) })),
  );
}
