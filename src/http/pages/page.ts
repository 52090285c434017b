import type { Context } from "hono";
import { html, raw } from "hono/html";
import { toBase64, utf8Bytes } from "../../kernel/encoding.ts";
import type { Html } from "../../markup/html.ts";
import type { AppEnv } from "../app-env.ts";
import { type Problem, problem } from "../problem.ts";
import { STYLE } from "./style.ts";

export type Page = { title: string; body: Html };

/** Answers a page that runs nothing and loads nothing; its style is the only one that it takes. */
export async function answerPage(c: Context<AppEnv>, page: Page, status: 200 | 404 | 422 = 200): Promise<Response> {
  const digest = await crypto.subtle.digest("SHA-256", utf8Bytes(STYLE));
  const style = `'sha256-${toBase64(new Uint8Array(digest))}'`;
  return c.html(String(frame(page)), status, {
    "Content-Security-Policy": `default-src 'none'; style-src ${style}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    ...(c.env.RELAY_ORIGIN.startsWith("https:") && { "Strict-Transport-Security": "max-age=31536000" }),
    // What is public now may be private in a minute.
    "Cache-Control": "no-cache",
  });
}

/** A failure as browsers show it to people; programs get the problem itself. */
export async function answerFailure(c: Context<AppEnv>, failure: Problem, status: 404 | 422): Promise<Response> {
  c.header("Vary", "Accept");
  if (!c.req.header("Accept")?.includes("text/html")) return problem(c, failure);
  const title = status === 404 ? "There is nothing here" : "That cannot be asked";
  return answerPage(c, { title, body: html`<h1>${title}</h1><p>${failure.detail}</p>` }, status);
}

const frame = ({ title, body }: Page): Html => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Event Relay</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<header class="top"><div><a class="brand" href="/directory">Event Relay</a>
<a href="/directory">Directory</a> <a href="/docs">API reference</a></div></header>
<main>
${body}
</main>
</body>
</html>
`;
