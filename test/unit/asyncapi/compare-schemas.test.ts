import { describe, expect, it } from "vitest";
import { compareSchemas } from "../../../src/asyncapi/compare/compare-schemas.ts";
import { type Case, changesOf, NESTED, nested, number, object, text } from "./compare-cases.ts";

const order = object({ id: text, total: number, note: text }, ["id", "total"]);
const { note: _, ...withoutNote } = order.properties;

describe("properties", () => {
  it.each<Case>([
    ["unchanged", order, order, []],
    [
      "new and optional",
      order,
      object({ ...order.properties, vin: text }, order.required),
      ["non-breaking /properties/vin"],
    ],
    [
      "new and required",
      order,
      object({ ...order.properties, vin: text }, ["id", "total", "vin"]),
      ["breaking /properties/vin"],
    ],
    ["gone", order, object(withoutNote, order.required), ["breaking /properties/note"]],
    ["gone, and it was required", order, object({ total: number, note: text }, ["total"]), ["breaking /properties/id"]],
    ["renamed", object({ a: text }), object({ b: text }), ["non-breaking /properties/b", "breaking /properties/a"]],
    ["no longer required", order, object(order.properties, ["id"]), ["breaking /required"]],
    ["required now", order, object(order.properties, ["id", "total", "note"]), ["breaking /required"]],
    ["required without being described", object({}), object({}, ["a"]), ["breaking /required"]],
    ["required before, described now", object({}, ["a"]), object({ a: text }, ["a"]), ["non-breaking /properties/a"]],
    ["deep within", nested(order), nested(object(withoutNote, order.required)), [`breaking ${NESTED}/properties/note`]],
    [
      "named like what every object has",
      object({}),
      object({ constructor: text, toString: text }, ["toString"]),
      ["non-breaking /properties/constructor", "breaking /properties/toString"],
    ],
    [
      "named __proto__",
      JSON.parse('{"properties":{"__proto__":{"type":"string"}}}'),
      JSON.parse('{"properties":{"__proto__":{"type":"number"}}}'),
      ["breaking /properties/__proto__/type"],
    ],
  ])("%s", (_, before, after, changes) => {
    expect(changesOf(before, after)).toEqual(changes);
  });

  it.each<Case>([
    [
      "closed for all others",
      object({}, [], { additionalProperties: false }),
      object({ a: text }, [], { additionalProperties: false }),
      ["breaking /properties/a"],
    ],
    [
      "that fits what others had to be",
      { additionalProperties: text },
      { properties: { a: text }, additionalProperties: text },
      ["non-breaking /properties/a"],
    ],
    [
      "that does not fit it",
      { additionalProperties: text },
      { properties: { a: number }, additionalProperties: text },
      ["non-breaking /properties/a", "breaking /properties/a/type"],
    ],
    [
      "beside patterns",
      { patternProperties: { "^x": text } },
      { properties: { x: number }, patternProperties: { "^x": text } },
      ["unclassified /properties/x"],
    ],
    [
      "where others are merely described",
      { additionalProperties: { description: "more" } },
      { properties: { a: text }, additionalProperties: { description: "more" } },
      ["non-breaking /properties/a"],
    ],
  ])("a new one in an object %s", (_, before, after, changes) => {
    expect(changesOf(before, after)).toEqual(changes);
  });

  it.each<Case>([
    ["opened", { additionalProperties: false }, {}, ["breaking /additionalProperties"]],
    ["closed", {}, { additionalProperties: false }, ["breaking /additionalProperties"]],
    [
      "constrained",
      { additionalProperties: true },
      { additionalProperties: text },
      ["breaking /additionalProperties/type"],
    ],
    [
      "changed",
      { additionalProperties: text },
      { additionalProperties: number },
      ["breaking /additionalProperties/type"],
    ],
    ["opened by saying so", {}, { additionalProperties: true }, []],
    ["still closed", { additionalProperties: false }, { additionalProperties: false }, []],
  ])("all others %s", (_, before, after, changes) => {
    expect(changesOf(before, after)).toEqual(changes);
  });
});

describe("types and values", () => {
  it.each<Case>([
    ["another type", text, number, ["breaking /type"]],
    [
      "another type, with all that goes with it",
      { type: "string", minLength: 1, pattern: "x" },
      { type: "integer", minimum: 1 },
      ["breaking /type"],
    ],
    ["a type more", text, { type: ["string", "null"] }, ["breaking /type"]],
    ["a type less", { type: ["string", "null"] }, text, ["breaking /type"]],
    ["a number that must be an integer", number, { type: "integer" }, ["breaking /type"]],
    ["an integer that may be any number", { type: "integer" }, number, ["breaking /type"]],
    ["a type where there was none", {}, text, ["breaking /type"]],
    ["no type where there was one", text, {}, ["breaking /type"]],
    ["a list of one type", text, { type: ["string"] }, []],
    ["types in another order", { type: ["string", "null"] }, { type: ["null", "string"] }, []],
    ["a number beside an integer", { type: ["integer", "number"] }, number, []],
    ["all types named", { type: ["null", "boolean", "object", "array", "string", "number"] }, {}, []],
    ["a value added", { enum: ["a"] }, { enum: ["a", "b"] }, ["breaking /enum"]],
    ["a value removed", { enum: ["a", "b"] }, { enum: ["a"] }, ["breaking /enum"]],
    ["a value replaced", { enum: ["a", "b"] }, { enum: ["a", "c"] }, ["breaking /enum", "breaking /enum"]],
    ["values in another order", { enum: ["a", { x: 1, y: 2 }] }, { enum: [{ y: 2, x: 1 }, "a"] }, []],
    ["values listed now", text, { type: "string", enum: ["a"] }, ["breaking /enum"]],
    ["values no longer listed", { type: "string", enum: ["a"] }, text, ["breaking /enum"]],
    ["the type of the listed values said", { enum: ["a", "b"] }, { type: "string", enum: ["a", "b"] }, []],
    ["a value that the type rules out", { type: "string", enum: ["a"] }, { type: "string", enum: ["a", null] }, []],
    [
      "null among the values and the types",
      { type: "string", enum: ["a"] },
      { type: ["string", "null"], enum: ["a", null] },
      ["breaking /type", "breaking /enum"],
    ],
    ["a constant", { const: 1 }, { const: 2 }, ["breaking /const", "breaking /const"]],
    ["a constant for one listed value", { enum: ["a"] }, { const: "a" }, []],
    ["a constant among others now", { const: "a" }, { enum: ["a", "b"] }, ["breaking /enum"]],
    ["a constant null", { const: null }, {}, ["breaking /const"]],
    ["1 and 1.0", { enum: [1] }, JSON.parse('{"enum":[1.0]}'), []],
  ])("%s", (_, before, after, changes) => {
    expect(changesOf(before, after)).toEqual(changes);
  });
});

describe("bounds and formats", () => {
  const bounds = ["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf"];
  const counts = ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"];
  const texts = ["format", "pattern", "contentEncoding", "contentMediaType"];

  it.each([...bounds, ...counts])("%s breaks whichever way it moves", (keyword) => {
    for (const [before, after] of [
      [3, 4],
      [4, 3],
      [undefined, 3],
      [3, undefined],
    ]) {
      expect(changesOf(nested({ [keyword]: before }), nested({ [keyword]: after }))).toEqual([
        `breaking ${NESTED}/${keyword}`,
      ]);
    }
  });

  it.each(texts)("%s breaks however it changes", (keyword) => {
    for (const [before, after] of [
      ["date", "time"],
      [undefined, "date"],
      ["date", undefined],
    ]) {
      expect(changesOf({ type: "string", [keyword]: before }, { type: "string", [keyword]: after })).toEqual([
        `breaking /${keyword}`,
      ]);
    }
  });

  it.each<Case>([
    ["repeated items allowed", { uniqueItems: true }, { uniqueItems: false }, ["breaking /uniqueItems"]],
    ["repeated items ruled out", { type: "array" }, { type: "array", uniqueItems: true }, ["breaking /uniqueItems"]],
    ["what goes without saying", {}, { minLength: 0, minItems: 0, minProperties: 0, uniqueItems: false }, []],
    [
      "a bound of a type that no value has",
      { type: "string", maximum: 1 },
      { type: "string", maximum: 2, minItems: 4 },
      [],
    ],
    [
      "the format of a number",
      { type: "integer", format: "int32" },
      { type: "integer", format: "int64" },
      ["breaking /format"],
    ],
  ])("%s", (_, before, after, changes) => {
    expect(changesOf(before, after)).toEqual(changes);
  });

  it("tells which way, and from what to what", () => {
    const messageOf = (before: object, after: object) => compareSchemas(before, after)[0]?.message;
    expect(messageOf({ maxLength: 3 }, { maxLength: 4 })).toMatch(/was 3, and is 4: subscribers may get/);
    expect(messageOf({ maxLength: 4 }, { maxLength: 3 })).toMatch(/was 4, and is 3: events of the old version/);
    expect(messageOf({ minLength: 4 }, { minLength: 3 })).toMatch(/subscribers may get/);
    expect(messageOf({}, { minLength: 3 })).toMatch(
      /is new \(3\): events of the old version|was 0, and is 3: events of the old version/,
    );
    expect(messageOf({ pattern: "x" }, {})).toMatch(/is gone \(it was "x"\): subscribers may get/);
    expect(messageOf({ enum: ["a"] }, { enum: ["a", "b", "c", "d", "e", "f", "g"] })).toContain(
      '"b", "c", "d", "e", "f", 1 more',
    );
  });
});

describe("lists", () => {
  const tuple = (items: unknown[], rest = {}) => ({ type: "array", items, ...rest });
  it.each<Case>([
    ["other items", { items: text }, { items: number }, ["breaking /items/type"]],
    ["items described", { type: "array" }, { type: "array", items: text }, ["breaking /items/type"]],
    ["items no longer described", { items: text }, {}, ["breaking /items/type"]],
    ["items ruled out", { items: true }, { items: false }, ["breaking /items"]],
    ["an item of a tuple", tuple([text, text]), tuple([text, number]), ["breaking /items/1/type"]],
    [
      "a tuple that says more",
      tuple([text], { additionalItems: text }),
      tuple([text, number], { additionalItems: text }),
      ["breaking /items/1/type"],
    ],
    ["a tuple that says the same", tuple([text], { additionalItems: text }), { type: "array", items: text }, []],
    ["what follows a tuple", tuple([text], { additionalItems: false }), tuple([text]), ["breaking /additionalItems"]],
    ["a word without meaning", { items: text, additionalItems: false }, { items: text }, []],
  ])("%s", (_, before, after, changes) => {
    expect(changesOf(before, after)).toEqual(changes);
  });
});
