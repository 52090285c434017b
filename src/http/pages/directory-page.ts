import { html } from "hono/html";
import type { Html } from "../../markup/html.ts";
import { renderSummary } from "../../markup/markdown.ts";
import type { Api } from "../../registry/apis.ts";
import type { DirectoryFilter } from "../../registry/directory.ts";
import type { Page } from "./page.ts";
import { renderTags } from "./tag-list.ts";

const SUMMARY_CHARS_MAX = 400;

/** The public APIs that a search has found, and a form for the next one. */
export function renderDirectory(filter: DirectoryFilter, apis: Api[], nextCursor: string | null): Page {
  const body = html`<h1>Directory</h1>
<p>Event APIs that everybody may subscribe to. Private ones are in the directory of the <a href="/docs">management API</a>, for
those who may see them.</p>
<form class="search" method="get" action="/directory" role="search">
<input type="search" name="q" value="${filter.q}" maxlength="200" placeholder="Words, tags, channels, publishers" aria-label="Search">
${hiddenFields(filter)}<button>Search</button>
</form>
${renderFilter(filter)}
${apis.length === 0 ? html`<p class="note">There is no such API.</p>` : html`<ul class="entries">${apis.map(renderEntry)}</ul>`}
${nextCursor === null ? "" : html`<p><a rel="next" href="/directory?${toQuery(filter, nextCursor)}">More</a></p>`}`;
  return { title: "Directory", body };
}

/** What a search by words is narrowed to stays in the form. */
const hiddenFields = ({ tags, publisher }: DirectoryFilter): Html =>
  html`${tags.map((tag) => html`<input type="hidden" name="tag" value="${tag}">`)}${
    publisher === "" ? "" : html`<input type="hidden" name="publisher" value="${publisher}">`
  }`;

function renderFilter({ tags, publisher }: DirectoryFilter): Html | string {
  if (tags.length === 0 && publisher === "") return "";
  return html`<p class="note">Only ${tags.length > 0 ? html`what is tagged ${tags.map((tag) => html`<strong>${tag}</strong> `)}` : ""}${
    publisher === "" ? "" : "of one publisher"
  } · <a href="/directory">all</a></p>`;
}

function renderEntry(api: Api): Html {
  return html`<li><h2><a href="/directory/${api.id}"><bdi>${api.title}</bdi></a> <span class="version">${api.version}</span></h2>
${api.description === null ? "" : html`<p class="summary">${renderSummary(api.description, SUMMARY_CHARS_MAX)}</p>`}
<p class="note">by <a href="/directory?publisher=${api.organizationId}"><bdi>${api.organizationName}</bdi></a></p>
${renderTags(api.tags)}</li>`;
}

function toQuery({ q, tags, publisher }: DirectoryFilter, cursor: string): string {
  const query = new URLSearchParams(tags.map((tag) => ["tag", tag]));
  if (q !== "") query.set("q", q);
  if (publisher !== "") query.set("publisher", publisher);
  query.set("cursor", cursor);
  return query.toString();
}
