import type { Context } from "hono";
import { ok, type Result } from "../../kernel/result.ts";
import type { AppEnv } from "../app-env.ts";
import { type Problem, refuse } from "../problem.ts";

/** `none`: the person has asked for it, no page. A program that is no browser says nothing of it (Fetch Metadata §2.4). */
const OWN_SITES = [undefined, "same-origin", "none"];

/** What comes with a cookie comes from a page of the relay's own, as far as the browser says where it comes from. */
export function checkSite(c: Context<AppEnv>): Result<null, Problem> {
  const isOwn = OWN_SITES.includes(c.req.header("Sec-Fetch-Site"));
  const origin = c.req.header("Origin") ?? c.env.RELAY_ORIGIN;
  if (isOwn && origin === c.env.RELAY_ORIGIN) return ok(null);
  return refuse("foreign_site", `A session is for pages of ${c.env.RELAY_ORIGIN} only.`);
}
