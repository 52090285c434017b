import type { Text } from "@codemirror/state";
import type { Finding } from "../api/document-calls.ts";

export type Span = { from: number; to: number };

/**
 * Where in the text a finding stands. The text may have changed since it was found: what is past its end moves to there. A finding
 * about nothing in particular covers its line, so that there is something to see.
 */
export function spanOf(text: Text, { start, end }: Finding["range"]): Span {
  const from = offsetOf(text, start);
  const to = Math.max(from, offsetOf(text, end));
  if (to > from) return { from, to };
  const line = text.lineAt(from);
  return { from: line.from + (line.text.length - line.text.trimStart().length), to: line.to };
}

function offsetOf(text: Text, { line, character }: Finding["range"]["start"]): number {
  if (line >= text.lines) return text.length;
  const { from, length } = text.line(line + 1);
  return from + Math.min(character, length);
}

/** JSON is YAML too, but its own language colours it better. */
export const languageOf = (text: string): "json" | "yaml" => (/^\s*[{[]/.test(text) ? "json" : "yaml");
