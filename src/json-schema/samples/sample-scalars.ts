import { FORMATS } from "../formats/formats.ts";
import { SAMPLE_STRING_CHARS_MAX } from "../limits.ts";
import { type PatternNode, readPattern } from "../patterns/pattern-syntax.ts";

const VARIETY = 20; // so many of a kind are offered, for arrays whose items differ
const FILLER = "text";

/** Numbers that lie within bounds, plausible ones first. What divides them, and whether a bound is excluded, they need not meet. */
export function* sampleNumbers(
  least: number | undefined,
  most: number | undefined,
  divisor: number | undefined,
): Generator<number> {
  const step = divisor ?? 1;
  const low = least ?? Math.min(1, (most ?? 1) - VARIETY * step);
  const first = Math.ceil(toDecimal(low / step));
  for (let n = 0; n <= VARIETY; n++) yield toDecimal((first + n) * step);
  const high = most ?? low + 1;
  yield low;
  yield high;
  for (const share of [0.5, 0.25, 0.1]) yield toDecimal(low + (high - low) * share);
}

/** Takes away what a double adds to a decimal. */
const toDecimal = (value: number): number => Number(value.toPrecision(15));

/** Texts that may fit, plausible ones first. */
export function* sampleTexts(formats: string[], patterns: string[], least: number, most: number): Generator<string> {
  for (const name of formats) {
    const sample = FORMATS.get(name)?.sample;
    if (sample !== undefined) yield* varyText(sample);
  }
  for (const pattern of patterns) {
    const tree = readPattern(pattern);
    if (!tree.ok) continue;
    for (let n = 0; n <= VARIETY; n++) yield clip(sampleMatch(tree.value.root, n), 0, most);
    for (const repeats of [2, least]) yield clip(sampleMatch(tree.value.root, 0, repeats), 0, most);
  }
  for (const text of varyText(clip(FILLER, least, most))) yield clip(text, least, most);
}

/** The text, and others like it: with another number at its end, before its end, or at its start. */
function* varyText(text: string): Generator<string> {
  yield text;
  for (let n = 2; n <= VARIETY; n++) {
    yield `${text.slice(0, -String(n).length)}${n}`;
    yield `${n}${text}`;
    yield `${text}${n}`;
  }
}

const clip = (text: string, least: number, most: number): string =>
  text.padEnd(Math.min(least, SAMPLE_STRING_CHARS_MAX), FILLER).slice(0, Math.min(most, SAMPLE_STRING_CHARS_MAX));

// What a character of a pattern is tried to be.
const ASCII = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));
const WORDLY = ASCII.filter((character) => /\w/.test(character));
const PRINTABLE = ASCII.filter((character) => /[ -~]/.test(character));
const CHARACTERS = [...new Set([..."aA0-_. ", ...WORDLY, ...PRINTABLE, "é", "中", "😀", ...ASCII])];

/** A text that the pattern matches where it has no look-around; `turn` says which of many, `repeats` how often at least what may be repeated is. */
function sampleMatch(node: PatternNode, turn: number, repeats = 1): string {
  switch (node.kind) {
    case "character": {
      const fitting = CHARACTERS.filter((character) => node.set.has(character.codePointAt(0) ?? 0));
      return fitting[turn % fitting.length] ?? node.set.source.replace(/^\\/, "");
    }
    case "sequence":
      return node.parts.reduce((text, part) => text + bounded(text, () => sampleMatch(part, turn, repeats)), "");
    case "choice": {
      const option = node.options[turn % node.options.length];
      return option ? sampleMatch(option, Math.floor(turn / node.options.length), repeats) : "";
    }
    case "repeat": {
      let text = "";
      const count = Math.min(node.max, Math.max(node.min, repeats));
      for (let n = 0; n < count; n++) {
        const more = bounded(text, () => sampleMatch(node.part, turn, repeats));
        if (more === "") break;
        text += more;
      }
      return text;
    }
    default:
      return "";
  }
}

const bounded = (text: string, more: () => string): string => (text.length < SAMPLE_STRING_CHARS_MAX ? more() : "");
