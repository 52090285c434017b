import { html } from "hono/html";
import { cut } from "./cut.ts";
import type { Html } from "./page.ts";
import { webLink } from "./web-link.ts";

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

type Block = { kind: "text" | "heading" | "bullets" | "numbers" | "code"; lines: string[] };

const FENCE = /^ {0,3}(?:```|~~~)/;
// What is left of a line may be anything, U+2028 too: else all the spaces before it were tried one by one.
const HEADING = /^ {0,3}#{1,6}\s+(.*)$/s;
const BULLET = /^\s*[-*+]\s+(.*)$/s;
const NUMBER = /^\s*\d{1,9}[.)]\s+(.*)$/s;

function toBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  /** What the next line may go on with; null: nothing. */
  let open: Block | null = null;
  const begin: Begin = (kind, ...lines) => {
    const block = { kind, lines };
    blocks.push(block);
    return block;
  };
  for (const line of text.split(/\r?\n/)) open = placeLine(line, open, begin);
  return blocks;
}

type Begin = (kind: Block["kind"], ...lines: string[]) => Block;

/** Puts a line into the block that is open, or begins another. Answers what is open then. */
function placeLine(line: string, open: Block | null, begin: Begin): Block | null {
  if (FENCE.test(line)) return open?.kind === "code" ? null : begin("code");
  if (open?.kind === "code") {
    open.lines.push(line);
    return open;
  }
  if (line.trim() === "") return null;
  const heading = HEADING.exec(line)?.[1];
  if (heading !== undefined) {
    begin("heading", heading);
    return null;
  }
  for (const [kind, pattern] of [["bullets", BULLET] as const, ["numbers", NUMBER] as const]) {
    const item = pattern.exec(line)?.[1];
    if (item === undefined) continue;
    const list = open?.kind === kind ? open : begin(kind);
    list.lines.push(item);
    return list;
  }
  if (!open) return begin("text", line);
  // A line that goes on with the last item of a list, or with the paragraph.
  if (open.kind === "text") open.lines.push(line);
  else open.lines.push(`${open.lines.pop()}\n${line.trim()}`);
  return open;
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

// Each alternative stops at the sign that began it, so that a text is read in a time that grows with its length.
const INLINE =
  /`([^`]+)`|\[([^[\]]{1,300})\]\(([^\s()<>]{1,2048})\)|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|(?<![\p{L}\p{N}_])_([^_\s][^_]*)_(?![\p{L}\p{N}_])|(https?:\/\/[^\s<>"'`()[\]]{1,2048})/giu;

/** Marks within a line; what is none, or none that is safe, stays as it was written. */
export function renderInline(text: string): Html {
  const parts: (Html | string)[] = [];
  let place = 0;
  for (const match of text.matchAll(INLINE)) {
    parts.push(text.slice(place, match.index), renderMark(match));
    place = match.index + match[0].length;
  }
  return html`${[...parts, text.slice(place)]}`;
}

function renderMark([whole, code, label, address = "", strong, plain, underlined, url]: RegExpExecArray):
  | Html
  | string {
  if (code !== undefined) return html`<code>${code}</code>`;
  if (label !== undefined) return webLink(address, renderInline(label)) ?? whole;
  if (strong !== undefined) return html`<strong>${renderInline(strong)}</strong>`;
  const emphasis = plain ?? underlined;
  if (emphasis !== undefined) return html`<em>${renderInline(emphasis)}</em>`;
  const target = withoutStops(url ?? "");
  return html`${webLink(target) ?? target}${whole.slice(target.length)}`;
}

/** An address without the signs that end the sentence around it. */
function withoutStops(url: string): string {
  let end = url.length;
  while (end > 0 && ".,;:!?".includes(url.charAt(end - 1))) end -= 1;
  return url.slice(0, end);
}
