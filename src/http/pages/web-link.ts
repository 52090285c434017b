import { html } from "hono/html";
import type { Html } from "./page.ts";

/** A link to the web; null for every other address: `javascript:`, a path, no address at all. */
export function webLink(address: string, label: Html | string = address): Html | null {
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) return null;
  return html`<a href="${new URL(address).href}" rel="nofollow noopener noreferrer">${label}</a>`;
}
