import { html } from "hono/html";
import type { Html } from "../../markup/html.ts";
import { renderMarkdown } from "../../markup/markdown.ts";
import { webLink } from "../../markup/web-link.ts";
import type { Api } from "../../registry/apis.ts";
import type { Topic } from "../../registry/topics.ts";
import { renderChannels } from "./channel-section.ts";
import type { Page } from "./page.ts";
import { renderTags } from "./tag-list.ts";

const ACCESS: Record<Api["access"], string> = {
  open: "Open access",
  consent: "Each data owner has to consent",
};

const APPROVAL: Record<Api["approval"], string> = {
  auto: "Subscribe at once",
  manual: "The publisher approves each subscription",
};

/** A public API as its readers see it: what it is about, how to subscribe, and all of its channels. */
export function renderApi(api: Api, topics: Topic[], origin: string): Page {
  const body = html`<h1><bdi>${api.title}</bdi> <span class="version">${api.version}</span></h1>
<p class="note">by <a href="/directory?publisher=${api.organizationId}"><bdi>${api.organizationName}</bdi></a>,
changed <time datetime="${new Date(api.updatedMs).toISOString()}">${toDate(api.updatedMs)}</time></p>
<div class="labels"><span class="fact">Public</span><span class="fact">${ACCESS[api.access]}</span><span class="fact">${APPROVAL[api.approval]}</span></div>
${renderTags(api.tags)}
${api.description === null ? "" : renderMarkdown(api.description)}
${renderLinks(api)}
<h2>Subscribe</h2>
${renderSubscribing(api, origin)}
<h2>Channels</h2>
${renderChannels(topics)}`;
  return { title: api.title, body };
}

function renderLinks(api: Api): Html {
  const links: [string, string | null][] = [
    ["Documentation", api.documentation],
    ["Support", api.support],
    ["Pricing", api.pricing],
    ["Terms", api.terms],
  ];
  const given = links.flatMap(([name, text]) => (text === null ? [] : [{ name, text }]));
  return html`<dl class="links">
<dt>AsyncAPI ${api.specVersion}</dt>
<dd><a href="/directory/${api.id}/asyncapi.yaml">YAML</a> · <a href="/directory/${api.id}/asyncapi.json">JSON</a></dd>
${given.map(({ name, text }) => html`<dt>${name}</dt><dd>${webLink(text.trim()) ?? text}</dd>`)}
</dl>`;
}

function renderSubscribing(api: Api, origin: string): Html {
  const request = `curl ${origin}/v1/apps/$app/subscriptions \\
  -H "Authorization: Bearer $token" \\
  -H 'Content-Type: application/json' \\
  -d '{"apiId": "${api.id}", "endpoint": "https://example.com/events"}'`;
  return html`<p>An app of your organization subscribes with an endpoint of yours. Each event is then posted to it, signed, in
order for each key, until it has arrived. <code>channels</code> narrows a subscription to some of the API's channels; the
<a href="/docs">API reference</a> has all that can be set.</p>
<pre tabindex="0">${request}</pre>
${api.access === "consent" ? html`<p>Events arrive only of data owners who have consented to the subscription.</p>` : ""}
${api.approval === "manual" ? html`<p>The subscription is pending until the publisher has approved it.</p>` : ""}`;
}

const toDate = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
