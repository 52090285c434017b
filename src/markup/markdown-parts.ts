import { webAddress } from "./web-address.ts";

/** What descriptions are made of, in the plain part of Markdown that they use. */
export type Block = { kind: "text" | "heading" | "bullets" | "numbers" | "code"; lines: string[] };

const FENCE = /^ {0,3}(?:```|~~~)/;
// What is left of a line may be anything, U+2028 too: else all the spaces before it were tried one by one.
const HEADING = /^ {0,3}#{1,6}\s+(.*)$/s;
const BULLET = /^\s*[-*+]\s+(.*)$/s;
const NUMBER = /^\s*\d{1,9}[.)]\s+(.*)$/s;

/** Reads a text line by line. All that is none of these blocks is a paragraph. */
export function toBlocks(text: string): Block[] {
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

/** Within a line. `label` may have marks of its own, unless it `isBare`: the address as it was written. */
export type Inline =
  | string
  | { kind: "code" | "strong" | "emphasis"; text: string }
  | { kind: "link"; address: string; label: string; isBare: boolean };

// Each alternative stops at the sign that began it, so that a text is read in a time that grows with its length.
const INLINE =
  /`([^`]+)`|\[([^[\]]{1,300})\]\(([^\s()<>]{1,2048})\)|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|(?<![\p{L}\p{N}_])_([^_\s][^_]*)_(?![\p{L}\p{N}_])|(https?:\/\/[^\s<>"'`()[\]]{1,2048})/giu;

/** Marks within a line; what is none, or none that is safe, stays as it was written. */
export function toInlines(text: string): Inline[] {
  const parts: Inline[] = [];
  let place = 0;
  for (const match of text.matchAll(INLINE)) {
    parts.push(text.slice(place, match.index), ...readMark(match));
    place = match.index + match[0].length;
  }
  return [...parts, text.slice(place)].filter((part) => part !== "");
}

function readMark([whole, code, label, target = "", strong, plain, underlined, url]: RegExpExecArray): Inline[] {
  if (code !== undefined) return [{ kind: "code", text: code }];
  if (label !== undefined) {
    const address = webAddress(target);
    return [address === null ? whole : { kind: "link", address, label, isBare: false }];
  }
  if (strong !== undefined) return [{ kind: "strong", text: strong }];
  const emphasis = plain ?? underlined;
  if (emphasis !== undefined) return [{ kind: "emphasis", text: emphasis }];
  const written = withoutStops(url ?? "");
  const address = webAddress(written);
  const link: Inline = address === null ? written : { kind: "link", address, label: written, isBare: true };
  return [link, whole.slice(written.length)];
}

/** An address without the signs that end the sentence around it. */
function withoutStops(url: string): string {
  let end = url.length;
  while (end > 0 && ".,;:!?".includes(url.charAt(end - 1))) end -= 1;
  return url.slice(0, end);
}
