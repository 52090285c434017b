import { html } from "hono/html";
import type { Html } from "./html.ts";
import { webAddress } from "./web-address.ts";

/** A link to the web; null for every other address. */
export function webLink(text: string): Html | null {
  const address = webAddress(text);
  return address === null ? null : linkTo(address, text);
}

/** `address`: one of the web. */
export const linkTo = (address: string, label: Html | string): Html =>
  html`<a href="${address}" rel="nofollow noopener noreferrer">${label}</a>`;
