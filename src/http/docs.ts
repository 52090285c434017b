import { html, raw } from "hono/html";
import { z } from "zod";

/** The part of the OpenAPI document that the page shows. */
const Shown = z.object({
  info: z.object({ title: z.string(), description: z.string() }),
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

const STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24; }
  h2 { margin-top: 2.5rem; border-bottom: 1px solid #d8dee4; }
  summary { cursor: pointer; padding: .35rem 0; }
  code, pre { font: 14px/1.45 ui-monospace, monospace; }
  pre { background: #f6f8fa; padding: .75rem; overflow: auto; border-radius: 6px; }
  .method { display: inline-block; width: 4.5rem; font-weight: 600; text-transform: uppercase; }
  .note { color: #57606a; }
  @media (prefers-color-scheme: dark) {
    body { background: #0d1117; color: #e6edf3; } pre { background: #161b22; } h2 { border-color: #30363d; }
    .note { color: #8b949e; } a { color: #58a6ff; }
  }`;

/** A page for people, built from the OpenAPI document: it loads nothing from elsewhere. */
export function renderDocs(document: unknown): string {
  const { info, paths } = Shown.parse(document);
  const calls = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ method, path, operation })),
  );
  const sections = Map.groupBy(calls, ({ operation }) => operation.tags[0] ?? "");
  return String(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${info.title}: API reference</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<h1>${info.title}</h1>
<p>${info.description} The same as OpenAPI 3.1: <a href="/openapi.json">/openapi.json</a>.</p>
<p>Send <code>Authorization: Bearer rk_…</code>. Errors are <code>application/problem+json</code> (RFC 9457).
Lists take <code>limit</code> and <code>cursor</code> and answer <code>{data, nextCursor}</code>.</p>
${[...sections].map(([tag, members]) => html`<section><h2>${tag}</h2>${members.map(renderCall)}</section>`)}
</body>
</html>`);
}

function renderCall({ method, path, operation }: Call) {
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

function renderAnswer(status: string, { content }: { content?: Record<string, unknown> | undefined }) {
  const schema = z.object({ schema: z.unknown() }).safeParse(Object.values(content ?? {})[0]);
  if (status === "default" || !schema.success) return "";
  return html`<p>Answer ${status}:</p><pre>${JSON.stringify(schema.data.schema, null, 2)}</pre>`;
}
