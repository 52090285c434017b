import { err, ok, type Result } from "../../kernel/result.ts";
import { PATTERN_CHARS_MAX, PATTERN_DEPTH_MAX } from "../limits.ts";

/** Why a pattern cannot be used. `unsupported`: it is a good ECMAScript pattern that no linear time is known for. */
export type PatternFault = { reason: "pattern_invalid" | "pattern_unsupported" | "pattern_too_large"; message: string };

/** What one character may be. The platform's own engine knows its classes; only this file knows how they are written. */
export type CharacterSet = { source: string; has(codePoint: number): boolean };

export type PatternNode =
  | { kind: "character"; set: CharacterSet }
  | { kind: "sequence"; parts: PatternNode[] }
  | { kind: "choice"; options: PatternNode[] }
  | { kind: "repeat"; part: PatternNode; min: number; max: number }
  | { kind: "edge"; side: "start" | "end" }
  | { kind: "boundary"; negated: boolean }
  | { kind: "look"; direction: "ahead" | "behind"; negated: boolean; part: PatternNode };

/** `unicode`: characters are code points, else UTF-16 units. */
export type PatternTree = { root: PatternNode; unicode: boolean };

/**
 * Reads an ECMAScript pattern (ECMA-262 §22.2.1): as JSON Schema asks for, with the `u` flag; where it has no meaning then,
 * as a browser reads it without, the oldest escapes included. Back-references are not supported.
 */
export function readPattern(source: string, unicode = isPattern(source, "u")): Result<PatternTree, PatternFault> {
  if (source.length > PATTERN_CHARS_MAX) {
    return err({ reason: "pattern_too_large", message: `has more than ${PATTERN_CHARS_MAX} characters` });
  }
  if (!isPattern(source, unicode ? "u" : "")) {
    return err({ reason: "pattern_invalid", message: "is not a regular expression" });
  }
  const parser = new PatternParser(source, unicode);
  const root = parser.readChoice();
  return parser.fault ? err(parser.fault) : ok({ root, unicode });
}

function isPattern(source: string, flags: string): boolean {
  try {
    new RegExp(source, flags);
    return true;
  } catch {
    return false;
  }
}

const QUANTIFIER = /([*+?]|\{(\d+)(,?)(\d*)\})\??/y;
const GROUP = /\((?:(\?:|\?<[^=!][^>]*>)|\?(<?)([=!])|(?!\?))/y;
const CLASS = /\[(?:[^\]\\]|\\[\s\S])*\]/y;
const LITERAL = /[^\\]/uy;
const LITERAL_UNIT = /[^\\]/y;
// Classes, controls, code points and escaped punctuation.
const ESCAPE =
  /\\(?:[dDwWsStnvfr]|[pP]\{[^}]*\}|u\{[\da-fA-F]+\}|u[\da-fA-F]{4}|x[\da-fA-F]{2}|c[a-zA-Z]|0(?!\d)|[^\da-zA-Z])/y;
// Without the flag `u` there are octal numbers (§B.1.2), and any other character stands for itself, but for one: `\c` alone is two.
const ESCAPE_UNIT =
  /\\(?:[dDwWsStnvfr]|u[\da-fA-F]{4}|x[\da-fA-F]{2}|c[a-zA-Z]|[0-3][0-7]{0,2}|[4-7][0-7]?|[^c]|(?=c))/y;
const BACK_REFERENCE = /\\(?:([1-9]\d*)|k)/y;
const SURROGATES = /\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}/y;

/** Reads what the platform's own engine has found to be well formed, so that it may be simple. */
class PatternParser {
  readonly #source: string;
  readonly #unicode: boolean;
  readonly #groups: RegExpExecArray | null;
  #at = 0;
  #depth = 0;
  fault: PatternFault | undefined;

  constructor(source: string, unicode: boolean) {
    this.#source = source;
    this.#unicode = unicode;
    // The engine counts the groups, and runs none of them: what it tries first is nothing, and that matches.
    this.#groups = new RegExp(`|${source}`, unicode ? "u" : "").exec("");
  }

  readChoice(): PatternNode {
    const options = [this.#readSequence()];
    while (this.#source[this.#at] === "|") {
      this.#at += 1;
      options.push(this.#readSequence());
    }
    const [only] = options;
    return only && options.length === 1 ? only : { kind: "choice", options };
  }

  #readSequence(): PatternNode {
    const parts: PatternNode[] = [];
    while (!this.fault && this.#at < this.#source.length && !"|)".includes(this.#source[this.#at] ?? "")) {
      parts.push(this.#readRepeat(this.#readTerm()));
    }
    return { kind: "sequence", parts };
  }

  #readTerm(): PatternNode {
    switch (this.#source[this.#at]) {
      case "^":
      case "$":
        this.#at += 1;
        return { kind: "edge", side: this.#source[this.#at - 1] === "^" ? "start" : "end" };
      case "(":
        return this.#readGroup();
      case "\\":
        return this.#readEscape();
      case "[":
        return this.#characterOf(this.#take(CLASS)?.[0]);
      default:
        return this.#characterOf(this.#take(this.#unicode ? LITERAL : LITERAL_UNIT)?.[0]);
    }
  }

  #readGroup(): PatternNode {
    const opening = this.#take(GROUP);
    if (!opening) return this.#unsupported("a group of this kind");
    const [, , behind, look] = opening;
    this.#depth += 1;
    if (this.#depth > PATTERN_DEPTH_MAX)
      return this.#unsupported(`more than ${PATTERN_DEPTH_MAX} groups within groups`);
    const part = this.readChoice();
    this.#depth -= 1;
    this.#at += 1; // ")"
    if (look === undefined) return part;
    return { kind: "look", direction: behind === "<" ? "behind" : "ahead", negated: look === "!", part };
  }

  #readEscape(): PatternNode {
    const next = this.#source[this.#at + 1] ?? "";
    if (next === "b" || next === "B") {
      this.#at += 2;
      return { kind: "boundary", negated: next === "B" };
    }
    if (this.#isBackReference()) return this.#unsupported("back-references");
    const escaped = this.#unicode ? (this.#take(SURROGATES) ?? this.#take(ESCAPE)) : this.#take(ESCAPE_UNIT);
    return escaped ? this.#characterOf(escaped[0]) : this.#unsupported(`the escape \\${next}`);
  }

  /** A number that no group has, or a name where none has any, is a character. */
  #isBackReference(): boolean {
    BACK_REFERENCE.lastIndex = this.#at;
    const [found, number] = BACK_REFERENCE.exec(this.#source) ?? [];
    if (found === undefined) return false;
    return number === undefined ? this.#groups?.groups !== undefined : Number(number) < (this.#groups?.length ?? 0);
  }

  #readRepeat(part: PatternNode): PatternNode {
    const quantifier = this.#take(QUANTIFIER);
    if (!quantifier) return part;
    const [, sign, least, comma, most] = quantifier;
    if (least === undefined) {
      return { kind: "repeat", part, min: sign === "+" ? 1 : 0, max: sign === "?" ? 1 : Number.POSITIVE_INFINITY };
    }
    const min = Number(least);
    return { kind: "repeat", part, min, max: !comma ? min : most ? Number(most) : Number.POSITIVE_INFINITY };
  }

  #characterOf(source = ""): PatternNode {
    return { kind: "character", set: newCharacterSet(source, this.#unicode) };
  }

  #unsupported(what: string): PatternNode {
    this.fault ??= { reason: "pattern_unsupported", message: `uses ${what}, which the relay does not support` };
    this.#at = this.#source.length;
    return { kind: "sequence", parts: [] };
  }

  #take(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.#at;
    const found = expression.exec(this.#source);
    if (found) this.#at += found[0].length;
    return found ?? undefined;
  }
}

function newCharacterSet(source: string, unicode: boolean): CharacterSet {
  const literal = source.codePointAt(0) ?? 0;
  const isLiteral = source !== "." && source.length === (literal > 0xffff ? 2 : 1);
  if (isLiteral) return { source, has: (codePoint) => codePoint === literal };
  const expression = new RegExp(`^${source}$`, unicode ? "u" : "");
  return { source, has: (codePoint) => expression.test(String.fromCodePoint(codePoint)) };
}
