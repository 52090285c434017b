import type { Diagnostic, Range, Severity } from "./diagnostic.ts";
import { DIAGNOSTIC_CHARS_MAX, DIAGNOSTIC_KEY_CHARS_MAX, DIAGNOSTICS_MAX } from "./limits.ts";

/** Keys and indexes from the root of the document to a value. */
export type Path = (string | number)[];

function clip(text: string, charsMax: number): string {
  return text.length <= charsMax ? text : `${text.slice(0, charsMax - 1)}…`;
}

/** A text of the document as a message quotes it: short, and with its control characters visible. */
export const quote = (text: string): string => JSON.stringify(clip(text, DIAGNOSTIC_KEY_CHARS_MAX));

const byPlace = (a: Diagnostic, b: Diagnostic): number =>
  a.range.start.line - b.range.start.line || a.range.start.character - b.range.start.character;

/** Collects what is found about one document: the same thing once, and no more than fits an answer. */
export class Findings {
  readonly #rangeOf: (path: Path) => Range;
  readonly #found = new Map<string, Diagnostic>();
  readonly #counts = { error: 0, warning: 0, info: 0, hint: 0 };

  constructor(rangeOf: (path: Path) => Range) {
    this.#rangeOf = rangeOf;
  }

  get failed(): boolean {
    return this.#counts.error > 0;
  }

  /** In the order of the text. */
  get diagnostics(): Diagnostic[] {
    return [...this.#found.values()].sort(byPlace);
  }

  /** `range` where the path does not say it: a second key of the same name, a text that could not be parsed. */
  error(code: string, path: Path, message: string, range?: Range): void {
    this.#add("error", code, path, message, range);
  }

  warning(code: string, path: Path, message: string, range?: Range): void {
    this.#add("warning", code, path, message, range);
  }

  info(code: string, path: Path, message: string): void {
    this.#add("info", code, path, message);
  }

  #add(severity: Severity, code: string, fullPath: Path, fullMessage: string, range?: Range): void {
    // Counted a severity each, so that no flood of remarks hides why a document was refused.
    if (this.#counts[severity] >= DIAGNOSTICS_MAX) return;
    const message = clip(fullMessage, DIAGNOSTIC_CHARS_MAX);
    const path = fullPath.map((key) => (typeof key === "string" ? clip(key, DIAGNOSTIC_KEY_CHARS_MAX) : key));
    const identity = JSON.stringify([code, path, message, range]);
    if (this.#found.has(identity)) return;
    this.#counts[severity] += 1;
    this.#found.set(identity, { code, severity, message, path, range: range ?? this.#rangeOf(fullPath) });
  }
}
