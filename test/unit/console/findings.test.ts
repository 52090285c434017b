import { Text } from "@codemirror/state";
import { describe, expect, it } from "vitest";
import type { Finding } from "../../../src/console/api/document-calls.ts";
import { countFindings, sortFindings } from "../../../src/console/editor/findings.ts";
import { languageOf, spanOf } from "../../../src/console/editor/text-places.ts";

const range = (line: number, character: number, endLine: number, endCharacter: number): Finding["range"] => ({
  start: { line, character },
  end: { line: endLine, character: endCharacter },
});

const finding = (severity: Finding["severity"], line: number): Finding => ({
  ...{ code: "a-rule", severity, message: "", path: [], range: range(line, 0, line, 1) },
});

describe("the findings of a document", () => {
  it("begin with the gravest, and of those with the first in the text", () => {
    const findings = [finding("hint", 0), finding("error", 9), finding("warning", 3), finding("error", 2)];
    expect(sortFindings(findings).map(({ severity, range }) => `${severity} ${range.start.line}`)).toEqual([
      "error 2",
      "error 9",
      "warning 3",
      "hint 0",
    ]);
  });

  it.each([
    [[], "Nothing to mend"],
    [[finding("error", 0)], "1 error"],
    [[finding("error", 0), finding("error", 1), finding("warning", 2)], "2 errors, 1 warning"],
    [[finding("info", 0), finding("hint", 1)], "2 hints"],
  ])("are counted in words", (findings, words) => {
    expect(countFindings(findings)).toBe(words);
  });
});

describe("the place of a finding", () => {
  const text = Text.of(["asyncapi: 3.0.0", "  title: Ünïcode 🚗 cars", ""]);
  const shown = (at: Finding["range"]): string => {
    const { from, to } = spanOf(text, at);
    return text.sliceString(from, to);
  };

  it("is what its lines and characters say, in UTF-16 units", () => {
    expect(shown(range(0, 10, 0, 15))).toBe("3.0.0");
    expect(shown(range(1, 20, 1, 24))).toBe("cars");
  });

  it("is its whole line where it is about nothing in particular", () => {
    expect(shown(range(1, 0, 1, 0))).toBe("title: Ünïcode 🚗 cars");
  });

  it.each([range(0, 10, 99, 99), range(99, 0, 99, 5), range(0, 999, 0, 1_000), range(2, 0, 1, 0)])(
    "stays within a text that has changed since",
    (at) => {
      const { from, to } = spanOf(text, at);
      expect(from).toBeGreaterThanOrEqual(0);
      expect(to).toBeGreaterThanOrEqual(from);
      expect(to).toBeLessThanOrEqual(text.length);
    },
  );
});

it.each([
  ['{"asyncapi": "3.0.0"}', "json"],
  ["\n  [1]", "json"],
  ["asyncapi: 3.0.0", "yaml"],
  ["", "yaml"],
])("%j is coloured as %s", (text, language) => {
  expect(languageOf(text)).toBe(language);
});
