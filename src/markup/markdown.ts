import { html } from "hono/html";
import { cut } from "./cut.ts";
import type { Html } from "./html.ts";
import { type Block, type Inline, toBlocks, toInlines } from "./markdown-parts.ts";
import { linkTo } from "./web-link.ts";

/**
 * The plain part of Markdown that descriptions use: paragraphs, lists, headings, fenced and inline code, emphasis, and links to
 * the web. All else is text, HTML above all.
 */
export const renderMarkdown = (text: string): Html => html`${toBlocks(text).map(renderBlock)}`;

/** The first paragraph of a description, for lists: no more of it than a few lines. */
export function renderSummary(text: string, charsMax: number): Html {
  const [first] = toBlocks(text.slice(0, 2 * charsMax)).filter(({ kind }) => kind === "text");
  return renderInline(cut(first?.lines.join("\n") ?? "", charsMax));
}

function renderBlock({ kind, lines }: Block): Html {
  const items = () => lines.map((line) => html`<li>${renderInline(line)}</li>`);
  switch (kind) {
    case "text":
      return html`<p>${renderInline(lines.join("\n"))}</p>`;
    case "heading":
      return html`<p><strong>${renderInline(lines.join(" "))}</strong></p>`;
    case "bullets":
      return html`<ul>${items()}</ul>`;
    case "numbers":
      return html`<ol>${items()}</ol>`;
    case "code":
      return html`<pre tabindex="0">${lines.join("\n")}</pre>`;
  }
}

/** Marks within a line; what is none, or none that is safe, stays as it was written. */
export const renderInline = (text: string): Html => html`${toInlines(text).map(renderMark)}`;

function renderMark(mark: Inline): Html | string {
  if (typeof mark === "string") return mark;
  switch (mark.kind) {
    case "code":
      return html`<code>${mark.text}</code>`;
    case "strong":
      return html`<strong>${renderInline(mark.text)}</strong>`;
    case "emphasis":
      return html`<em>${renderInline(mark.text)}</em>`;
    case "link":
      return linkTo(mark.address, mark.isBare ? mark.label : renderInline(mark.label));
  }
}
