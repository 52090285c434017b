import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { z } from "zod";
import { OIDC_FLOW_MS_MAX } from "../../../kernel/limits.ts";
import { seal, unseal } from "../../../kernel/sealed-box.ts";
import type { AppEnv } from "../../app-env.ts";
import { cookieName, cookieOptions } from "../session-cookie.ts";

/** A sign-in that is under way, known to the browser that has begun it only; sealed, so that it cannot be made elsewhere. */
const Flow = z.strictObject({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  returnUrl: z.string(),
  /** Of the session that the browser had when it began; its cookie stays behind when the browser comes back. */
  sessionId: z.string().nullable(),
  expiresMs: z.number(),
});
export type Flow = z.infer<typeof Flow>;

/** The browser comes back from another site: `Strict` cookies would stay behind. */
const options = (c: Context<AppEnv>) => cookieOptions(c.env, "Lax");

export async function giveFlow(c: Context<AppEnv>, flow: Omit<Flow, "expiresMs">): Promise<void> {
  const whole: Flow = { ...flow, expiresMs: c.var.clock.now() + OIDC_FLOW_MS_MAX };
  const sealed = await seal(c.env.RELAY_MASTER_KEY, JSON.stringify(whole));
  setCookie(c, cookieName(c.env, "oidc"), sealed, { ...options(c), maxAge: OIDC_FLOW_MS_MAX / 1000 });
}

/** The flow that this browser has begun, which is used once; null where there is none that is good. */
export async function takeFlow(c: Context<AppEnv>): Promise<Flow | null> {
  const sealed = getCookie(c, cookieName(c.env, "oidc"));
  if (sealed === undefined) return null;
  deleteCookie(c, cookieName(c.env, "oidc"), options(c));
  const flow = await openFlow(c, sealed);
  return flow && flow.expiresMs > c.var.clock.now() ? flow : null;
}

async function openFlow(c: Context<AppEnv>, sealed: string): Promise<Flow | null> {
  try {
    return Flow.parse(JSON.parse(await unseal(c.env.RELAY_MASTER_KEY, sealed)));
  } catch {
    return null;
  }
}
