import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { CookieOptions } from "hono/utils/cookie";
import { SESSION_MS_MAX } from "../../kernel/limits.ts";
import type { AppEnv } from "../app-env.ts";

/** What `newToken` makes for it. */
export const SESSION_PREFIX = "rs_";
const SESSION_ID = /^rs_[\w-]{43}$/;

/** Browsers take a name with `__Host-` from this very host and over https only, so that no other host can plant one. */
export const cookieName = ({ RELAY_ORIGIN }: Env, name: string): string =>
  RELAY_ORIGIN.startsWith("https:") ? `__Host-${name}` : name;

/** No script reads it, and it stays where it was set. */
export const cookieOptions = ({ RELAY_ORIGIN }: Env, sameSite: "Strict" | "Lax"): CookieOptions => ({
  ...{ path: "/", httpOnly: true, sameSite, secure: RELAY_ORIGIN.startsWith("https:") },
});

/** The session's id that a request carries; null: none, or what cannot be one. */
export function readSessionId(c: Context<AppEnv>): string | null {
  const id = getCookie(c, cookieName(c.env, "session"));
  return id !== undefined && SESSION_ID.test(id) ? id : null;
}

export const hasSessionCookie = (c: Context<AppEnv>): boolean =>
  getCookie(c, cookieName(c.env, "session")) !== undefined;

export function giveSessionId(c: Context<AppEnv>, id: string): void {
  const options = { ...cookieOptions(c.env, "Strict"), maxAge: SESSION_MS_MAX / 1000 };
  setCookie(c, cookieName(c.env, "session"), id, options);
}

export function takeSessionId(c: Context<AppEnv>): void {
  deleteCookie(c, cookieName(c.env, "session"), cookieOptions(c.env, "Strict"));
}
