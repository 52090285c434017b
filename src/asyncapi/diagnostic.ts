/** A place in the text: lines and characters (UTF-16 units) counted from 0, as the Language Server Protocol does. */
export type Position = { line: number; character: number };

export type Range = { start: Position; end: Position };

export type Severity = "error" | "warning" | "info" | "hint";

/** One finding about a document. `code` is stable, `message` is for people, `path` leads to the value in the document. */
export type Diagnostic = {
  code: string;
  severity: Severity;
  message: string;
  path: (string | number)[];
  range: Range;
};
