import { DIAGNOSTIC_CHARS_MAX, DIAGNOSTIC_KEY_CHARS_MAX, FINDINGS_PER_RULE_MAX } from "../limits.ts";
import type { RuleCode } from "../rules.ts";

/** Keys and indexes from the root of the document to a value. */
export type Path = (string | number)[];

/** Something in a document that breaks a rule of the relay. */
export type Finding = { code: RuleCode; message: string; path: Path };

function clip(text: string, charsMax: number): string {
  return text.length <= charsMax ? text : `${text.slice(0, charsMax - 1)}…`;
}

/** A text of the document as a message quotes it: short, and with its control characters visible. */
export const quote = (text: string): string => JSON.stringify(clip(text, DIAGNOSTIC_KEY_CHARS_MAX));

/** Collects what is found about one document: the same thing once, and of each kind no more than fits an answer. */
export class Findings {
  readonly #found = new Map<string, Finding>();
  readonly #counts = new Map<RuleCode, number>();

  get all(): Finding[] {
    return [...this.#found.values()];
  }

  add(code: RuleCode, path: Path, fullMessage: string): void {
    const count = this.#counts.get(code) ?? 0;
    if (count >= FINDINGS_PER_RULE_MAX) return;
    const message = clip(fullMessage, DIAGNOSTIC_CHARS_MAX);
    const identity = JSON.stringify([code, path, message]);
    if (this.#found.has(identity)) return;
    this.#counts.set(code, count + 1);
    this.#found.set(identity, { code, message, path });
  }
}
