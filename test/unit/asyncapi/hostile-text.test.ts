import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { parseText } from "../../../src/asyncapi/parse-text.ts";
import { readDocument } from "../../../src/asyncapi/read-document.ts";
import { DOCUMENT_ALIASES_MAX, DOCUMENT_BYTES_MAX, DOCUMENT_DEPTH_MAX } from "../../../src/kernel/limits.ts";
import { document3, errorsOf, readInvalid, readValid } from "../../support/asyncapi.ts";
import { listSpecs, readSpec } from "../../support/specs.ts";

const HEAD = "asyncapi: 3.0.0\ninfo: {title: T, version: '1'}\nchannels: {c: {address: c}}\n";
const codesOf = (text: string) => [...new Set(readInvalid(text).map(({ code }) => code))];
const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;

// A megabyte takes a second to read; a busy machine may need several.
const SLOW = { timeout: 60_000 };

describe("the text of a document", SLOW, () => {
  it("may be JSON, YAML, have a byte order mark, Windows line ends or an end mark", () => {
    for (const text of [
      HEAD,
      `\uFEFF${HEAD}`,
      HEAD.replaceAll("\n", "\r\n"),
      `---\n${HEAD}...\n`,
      `%YAML 1.2\n---\n${HEAD}`,
    ]) {
      expect(readValid(text).title).toBe("T");
    }
    expect(readValid(`\t${document3({ c: { address: "c" } })}`).title).toBe("Orders");
  });

  it("means in YAML what it means in JSON", () => {
    const value = {
      text: 'a"b\\c/\u0000\u2028🚗',
      keys: { "": 1, "<<": { a: 1 }, "200": 2, null: 3, true: 4, "a: b": 5, ["x".repeat(2000)]: 6 },
      values: [0, -1, 1.5e300, true, false, null, "yes", "2026-03-02", "0x1f", "~", "", [], {}],
    };
    expect(parseText(JSON.stringify(value)).value).toEqual(value);
    expect(parseText(JSON.stringify(value, null, "\t")).value).toEqual(value);
  });

  it("keeps to the values of YAML 1.2, whatever version it names", () => {
    const text = "%YAML 1.1\n---\na: yes\nb: 2026-03-02\nc: 0o17\nd: 1_000\ne: ~\n";
    expect(parseText(text).value).toEqual({ a: "yes", b: "2026-03-02", c: 15, d: "1_000", e: null });
  });

  it("is read as other YAML readers do", () => {
    for (const name of listSpecs()) {
      const text = readSpec(name);
      expect(parseText(text).value).toEqual(parse(text));
    }
    const text = "a: &a {x: 1, y: [2]}\nb: *a\nc: {<<: *a, x: 3}\nd: {x: 4, <<: [*a, {z: 5, y: 6}]}\n'<<': 7\n";
    expect(parseText(text).value).toEqual(parse(text, { merge: true }));
  });

  it.each([
    ["a tab as indentation", "a:\n\tb: 1", "yaml-tab-as-indent"],
    ["an open bracket", "a: [1, 2", "yaml-bad-indent"],
    ["an open quote", 'a: "x', "yaml-missing-char"],
    ["a stray bracket", "]", "yaml-unexpected-token"],
    ["a bad escape", 'a: "\\q"', "yaml-bad-dq-escape"],
    ["cut JSON", '{"asyncapi": "3.0.0", "info": {"ti', "yaml-missing-char"],
    ["a key that is no text", "? {a: b}\n: 1", "yaml-non-string-key"],
    ["an alias as a key", "a: &a x\n*a : 1", "yaml-non-string-key"],
    ["a tag nobody knows", "a: !ruby/object:Gem x", "yaml-tag-resolve-failed"],
    ["a tag that is no JSON", "a: !!binary aGk=", "yaml-tag-resolve-failed"],
    ["an alias of nothing", "a: *b", "alias-invalid"],
    ["an alias before its anchor", "a: *b\nb: &b 1", "alias-invalid"],
    ["an alias within itself", "a: &a [*a]", "alias-invalid"],
    ["a merge of no map", "a: {<<: 5}", "merge-invalid"],
    ["a merge of null", "a: {<<: null}", "merge-invalid"],
    ["numbers without a JSON form", "a: [.inf, -.inf, .nan, 1e999]", "number-invalid"],
    ["two documents", "a: 1\n---\na: 2", "multiple-documents"],
  ])("may not have %s", (_, text, code) => {
    expect(codesOf(text)).toContain(code);
  });

  it.each([
    ["in YAML", `${HEAD}info: {}\n`, "/info"],
    ["in JSON", '{"a": {"b": 1, "b": 2}}', "/a/b"],
    ["in different quotes", "a: {b: 1, 'b': 2}", "/a/b"],
    ["like something of every object", '{"__proto__": 1, "__proto__": 2}', "/__proto__"],
  ])("may not have a key twice, %s", (_, text, path) => {
    expect(errorsOf(text)).toEqual([`duplicate-key ${path}`]);
  });

  it("may have as many bytes as a document may have, and not one more", () => {
    const fill = (text: string) => `# ${"é".repeat((DOCUMENT_BYTES_MAX - HEAD.length - 3) / 2)}${text}`;
    const most = `${HEAD}${fill("")}\n`;
    expect(readDocument(most.slice(0, -1)).ok).toBe(true);
    expect(codesOf(`${most}éé`)).toEqual(["document-too-large"]);
    expect(codesOf("x".repeat(DOCUMENT_BYTES_MAX + 1))).toEqual(["document-too-large"]);
  });

  it("may be as deep as a document may be, and not one level more", () => {
    expect(readDocument(`${HEAD}x: ${nested(DOCUMENT_DEPTH_MAX - 1)}`).ok).toBe(true);
    expect(codesOf(`${HEAD}x: ${nested(DOCUMENT_DEPTH_MAX)}`)).toEqual(["document-too-deep"]);
    const half = nested(DOCUMENT_DEPTH_MAX / 2);
    const withAlias = (more: string) => `${HEAD}x: &x ${half}\ny: ${more}${"[".repeat(62)}*x${"]".repeat(62)}`;
    expect(readDocument(withAlias("")).ok).toBe(true);
    expect(codesOf(`${withAlias("[[")}]]`)).toEqual(["document-too-deep"]);
  });

  it.each(["[", "{a: ", '{"a":', "- ", "? ", "a: b: ", "[{", "&a [", "!t ["])(
    "is refused when it is nothing but %j",
    (text) => {
      expect(readInvalid(text.repeat(DOCUMENT_BYTES_MAX / text.length)).length).toBeLessThanOrEqual(10);
    },
  );

  it.each([
    ["line ends", "\n", "document-too-complex"],
    ["comments", "#\n", "document-too-complex"],
    ["documents", "---\n", "document-too-complex"],
    ["directives", "%\n", "document-too-complex"],
    ["keys", "a:\n", "document-too-complex"],
    ["stray brackets", "]", "yaml-unexpected-token"],
    ["NUL", "\0", "not-asyncapi"],
    ["bad escapes", '"\\q\\q\\q\\q\\q\\q\\q\\q', "yaml-bad-dq-escape"],
  ])("is refused when it is a megabyte of %s, with few words", (_, text, code) => {
    const diagnostics = readInvalid(text.repeat(DOCUMENT_BYTES_MAX / text.length));
    expect(diagnostics[0]?.code).toBe(code);
    expect(JSON.stringify(diagnostics).length).toBeLessThan(100_000);
  });
});

describe("aliases", SLOW, () => {
  const bomb = (open: string, close: string) => {
    const lines = [`a0: &a0 {k: [${"x,".repeat(9)}]}`];
    for (let i = 1; i <= 9; i++)
      lines.push(
        `a${i}: &a${i} ${open}${Array(9)
          .fill(`*a${i - 1}`)
          .join(",")}${close}`,
      );
    return lines.join("\n");
  };

  it("may be as many as a document may have, and not one more", () => {
    const text = (count: number) => `${HEAD}x: &x 1\ny: [${"*x,".repeat(count)}]\n`;
    expect(readDocument(text(DOCUMENT_ALIASES_MAX)).ok).toBe(true);
    expect(codesOf(text(DOCUMENT_ALIASES_MAX + 1))).toEqual(["too-many-aliases"]);
  });

  it.each([
    ["lists", "[", "]"],
    ["merges", "{<<: [", "]}"],
    ["maps", "{a: [", "]}"],
  ])("may not stand for billions of values: %s", (_, open, close) => {
    expect(codesOf(`${HEAD}${bomb(open, close)}`)).toEqual(["aliases-too-large"]);
  });

  it("may not merge one large map again and again", () => {
    const keys = Array.from({ length: 20_000 }, (_, i) => `k${i}: 1`).join(", ");
    const merges = Array.from({ length: 500 }, (_, i) => `m${i}: {<<: *big}`).join("\n");
    expect(codesOf(`${HEAD}big: &big {${keys}}\n${merges}`)).toEqual(["aliases-too-large"]);
  });

  it("may not repeat one large text again and again", () => {
    const text = `${HEAD}x: &x "${"x".repeat(500_000)}"\ny: [${"*x,".repeat(100)}]`;
    expect(codesOf(text)).toEqual(["aliases-too-large"]);
  });

  it("take the latest anchor of their name", () => {
    expect(parseText("a: &x 1\nb: *x\nc: &x 2\nd: *x").value).toEqual({ a: 1, b: 1, c: 2, d: 2 });
  });
});

describe("diagnostics", () => {
  it("show neither a stack nor a path of the relay, and stay short", () => {
    const key = "k".repeat(300_000);
    const diagnostics = readInvalid(document3({ [key]: { address: `${key}//` }, [`${key}2`]: { title: 5 } }));
    const shown = JSON.stringify(diagnostics);
    expect(shown.length).toBeLessThan(5_000);
    expect(shown).not.toMatch(/node_modules|\.ts\b|\.js\b|\bat .*:\d+:\d+/);
  });

  it("are at most a hundred of a severity, and errors are not crowded out", () => {
    const channels = Object.fromEntries(Array.from({ length: 199 }, (_, i) => [`c/${i}`, {}]));
    const diagnostics = readInvalid(document3({ ...channels, last: { address: "a//b" } }));
    expect(diagnostics.filter(({ severity }) => severity === "info")).toHaveLength(100);
    expect(diagnostics.filter(({ severity }) => severity === "error")).toHaveLength(1);
    const wrong = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`c${i}`, { address: `x{${i}` }]));
    expect(readInvalid(document3(wrong))).toHaveLength(100);
  });

  it("say the same thing of one place once, however many channels lead there", () => {
    const messages = { m: { $ref: "#/components/messages/m" } };
    const channels = { a: { address: "a", messages }, b: { address: "b", messages } };
    const components = { messages: { m: { contentType: 5 } } };
    expect(errorsOf(document3(channels, { components }))).toEqual(["not-a-text /components/messages/m/contentType"]);
  });

  it("stand in the order of the text", () => {
    const lines = readInvalid(
      "asyncapi: 3.0.0\nchannels:\n  a: {address: a#}\n  b: {address: b#}\ninfo: {title: 1}\n",
    ).map(({ range }) => range.start.line);
    expect(lines).toEqual([...lines].sort((a, b) => a - b));
  });
});

describe("a damaged document", SLOW, () => {
  const NOISE = [
    "{",
    "}",
    "[",
    "]",
    ":",
    "- ",
    "&a ",
    "*a",
    "<<: *a",
    "#",
    '"',
    "'",
    "|",
    ">",
    "\t",
    "\n",
    "!!set ",
    "\0",
    "\uD800",
    "$ref",
  ];

  /** A linear congruential generator: the same damage on every run. */
  function newRandom(seed: number): (bound: number) => number {
    let state = seed;
    return (bound) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * bound);
    };
  }

  function damage(text: string, random: (bound: number) => number): string {
    let damaged = text;
    for (let n = 1 + random(4); n > 0; n--) {
      const start = random(damaged.length);
      const noise = NOISE[random(NOISE.length)] ?? "";
      damaged = damaged.slice(0, start) + noise + damaged.slice(start + random(random(2) === 0 ? 2 : 80));
    }
    return damaged;
  }

  it.each(listSpecs())("is answered, never thrown at: 150 times %s", (name) => {
    const text = readSpec(name);
    for (let seed = 0; seed < 150; seed++) {
      const damaged = damage(text, newRandom(seed));
      const result = readDocument(damaged);
      const diagnostics = result.ok ? result.value.diagnostics : result.error.diagnostics;
      const errors = diagnostics.filter(({ severity }) => severity === "error");
      expect(errors.length > 0, `seed ${seed}`).toBe(!result.ok);
      const lines = damaged.split("\n").length;
      for (const { range } of diagnostics) {
        expect(range.start.line >= 0 && range.end.line < lines && range.start.character >= 0, `seed ${seed}`).toBe(
          true,
        );
      }
    }
  });
});
