import { html } from "hono/html";
import { z } from "zod";
import type { Html } from "../markup/html.ts";
import type { Page } from "./pages/page.ts";

/** The part of the OpenAPI document that the page shows. */
const Shown = z.object({
  info: z.object({ description: z.string() }),
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        tags: z.array(z.string()),
        summary: z.string(),
        description: z.string(),
        parameters: z.array(z.object({ name: z.string(), in: z.string() })).optional(),
        requestBody: z.object({ content: z.record(z.string(), z.object({ schema: z.unknown() })) }).optional(),
        responses: z.record(z.string(), z.object({ content: z.record(z.string(), z.unknown()).optional() })),
      }),
    ),
  ),
});

type Call = { method: string; path: string; operation: z.infer<typeof Shown>["paths"][string][string] };

/** The management API for people, built from its OpenAPI document. */
export function renderDocs(document: unknown): Page {
  const { info, paths } = Shown.parse(document);
  const calls = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ method, path, operation })),
  );
  const sections = Map.groupBy(calls, ({ operation }) => operation.tags[0] ?? "");
  const body = html`<h1>API reference</h1>
<p>${info.description} The same as OpenAPI 3.1: <a href="/openapi.json">/openapi.json</a>.</p>
<p>Send <code>Authorization: Bearer rk_…</code>. Errors are <code>application/problem+json</code> (RFC 9457).
Lists take <code>limit</code> and <code>cursor</code> and answer <code>{data, nextCursor}</code>.</p>
${[...sections].map(([tag, members]) => html`<section><h2>${tag}</h2>${members.map(renderCall)}</section>`)}`;
  return { title: "API reference", body };
}

function renderCall({ method, path, operation }: Call): Html {
  const query = (operation.parameters ?? []).filter((parameter) => parameter.in === "query");
  const [body] = Object.entries(operation.requestBody?.content ?? {});
  return html`<details>
<summary><span class="method">${method}</span><code>${path}</code> <span class="note">${operation.summary}</span></summary>
<p class="note">${operation.description}</p>
${query.length > 0 ? html`<p>Query: ${query.map(({ name }) => html`<code>${name}</code> `)}</p>` : ""}
${body ? html`<p>Body (<code>${body[0]}</code>):</p><pre>${JSON.stringify(body[1].schema, null, 2)}</pre>` : ""}
${Object.entries(operation.responses).map(([status, response]) => renderAnswer(status, response))}
</details>`;
}

function renderAnswer(status: string, { content }: { content?: Record<string, unknown> | undefined }): Html | string {
  const schema = z.object({ schema: z.unknown() }).safeParse(Object.values(content ?? {})[0]);
  if (status === "default" || !schema.success) return "";
  return html`<p>Answer ${status}:</p><pre>${JSON.stringify(schema.data.schema, null, 2)}</pre>`;
}
