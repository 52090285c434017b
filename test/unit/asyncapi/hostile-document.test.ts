import { describe, expect, it } from "vitest";
import { DOCUMENT_ALIASES_MAX, DOCUMENT_BYTES_MAX } from "../../../src/kernel/limits.ts";
import { document2, document3 } from "../../support/asyncapi.ts";
import {
  errorCodes,
  HEAD,
  lint,
  members,
  nested,
  SLOW,
  schemaRef,
  TOO_COMPLEX,
  times,
  withMessage,
  withPayload,
} from "./hostile-cases.ts";

describe("a text", SLOW, () => {
  it("may have as many bytes as a document may have, and not one more", async () => {
    const comment = (text: string) => `${HEAD}# ${text}`;
    const most = comment("é".repeat((DOCUMENT_BYTES_MAX - HEAD.length - 2) / 2));
    expect(await errorCodes(most)).toEqual([]);
    expect(await errorCodes(`${most}éé`)).toEqual(["relay-document-too-large"]);
  });

  it("may be deep, though not so deep that the stack would not hold", async () => {
    expect(await errorCodes(`${HEAD}x-deep: ${nested(120)}`)).toEqual([]);
    for (const text of [
      nested(150),
      nested(400_000),
      '{"a":'.repeat(150_000),
      "- ".repeat(300_000),
      "? ".repeat(300_000),
    ]) {
      expect(await errorCodes(`${HEAD}x-deep: ${text}`)).toContainEqual(expect.stringMatching(/too-deep|parser/));
    }
  });

  it.each([
    ["line ends", "\n"],
    ["comments", "#\n"],
    ["documents", "---\n"],
    ["directives", "%\n"],
    ["one key", "a: 1\n"],
    ["keys without an end", "a: b: "],
    ["stray brackets", "]"],
    ["quotes", '"\\q'],
    ["anchors", "&a "],
    ["aliases", "*a "],
    ["tags", "!a "],
    ["block scalars", "|\n "],
    ["NUL", "\0"],
    ["tabs", "\t"],
    ["halves of surrogate pairs", "\ud800"],
  ])("is answered when it is nothing but %s", async (_, text) => {
    expect((await errorCodes(text.repeat(100_000 / text.length))).length).toBeGreaterThan(0);
  });

  it.each(["", "null", "5", '"text"', "[]", "{}", "true", "- a", "asyncapi:", "asyncapi: {}", "asyncapi: [3]"])(
    "is no document: %j",
    async (text) => {
      expect((await errorCodes(text)).length).toBeGreaterThan(0);
    },
  );

  it("is checked as a whole where names are those of every object", async () => {
    const payload =
      '{"properties":{"__proto__":{"type":"number"},"hasOwnProperty":{"type":"string"},"constructor":{}}}';
    const channels = `{"constructor":{"address":"c","messages":{"toString":{"payload":${payload}}}},"__proto__":{"address":"d"}}`;
    const text = `{"asyncapi":"3.0.0","info":{"title":"T","version":"1"},"channels":${channels}}`;
    expect((await lint(text)).specVersion).toBe("3.0.0");
    for (const name of ["then", "toJSON", "valueOf", "hasOwnProperty"]) {
      await lint(document3({ c: { address: "c" } }, { "x-a": { [name]: 1 }, "x-b": { $ref: "#/x-a" } }));
    }
    expect({}).not.toHaveProperty("address");
  });
});

describe("many members, items and references", SLOW, () => {
  it.each([
    ["members of one object", document3({ c: { address: "c" } }, { "x-a": members(6_000, () => 1) })],
    ["members of several objects", document3({}, { "x-a": times(4, () => members(3_000, () => 1)) })],
    ["values", `${HEAD}x-a: [${"1,".repeat(120_000)}]`],
    ["wrong items", document2({ c: {} }, { tags: times(40_000, (i) => i) })],
    [
      "required members",
      withMessage({ payload: { required: times(20_000, (i) => `p${i}`) }, examples: [{ payload: {} }] }),
    ],
    [
      "references in a chain",
      withPayload(
        true,
        members(3_000, (i) => schemaRef(`k${i + 1}`)),
      ),
    ],
  ])("are refused before they take long: %s", async (_, text) => {
    expect(await errorCodes(text)).toEqual(TOO_COMPLEX);
  });

  it("are compared without looking at each pair of them", async () => {
    const tags = times(15_000, (i) => ({ name: `t${i}` }));
    expect(await errorCodes(document2({ c: {} }, { tags }))).toEqual(["relay-too-many-tags"]);
    const alternatives = { allOf: times(2_000, (i) => ({ minimum: i })) };
    const text = withMessage({ payload: alternatives, examples: [{ payload: 5 }] });
    expect(await errorCodes(text)).toEqual(["asyncapi2-message-examples"]);
  });

  it("are counted where they are references", async () => {
    const references = (count: number) => `${HEAD}x-a: [${"{$ref: '#/info'},".repeat(count)}]`;
    expect(await errorCodes(references(1_000))).toEqual([]);
    expect(await errorCodes(references(10_001))).toEqual(["relay-too-many-references"]);
  });

  it("are no reason to refuse what is large and honest", async () => {
    const properties = members(30, () => ({ type: "string", description: "Some words about it", maxLength: 50 }), "p");
    const schemas = members(60, () => ({ type: "object", required: ["p1"], properties }), "s");
    const channels = members(60, (i) => ({ address: `c${i}`, messages: { m: { payload: schemaRef(`s${i}`) } } }), "c");
    expect(await errorCodes(document3(channels, { components: { schemas } }))).toEqual([]);
  });
});

describe("aliases", SLOW, () => {
  const laughs = (open: string, close: string): string =>
    times(10, (i) => `a${i + 1}: &a${i + 1} ${open}${`*a${i},`.repeat(9)}${close}`).join("\n");

  it("may be as many as a document may have, and not one more", async () => {
    const text = (count: number) => `${HEAD}x-a: &x 1\nx-b: [${"*x,".repeat(count)}]\n`;
    expect(await errorCodes(text(DOCUMENT_ALIASES_MAX))).toEqual([]);
    expect(await errorCodes(text(DOCUMENT_ALIASES_MAX + 1))).toEqual(["relay-too-many-aliases"]);
  });

  it.each([
    ["lists", `a0: &a0 [1,1]\n${laughs("[", "]")}`],
    ["maps", `a0: &a0 {k: 1}\n${laughs("{a: [", "]}")}`],
    ["merges", `a0: &a0 {k: [1]}\n${laughs("{<<: [", "]}")}`],
    ["references that they repeat", `a0: &a0 {$ref: '#/info'}\n${laughs("[", "]")}`],
  ])("may not stand for billions of values: %s", async (_, text) => {
    expect(await errorCodes(`${HEAD}${text}`)).toEqual(TOO_COMPLEX);
  });

  it("may not add up to what is too deep", async () => {
    const text = (depth: number) => `${HEAD}x-a: &x ${nested(60)}\nx-b: ${"[".repeat(depth)}*x${"]".repeat(depth)}`;
    expect(await errorCodes(text(60))).toEqual([]);
    expect(await errorCodes(text(70))).toEqual(["relay-document-too-deep"]);
  });

  it.each(["a: &a [*a]", "a: &a {b: *a}", "a: &a {<<: *a}", "a: *b\nb: &b 1", "a: *nothing"])(
    "are answered where they lead nowhere or round in a circle: %s",
    async (text) => {
      await lint(`${HEAD}x-a: {${text.includes("\n") ? "" : text}}\n${text}\n`);
    },
  );
});

describe("references", SLOW, () => {
  const twice = (make: (target: { $ref: string }) => unknown, levels = 30, at = "#/components/schemas/") =>
    Object.fromEntries(
      times(levels + 1, (i) => [`s${i}`, i === levels ? { type: "string" } : make({ $ref: `${at}s${i + 1}` })]),
    );

  it.each([
    [
      "in a payload",
      withPayload(
        schemaRef("s0"),
        twice((next) => ({ allOf: [next, next] })),
      ),
    ],
    [
      "as properties",
      withPayload(
        schemaRef("s0"),
        twice((next) => ({ properties: { a: next, b: next } })),
      ),
    ],
    [
      "in what nobody uses",
      withPayload(
        true,
        twice((next) => ({ anyOf: [next, next] })),
      ),
    ],
    [
      "in an extension",
      document3({ c: { address: "c" } }, { "x-a": twice((next) => ({ a: next, b: next }), 30, "#/x-a/") }),
    ],
    [
      "through another reference",
      JSON.stringify({
        ...JSON.parse(
          withPayload(
            true,
            twice((next) => ({ allOf: [next, next] }), 30, "#/x-all/"),
          ),
        ),
        "x-all": { $ref: "#/components/schemas" },
      }),
    ],
    [
      "in messages",
      document2(
        { c: { subscribe: { message: { $ref: "#/components/messages/s0" } } } },
        { components: { messages: twice((next) => ({ oneOf: [next, next] }), 30, "#/components/messages/") } },
      ),
    ],
  ])("may not stand for a billion values: %s", async (_, text) => {
    const found = await errorCodes(text);
    // Those through another one the parser does not follow.
    if (!text.includes("x-all")) expect(found).toEqual(TOO_COMPLEX);
  });

  it("may stand for a few values more than there are", async () => {
    expect(
      await errorCodes(
        withPayload(
          schemaRef("s0"),
          twice((next) => ({ allOf: [next, next] }), 5),
        ),
      ),
    ).toEqual([]);
  });

  it.each([
    ["itself", { a: schemaRef("a") }],
    ["one another", { a: schemaRef("b"), b: schemaRef("a") }],
    ["a place within itself", { a: { $ref: "#/components/schemas/a/properties/a" } }],
    [
      "what is around it",
      { a: { properties: { up: { $ref: "#/components" }, all: { $ref: "#" }, a: schemaRef("a") } } },
    ],
    ["all of many from each of them", members(25, () => ({ properties: members(25, (i) => schemaRef(`k${i}`)) }))],
    ["itself from thousands of places", { a: { properties: members(2_000, () => schemaRef("a")) } }],
    [
      "places that are not there",
      { a: { $ref: "#/nowhere" }, b: { $ref: "#/info/title/length" }, c: { $ref: "#/%E0%A4%A" } },
    ],
    ["names of every object", { a: { $ref: "#/constructor" }, b: { $ref: "__proto__" }, c: { $ref: "toString" } }],
    ["no text at all", { a: { $ref: 5 }, b: { $ref: null }, c: { $ref: {} }, d: { $ref: "" }, e: { $ref: [] } }],
  ])("are answered where they lead to %s", async (_, schemas) => {
    await lint(withPayload(schemaRef(Object.keys(schemas)[0] ?? "a"), schemas));
    await lint(withMessage({ payload: { $ref: "#/components/schemas/a" }, examples: [{ payload: {} }] }));
  });

  it("are refused where they lead out of the document, each at its place", async () => {
    for (const target of ["http://127.0.0.1:9/x", "https://example.com/x.json#/a", "file:///etc/passwd", "./x.yaml"]) {
      const { diagnostics } = await lint(withPayload({ properties: { a: { $ref: target } } }));
      const path = ["channels", "c", "messages", "m", "payload", "properties", "a", "$ref"];
      expect(diagnostics).toContainEqual(expect.objectContaining({ code: "invalid-ref", severity: "error", path }));
    }
  });
});

describe("diagnostics", SLOW, () => {
  const faulty = (address: string) => document3({ c: { address: `a//${address}` } });

  it("evaluate nothing that a document says", async () => {
    // What the stock parser takes for an expression: it would define a function that calls itself a billion times.
    const endless = "#{{(f(x) = x < 1 ? 1 : f(x - 1) * f(x - 1); f(30))}}";
    for (const text of [endless, "#{{value}}", "{{value}}", "{{error}}", '#{{print("value")}}', "#{{toString}}"]) {
      const { diagnostics } = await lint(faulty(text));
      const [found] = diagnostics.filter(({ code }) => code === "relay-channel-address");
      expect(found?.message).toContain(text.slice(0, 9));
    }
  });

  it("do not grow by what a document makes them repeat", async () => {
    const example = { ["{{value}}{{error}}".repeat(5_000)]: "x".repeat(200_000) };
    const payload = { additionalProperties: false };
    const { diagnostics } = await lint(withMessage({ payload, examples: [{ payload: example }] }));
    expect(JSON.stringify(diagnostics).length).toBeLessThan(1_000_000);
  });

  it("stay as short as an answer may be, errors first to stay", async () => {
    const channels = members(190, (i) => ({ subscribe: { message: { ["x".repeat(4_000) + i]: 1 } } }));
    const { valid, diagnostics } = await lint(document2(channels));
    expect(valid).toBe(false);
    expect(JSON.stringify(diagnostics).length).toBeLessThan(8 * 1024 * 1024);
    expect(diagnostics.some(({ severity }) => severity === "error")).toBe(true);
  });

  it("stand in the order of the text, at the value that is meant", async () => {
    const text =
      "asyncapi: 3.0.0\nchannels:\n  a: {address: a#}\n  b: {address: 'é🚗//'}\ninfo: {title: T, version: '1'}\n";
    const { diagnostics } = await lint(text);
    const found = diagnostics.filter(({ severity }) => severity === "error").map(({ range }) => range);
    expect(found).toEqual([
      { start: { line: 2, character: 15 }, end: { line: 2, character: 17 } },
      { start: { line: 3, character: 15 }, end: { line: 3, character: 22 } },
    ]);
    const lines = diagnostics.map(({ range }) => range.start.line);
    expect(lines).toEqual(lines.toSorted((a, b) => a - b));
  });
});
