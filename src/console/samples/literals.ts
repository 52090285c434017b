import type { Language } from "./templates.ts";

/** A JSON value as a language writes it down, whatever stands in it; a shell has texts alone. */
export function writeLiteral(language: Language, value: unknown): string {
  switch (language) {
    case "node":
      return writeValue(NODE, value, "");
    case "python":
      return writeValue(PYTHON, value, "");
    case "curl":
      return quoteForShell(typeof value === "string" ? value : writeJson(value));
  }
}

/** A word of a POSIX shell in which nothing means anything. */
const quoteForShell = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

type Dialect = { words: Record<"true" | "false" | "null", string>; step: string; key(name: string): string };

// As a literal's key, this one alone would set a prototype.
const NODE: Dialect = {
  words: { true: "true", false: "false", null: "null" },
  step: "  ",
  key: (name) => (name === "__proto__" ? '["__proto__"]' : quote(name)),
};
const PYTHON: Dialect = {
  words: { true: "True", false: "False", null: "None" },
  step: "    ",
  key: (name) => quote(name),
};

/** JSON's strings are those of both languages. */
const quote = (text: string): string => showInvisible(JSON.stringify(text));

export const writeJson = (value: unknown): string => showInvisible(JSON.stringify(value, null, 2));

// What ends a line for some, has no width, or turns the direction of what is read.
const INVISIBLE = /[\u0085\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

const showInvisible = (json: string): string =>
  json.replaceAll(INVISIBLE, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);

function writeValue(dialect: Dialect, value: unknown, indent: string): string {
  if (value === null || value === undefined) return dialect.words.null;
  if (typeof value === "boolean") return dialect.words[`${value}`];
  if (typeof value === "string") return quote(value);
  // JSON has no number that is none, but one that is too large becomes so.
  if (typeof value !== "object") return Number.isFinite(value) ? String(value) : dialect.words.null;
  const inner = indent + dialect.step;
  const [open, close, parts] = Array.isArray(value)
    ? ["[", "]", value.map((item) => writeValue(dialect, item, inner))]
    : [
        "{",
        "}",
        Object.entries(value).map(([key, item]) => `${dialect.key(key)}: ${writeValue(dialect, item, inner)}`),
      ];
  if (parts.length === 0) return open + close;
  return `${open}\n${parts.map((part) => `${inner}${part},\n`).join("")}${indent}${close}`;
}

/** Lines behind what begins a comment. Nothing in them ends it, in any of the languages. */
export const writeComment = (mark: string, lines: string[]): string =>
  lines.map((line) => `${mark} ${line.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, " ")}`.trimEnd()).join("\n");
