import { type Context, Hono } from "hono";
import { toBase64 } from "../../kernel/encoding.ts";
import { findFrameAncestors } from "../../registry/portal-links.ts";
import type { AppEnv } from "../app-env.ts";
import { notFound, problem } from "../problem.ts";

const NONCE_BYTES = 16;
/** Stands in the built page where its nonce belongs: `cspNonce` of src/console/vite.config.ts. */
const NONCE_PLACE = "CSP-NONCE";

/** Where the console's pages are; all of them are the same document. */
const PAGES = ["/", "/sign-in", "/o/*", "/operator", "/operator/*"];

/** The console: its document and, where no edge serves them before the Worker is asked, its files. */
export const consolePageRoutes = new Hono<AppEnv>();

for (const path of PAGES) consolePageRoutes.get(path, (c) => answerConsole(c, []));

// Whoever has the link is asked for its token by the API; here it says whose pages may embed it, and no more.
consolePageRoutes.get("/portal/:linkId/o/:organizationId/*", async (c) => {
  const { linkId } = c.req.param();
  return answerConsole(c, await findFrameAncestors(c.env.REGISTRY, linkId, c.var.clock.now()));
});

consolePageRoutes.get("/assets/*", async (c) => {
  const file = await c.env.ASSETS.fetch(c.req.raw);
  if (file.status === 404) return problem(c, notFound("file").error);
  return new Response(file.body, file);
});

/** The console's page, which runs its own scripts only, and may be framed by nobody but `frameAncestors`. */
export async function answerConsole(c: Context<AppEnv>, frameAncestors: string[]): Promise<Response> {
  const page = await c.env.ASSETS.fetch(new URL("/index.html", c.req.url));
  if (!page.ok) return problem(c, notFound("page").error);
  const nonce = toBase64(crypto.getRandomValues(new Uint8Array(NONCE_BYTES)));
  return c.html((await page.text()).replaceAll(NONCE_PLACE, nonce), 200, {
    "Content-Security-Policy": policyOf(nonce, frameAncestors),
    "Referrer-Policy": "no-referrer",
    ...(frameAncestors.length === 0 && { "X-Frame-Options": "DENY" }),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    ...(c.env.RELAY_ORIGIN.startsWith("https:") && { "Strict-Transport-Security": "max-age=31536000" }),
    // A nonce is for one answer.
    "Cache-Control": "no-store",
  });
}

const policyOf = (nonce: string, frameAncestors: string[]): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    // The editor makes its style while it runs.
    `style-src 'self' 'nonce-${nonce}'`,
    "font-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    `frame-ancestors ${frameAncestors.length > 0 ? frameAncestors.join(" ") : "'none'"}`,
  ].join("; ");
