import { renderMarkdown } from "../../markup/markdown.ts";

const FENCED_JSON = /^```json\n([\s\S]*)\n```$/;

type Options = { highlight(code: string, language: string): string };

/**
 * Stands in for `marked` where the documentation's renderer asks for HTML (`vite.config.ts`): descriptions are read as on the
 * relay's own pages, where HTML is text and links lead to the web alone. The renderer fences examples itself.
 */
export function marked(text: string, { highlight }: Options): string {
  const [, json] = FENCED_JSON.exec(text) ?? [];
  if (json === undefined) return String(renderMarkdown(text));
  return `<pre tabindex="0"><code>${highlight(json, "json")}</code></pre>`;
}
