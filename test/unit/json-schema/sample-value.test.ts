import { describe, expect, it } from "vitest";
import { FORMATS } from "../../../src/json-schema/formats/formats.ts";
import { SAMPLE_CHARS_MAX, SAMPLE_ITEMS_MAX } from "../../../src/json-schema/limits.ts";
import { sampleValue } from "../../../src/json-schema/samples/sample-value.ts";
import { compileGood, ifThen, readGroups } from "./schemas.ts";

const groups = readGroups().filter(({ tests }) => tests.some(({ valid }) => valid));
const text = { type: "string" };

describe("a sample", { timeout: 60_000 }, () => {
  it.each(groups)("matches its schema: $description", ({ schema }) => {
    expect(compileGood(schema).matches(sampleValue(schema))).toBe("valid");
  });

  it("is what the schema gives: an example before a default before a choice", () => {
    expect(sampleValue({ examples: ["a", "b"], default: "c", enum: ["a", "c"] })).toBe("a");
    expect(sampleValue({ example: "b", default: "c" })).toBe("b");
    expect(sampleValue({ default: null })).toBe(null);
    expect(sampleValue({ const: { a: [1] } })).toEqual({ a: [1] });
    expect(sampleValue({ type: "string", enum: [1, "x"] })).toBe("x");
    expect(sampleValue({ properties: { a: { examples: [7] }, b: { default: "x" } } })).toEqual({ a: 7, b: "x" });
  });

  it("is never an example that is wrong, as long as there is a right one", () => {
    expect(sampleValue({ type: "integer", examples: ["ten", 10] })).toBe(10);
    expect(sampleValue({ type: "integer", minimum: 3, examples: ["ten"], default: 1 })).toBe(3);
    expect(sampleValue({ required: ["id"], properties: { id: text }, examples: [{}] })).toEqual({ id: "text" });
  });

  it("shows all that an event may have", () => {
    const schema = {
      type: "object",
      required: ["id", "lines"],
      additionalProperties: false,
      properties: {
        id: { type: "string", format: "uuid" },
        placedAt: { type: "string", format: "date-time" },
        status: { enum: ["placed", "paid"] },
        number: { type: "string", pattern: "^SO-\\d{6}$" },
        note: { type: ["null", "string"], maxLength: 2 },
        lines: { type: "array", minItems: 2, items: { $ref: "#/definitions/line" } },
      },
      definitions: {
        line: {
          allOf: [{ properties: { sku: text } }, { properties: { price: { multipleOf: 0.05, minimum: 0.01 } } }],
        },
      },
    };
    expect(sampleValue(schema)).toEqual({
      id: FORMATS.get("uuid")?.sample,
      placedAt: FORMATS.get("date-time")?.sample,
      status: "placed",
      number: "SO-000000",
      note: "te",
      lines: [
        { sku: "text", price: 0.05 },
        { sku: "text", price: 0.05 },
      ],
    });
  });

  it.each([
    ["numbers between bounds", { type: "number", exclusiveMinimum: 0, exclusiveMaximum: 0.5 }],
    ["an integer between bounds", { type: "integer", exclusiveMinimum: 4, maximum: 5.5 }],
    ["a negative one", { type: "integer", maximum: -7 }],
    ["a multiple of an odd one", { minimum: 100, multipleOf: 0.07 }],
    ["a long text", { type: "string", minLength: 500 }],
    ["a short one of a pattern", { pattern: "[a-z]+\\d*", maxLength: 1 }],
    ["a long one of a pattern", { pattern: "^[a-z]+$", minLength: 50 }],
    ["alternatives of a pattern", { pattern: "^(?:a|bb|c{3})$", not: { pattern: "a|b" } }],
    ["characters of any script", { pattern: "^\\p{Lu}\\P{L}[^a-zA-Z0-9]é[中😀]$" }],
    ["look-arounds", { pattern: "^(?!a)[ab]{2}(?<!a)$" }],
    ["different items", { type: "array", items: text, minItems: 5, uniqueItems: true }],
    ["different items of few", { items: { enum: ["a", "b", "c"] }, minItems: 3, uniqueItems: true }],
    [
      "different objects",
      { items: { properties: { id: { format: "uuid" } }, required: ["id"] }, minItems: 3, uniqueItems: true },
    ],
    ["different numbers", { items: { type: "integer", minimum: 5 }, minItems: 9, uniqueItems: true }],
    ["an item that must be there", { items: { type: "integer" }, contains: { minimum: 7 }, minItems: 3 }],
    ["listed items and others", { items: [text, { type: "integer" }], additionalItems: { type: "null" }, minItems: 4 }],
    ["a number of members", { minProperties: 4, additionalProperties: { type: "integer" } }],
    ["members by pattern", { minProperties: 2, patternProperties: { "^x-\\w": text }, additionalProperties: false }],
    ["names of a form", { minProperties: 2, propertyNames: { pattern: "^[a-c]$" } }],
    ["few members", { properties: { a: text, b: text, c: text }, required: ["c"], maxProperties: 1 }],
    ["members that exclude each other", { properties: { a: text, b: text }, not: { required: ["a", "b"] } }],
    ["a member that no schema describes", { required: ["a", "__proto__"] }],
    ["the second alternative", { oneOf: [{ type: "string", maxLength: 0, minLength: 1 }, { type: "integer" }] }],
    [
      "alternatives in alternatives",
      { anyOf: [{ allOf: [false] }, { oneOf: [{ type: "null", not: {} }, { const: 5 }] }] },
    ],
    [
      "choices that must fit",
      { allOf: [{ oneOf: [text, { type: "null" }] }, { anyOf: [{ type: "array" }, { const: null }] }] },
    ],
    [
      "a condition",
      {
        properties: { a: { enum: [1, 2] }, b: {} },
        ...ifThen({ properties: { a: { const: 1 } } }, { required: ["b"] }),
      },
    ],
    ["dependencies", { properties: { a: text, b: text }, dependencies: { a: ["c"], b: { required: ["d"] } } }],
    ["what is not", { not: { type: ["string", "object"] } }],
    [
      "a schema that refers to itself",
      { properties: { next: { $ref: "#" }, all: { items: { $ref: "#" } }, id: text } },
    ],
    [
      "one that must refer to itself",
      { required: ["a"], properties: { a: { anyOf: [{ $ref: "#" }, { type: "null" }] } } },
    ],
    [
      "a named one of many",
      { discriminator: "t", oneOf: [{ $ref: "#/definitions/A" }], definitions: { A: { properties: { t: text } } } },
    ],
    [
      "an heir",
      {
        $ref: "#/definitions/Cat",
        definitions: {
          Pet: { discriminator: "t", properties: { t: text }, required: ["t"] },
          Cat: { allOf: [{ $ref: "#/definitions/Pet" }] },
        },
      },
    ],
  ])("matches %s", (_, schema) => {
    const validator = compileGood(schema);
    const sample = sampleValue(schema);
    expect(validator.validate(sample), JSON.stringify(sample)).toEqual({ outcome: "valid" });
  });

  it("of each format is one", () => {
    for (const [format, { holds, sample }] of FORMATS) {
      expect(holds(sample), format).toBe(true);
      expect(sampleValue({ format })).toBe(sample);
    }
  });

  it("of a tree is small", () => {
    const tree = {
      type: "object",
      properties: { name: text, children: { type: "array", items: { $ref: "#" } }, parent: { $ref: "#" } },
    };
    expect(sampleValue(tree)).toEqual({ name: "text", children: [] });
  });

  it("of what nothing can match is something still", () => {
    expect(sampleValue({ properties: { a: text }, required: ["b"], propertyNames: { const: "a" } })).toBeDefined();
    expect(sampleValue({ type: "string", minLength: 2, maxLength: 1 })).toBeTypeOf("string");
    expect(sampleValue({ type: "text", properties: 5, required: "x", items: [1], enum: {} })).toBe(null);
    for (const schema of [false, 5, null, [], "x", { $ref: "#" }, { $ref: "https://a.example/" }, { pattern: "(" }]) {
      expect(JSON.stringify(sampleValue(schema))).toBeTypeOf("string");
    }
  });

  it.each([
    ["must double without end", { required: ["a", "b"], properties: { a: { $ref: "#" }, b: { $ref: "#" } } }],
    ["has alternatives without end", { required: ["a"], properties: { a: { oneOf: Array(30).fill({ $ref: "#" }) } } }],
    [
      "has very many items",
      { minItems: 1e9, items: { minItems: 1e9, items: { minItems: 1e9, items: { minLength: 1e9 } } } },
    ],
    ["has very many members", { minProperties: 1e9, additionalProperties: { minProperties: 1e9 } }],
    ["repeats very often", { pattern: "^((a{99}){99}){99}(b|c)*$" }],
    [
      "is as deep as it may be",
      Array.from({ length: 75 }).reduce((inner) => ({ properties: { a: inner }, required: ["a"] }), {}),
    ],
    ["has a large example in each item", { minItems: 90, items: { examples: ["x".repeat(50_000)] } }],
  ])("of a schema that %s has a bound", (_, schema) => {
    const sample = JSON.stringify(sampleValue(schema));
    expect(sample.length).toBeLessThan(2 * SAMPLE_CHARS_MAX);
    expect(sample.split("[").length).toBeLessThan(SAMPLE_ITEMS_MAX * SAMPLE_ITEMS_MAX + 10);
  });
});
