import type { Context } from "hono";
import { sha256 } from "../../kernel/digest.ts";
import { newToken } from "../../kernel/ids.ts";
import { SESSION_MS_MAX } from "../../kernel/limits.ts";
import { listIds, logLine } from "../../kernel/log.ts";
import { commit } from "../../registry/commit.ts";
import { insertSession, type NewSeat, type Person } from "../../registry/sessions.ts";
import type { AppEnv } from "../app-env.ts";
import type { LiveSession } from "./live-session.ts";
import { actsAsOf } from "./session-caller.ts";
import { giveSessionId, SESSION_PREFIX } from "./session-cookie.ts";

/** Who has proved to be whom. */
export type SignIn = { by: "token" | "issuer"; person: Person | null; seats: Omit<NewSeat, "expiresMs">[] };

/**
 * Signs somebody in: with an id that nobody knew before, so that no id that was planted becomes good. The session `before` goes
 * on in the new one. Answers its id; null where what was proved is not so any more.
 */
export async function beginSession(
  c: Context<AppEnv>,
  { by, person, seats }: SignIn,
  before: LiveSession | null,
): Promise<string | null> {
  const nowMs = c.var.clock.now();
  const id = newToken(SESSION_PREFIX);
  const session = {
    digest: await sha256(id),
    person,
    seats: seats.map((seat) => ({ ...seat, expiresMs: nowMs + SESSION_MS_MAX })),
    usedMs: nowMs,
  };
  const taken = before && { ...before, actsAs: before.seats.map(actsAsOf) };
  const committed = await commit(c.env.REGISTRY, insertSession(c.env.REGISTRY, session, taken));
  if (!committed.ok) return null;
  giveSessionId(c, id);
  const actsAs = listIds(seats.map((seat) => seat.actsAs));
  logLine("session", { requestId: c.var.requestId, by, actsAs, seats: seats.length });
  return id;
}
