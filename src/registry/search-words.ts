import { utf8Bytes } from "../kernel/encoding.ts";

/** Scripts that write no spaces: each character is a word of its own, and neighbours are found as a phrase. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/gu;

/** Where a part of a name like `orderCreated2` begins. */
const PART = /(?<=\p{Ll})(?=\p{Lu})|(?<=\p{L})(?=\p{N})|(?<=\p{N})(?=\p{L})/gu;

/** A text as it is indexed: its words, and the parts of its names beside them. */
export function toIndexedWords(text: string): string {
  const parts = text.replaceAll(PART, " ");
  return separate(fold(parts === text ? text : `${text}\n${parts}`));
}

/** What exactly one value answers to, as one word whatever its characters; the case does not count. */
export function toKey(kind: "publisher" | "tag", value: string): string {
  const hex = Array.from(utf8Bytes(fold(value.trim())), (byte) => byte.toString(16).padStart(2, "0"));
  return `${kind}${hex.join("")}`;
}

/**
 * An FTS5 expression for texts in which each of these words begins a word, in any order. Words without letter and digit
 * count only where there are no others: null then, for no text is found by them. Empty where nothing is asked for.
 */
export function toWordsExpression(columns: string, asked: string): string | null {
  if (asked.trim() === "") return "";
  const words = asked.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
  if (words.length === 0) return null;
  const phrases = words.map((word) => `"${separate(fold(word)).replaceAll('"', " ")}" *`);
  return `${columns} : (${phrases.join(" AND ")})`;
}

const separate = (text: string): string => text.replaceAll(UNSPACED, " $& ");

/** By way of upper case, so that "ß" is "SS" too. */
const fold = (text: string): string => text.normalize("NFKC").toUpperCase().toLowerCase();
