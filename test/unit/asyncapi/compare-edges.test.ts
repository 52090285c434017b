import { describe, expect, it } from "vitest";
import { CompareBudget } from "../../../src/asyncapi/compare/compare-budget.ts";
import { compareSchemas } from "../../../src/asyncapi/compare/compare-schemas.ts";
import { type Case, changesOf, number, object, parsed, text } from "./compare-cases.ts";

describe("what no subscriber's program depends on", () => {
  it.each([
    "title",
    "description",
    "default",
    "example",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
    "externalDocs",
    "x-owner",
  ])("%s", (keyword) => {
    expect(changesOf({ [keyword]: [1] }, { [keyword]: [2] })).toEqual([`non-breaking /${keyword}`]);
    expect(changesOf({}, { [keyword]: [2] })).toEqual([`non-breaking /${keyword}`]);
    expect(changesOf({ [keyword]: [1] }, {})).toEqual([`non-breaking /${keyword}`]);
  });

  it.each<Case>([
    [
      "comments and dialects",
      { $comment: "a", $id: "a" },
      { $comment: "b", $schema: "http://json-schema.org/draft-07/schema#" },
      [],
    ],
    ["members in another order", { default: { a: 1, b: 2 } }, { default: { b: 2, a: 1 } }, []],
    ["true and the empty schema", true, {}, []],
    [
      "a definition's name",
      { items: { $ref: "#/definitions/A" }, definitions: { A: text } },
      { items: { $ref: "#/definitions/B" }, definitions: { B: text } },
      [],
    ],
    [
      "a reference instead of a copy",
      { items: text },
      { items: { $ref: "#/definitions/B" }, definitions: { B: text } },
      [],
    ],
    ["a definition that nothing refers to", { definitions: { A: text } }, {}, []],
  ])("%s", (_, before, after, changes) => {
    expect(changesOf(before, after)).toEqual(changes);
  });
});

describe("what no program can judge", () => {
  it.each(["not", "if", "contains", "propertyNames", "unevaluatedProperties", "constructor"])("%s", (keyword) => {
    const schema = (inner: unknown) => ({ [keyword]: inner });
    expect(changesOf(schema(text), schema(number))).toEqual([`unclassified /${keyword}`]);
    expect(changesOf({}, schema(text))).toEqual([`unclassified /${keyword}`]);
    expect(changesOf(schema(text), {})).toEqual([`unclassified /${keyword}`]);
    expect(changesOf(schema(text), schema(text))).toEqual([]);
  });

  it.each<Case>([
    [
      "patterns of names",
      { patternProperties: { a: text } },
      { patternProperties: { b: text } },
      ["unclassified /patternProperties"],
    ],
    [
      "what a pattern's members are",
      { patternProperties: { a: text } },
      { patternProperties: { a: number } },
      ["unclassified /patternProperties"],
    ],
    ["dependencies", { dependencies: { a: ["b"] } }, { dependencies: { a: ["c"] } }, ["unclassified /dependencies"]],
    ["dependencies in another order", { dependencies: { a: ["b", "c"] } }, { dependencies: { a: ["c", "b"] } }, []],
    ["a discriminator", { discriminator: "a" }, { discriminator: "b" }, ["unclassified /discriminator"]],
    [
      "an alternative in a negation",
      { not: { anyOf: [text] } },
      { not: { anyOf: [text, number] } },
      ["unclassified /not"],
    ],
    [
      "a description in a negation",
      { not: { description: "a", items: text } },
      { not: { description: "b", items: text } },
      [],
    ],
    [
      "another order in a negation",
      { not: { enum: [1, 2], required: ["a", "b"] } },
      { not: { enum: [2, 1], required: ["b", "a"] } },
      [],
    ],
    [
      "a definition in a negation",
      { not: { $ref: "#/definitions/A" }, definitions: { A: text } },
      { not: { $ref: "#/definitions/A" }, definitions: { A: number } },
      ["unclassified /not"],
    ],
  ])("%s", (_, before, after, changes) => {
    expect(changesOf(before, after)).toEqual(changes);
  });

  it.each<[string, unknown]>([
    ["a keyword with a wrong value", { minimum: "1" }],
    ["an unknown type", { type: "date" }],
    ["a reference to nothing", { $ref: "#/definitions/None" }],
    ["a reference to elsewhere", { $ref: "https://example.com/schema.json" }],
    ["a reference to itself", { $ref: "#/properties/a" }],
    ["no schema", 12],
    ["nothing", null],
  ])("a schema that can't be read: %s", (_, schema) => {
    expect(changesOf(object({ a: schema }), object({ a: schema }))).toEqual([]);
    expect(changesOf(object({ a: text }), object({ a: schema }))).toEqual(["unclassified /properties/a"]);
    expect(changesOf(object({ a: schema }), object({ a: text }))).toEqual(["unclassified /properties/a"]);
  });
});

describe("recursive schemas", () => {
  const tree = (rest: object) => object({ kids: { type: "array", items: { $ref: "#" } }, ...rest });
  const list = { next: { $ref: "#/definitions/Node" } };

  it("are compared once", () => {
    expect(changesOf(tree({}), tree({}))).toEqual([]);
    expect(changesOf(tree({}), tree({ name: text }))).toEqual(["non-breaking /properties/name"]);
    expect(changesOf(tree({ name: text }), tree({ name: number }))).toEqual(["breaking /properties/name/type"]);
  });

  it("are the same however often they are written out", () => {
    const once = { $ref: "#/definitions/Node", definitions: { Node: object(list) } };
    const twice = {
      ...object(list),
      definitions: { Node: object({ next: { $ref: "#/definitions/Other" } }), Other: object(list) },
    };
    expect(changesOf(once, twice)).toEqual([]);
    expect(changesOf(once, { ...twice, definitions: { ...twice.definitions, Other: object({ next: text }) } })).toEqual(
      ["breaking /properties/next/properties/next/properties/next/type"],
    );
  });

  it("end in negations, alternatives and inheritance too", () => {
    const self = { $ref: "#" };
    for (const schema of [
      { not: self },
      { allOf: [self] },
      { oneOf: [self] },
      { anyOf: [self, { allOf: [self, self] }] },
    ]) {
      expect(changesOf(schema, schema)).toEqual([]);
      changesOf(schema, { oneOf: [self, text] });
      changesOf(text, schema);
    }
  });

  it("tell a definition's change once", () => {
    const order = (zip: object) => ({
      ...object({ from: { $ref: "#/definitions/Address" }, to: { $ref: "#/definitions/Address" } }),
      definitions: { Address: object({ zip }) },
    });
    expect(changesOf(order(text), order(number))).toEqual(["breaking /properties/from/properties/zip/type"]);
  });
});

describe("large schemas", () => {
  it("have no more changes listed of a kind than can be read, and none hides another", () => {
    const before = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`p${n}`, { title: "a" }]));
    const after = Object.fromEntries(
      Array.from({ length: 1000 }, (_, n) => [`p${n}`, { title: "b", ...(n === 999 ? text : {}) }]),
    );
    const changes = compareSchemas(object(before), object(after));
    expect(changes).toHaveLength(202);
    expect(changes.filter(({ kind }) => kind === "breaking")).toEqual([
      expect.objectContaining({ path: ["properties", "p999", "type"] }),
    ]);
    expect(changes.at(-1)).toEqual({
      path: [],
      kind: "non-breaking",
      message: "800 more non-breaking changes are not listed.",
    });
  });

  it("have no more said of them than a hundred versions can be listed with", () => {
    const versionOf = (title: string, last: unknown) =>
      object({
        ...Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`p${n}${"x".repeat(900)}`, { title }])),
        last,
      });
    const changes = compareSchemas(versionOf("a", text), versionOf("b", number));
    expect(JSON.stringify(changes).length).toBeLessThan(50_000);
    const [breaking] = changes.filter(({ kind }) => kind === "breaking");
    expect(breaking?.path).toEqual(["properties", "last", "type"]);
    const listed = changes.filter(({ kind, path }) => kind === "non-breaking" && path.length > 0).length;
    expect(changes.at(-1)?.message).toBe(`${300 - listed} more non-breaking changes are not listed.`);
  });

  // Each of many schemas inherits the same many properties: what they say together grows with the square of the text.
  it.each<[string, object]>([
    ["merged", {}],
    ["left beside the others", { minLength: 2 }],
  ])("cost a bounded number of steps, inherited properties that are %s included", (_, rest) => {
    const properties = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`p${n}`, {}]));
    const allOf = [{ minLength: 1 }, { $ref: "#/definitions/Base" }];
    const heirs = Array.from({ length: 200 }, (_, n) => [`h${n}`, { title: `${n}`, allOf }]);
    const schema = () => ({
      ...object(Object.fromEntries(parsed(heirs))),
      definitions: { Base: { properties, ...rest } },
    });
    const compare = (steps: number) => compareSchemas(schema(), schema(), new CompareBudget(steps));
    expect(compare(50_000).map(({ kind }) => kind)).toEqual(["unclassified"]);
    expect(compare(1_000_000)).toEqual([]);
  });

  it("may inherit from one another without end", () => {
    const chain = (leaf: unknown) => ({
      $ref: "#/definitions/d0",
      definitions: Object.fromEntries([
        ...Array.from({ length: 20_000 }, (_, n) => [`d${n}`, { allOf: [{ $ref: `#/definitions/d${n + 1}` }] }]),
        ["d20000", leaf],
      ]),
    });
    expect(changesOf(chain(text), chain(number))).toEqual(["unclassified "]);
  });

  it("may have many alternatives that are all different", () => {
    const alternatives = (word: string) => ({
      oneOf: Array.from({ length: 20_000 }, (_, n) => ({ const: `${word}${n}` })),
    });
    expect(changesOf(alternatives("a"), alternatives("b")).at(-1)).toBe("unclassified ");
  });

  it("may be as deep as definitions can make them", () => {
    const definitions = (leaf: unknown) =>
      Object.fromEntries([
        ...Array.from({ length: 5000 }, (_, n) => [`d${n}`, object({ a: { $ref: `#/definitions/d${n + 1}` } })]),
        ["d5000", leaf],
      ]);
    const schema = (leaf: unknown) => ({ $ref: "#/definitions/d0", definitions: definitions(leaf) });
    expect(changesOf(schema(text), schema(number))).toEqual(["unclassified "]);
  });

  it("show little of a long value", () => {
    const [change] = compareSchemas({ const: "x".repeat(100_000) }, { const: "y".repeat(100_000) });
    expect(change?.message.length).toBeLessThan(300);
  });
});
