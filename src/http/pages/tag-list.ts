import { html } from "hono/html";
import type { Html } from "../../markup/html.ts";

/** Tags, each of which leads to what else has it. */
export function renderTags(tags: string[]): Html | string {
  if (tags.length === 0) return "";
  return html`<div class="labels">${tags.map(
    (tag) => html`<a href="/directory?${new URLSearchParams({ tag }).toString()}">${tag}</a>`,
  )}</div>`;
}
