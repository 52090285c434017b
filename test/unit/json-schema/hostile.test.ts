import { describe, expect, it } from "vitest";
import { SCHEMA_DEPTH_MAX, SCHEMA_VALUES_MAX, VALIDATION_STEPS_MAX } from "../../../src/json-schema/limits.ts";
import { compileGood, faultOf, ifThen, outcomeOf, violationsOf } from "./schemas.ts";

const SLOW = { timeout: 60_000 }; // beside other tests, on a busy machine

const repeat = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));

const nest = (depth: number, wrap: (inner: unknown) => unknown, innermost: unknown): unknown => {
  let value = innermost;
  for (let n = 0; n < depth; n++) value = wrap(value);
  return value;
};

const namesOf = <T>(count: number, value: T): Record<string, T> =>
  Object.fromEntries(repeat(count, (n) => [`m${n}`, value]));

const inObject = (inner: unknown): unknown => ({ a: inner });
const inArray = (inner: unknown): unknown => [inner];

describe("a hostile schema", SLOW, () => {
  it("may not be too large, nor too deep", () => {
    const wide = (count: number) => ({ enum: repeat(count, (n) => n) });
    compileGood(wide(SCHEMA_VALUES_MAX - 2));
    expect(faultOf(wide(SCHEMA_VALUES_MAX - 1)).reason).toBe("schema_too_large");
    const deep = (depth: number) => nest(depth, (inner) => ({ not: inner }), true);
    compileGood(deep(SCHEMA_DEPTH_MAX));
    expect(faultOf(deep(SCHEMA_DEPTH_MAX + 1)).reason).toBe("schema_too_large");
    expect(faultOf(nest(100_000, inArray, 1)).reason).toBe("schema_too_large");
  });

  it("may be as large as it may be, of any kind of schema", () => {
    const names = repeat(9_000, (n) => `p${n}`);
    const schema = {
      properties: Object.fromEntries(names.map((name) => [name, { type: "string", minLength: 1 }])),
      dependencies: Object.fromEntries(names.slice(0, 5_000).map((name) => [name, [name]])),
      required: names.slice(0, 5_000),
    };
    const value = Object.fromEntries(names.map((name) => [name, name]));
    expect(outcomeOf(schema, value)).toBe("valid");
    expect(outcomeOf(schema, { ...value, p8999: "" })).toBe("invalid");
  });

  it.each(["allOf", "anyOf", "oneOf", "items"])("may have as many schemas in %s as it may have values", (keyword) => {
    const schemas = [...repeat(SCHEMA_VALUES_MAX / 2 - 10, () => ({ const: 1 })), {}];
    expect(outcomeOf({ [keyword]: schemas }, keyword === "items" ? [1] : 1)).toBe(
      keyword === "oneOf" ? "invalid" : "valid",
    );
    expect(outcomeOf({ dependencies: Object.fromEntries(schemas.entries()) }, 1)).toBe("valid");
  });

  it.each([
    ["allOf", "valid"],
    ["anyOf", "exhausted"],
    ["oneOf", "exhausted"],
  ])("that doubles with each of its %s ends by its budget", (keyword, small) => {
    const doubling = (levels: number) => {
      const links = repeat(levels, (n) => {
        const next = { $ref: `#/definitions/d${n + 1}` };
        return [`d${n}`, { [keyword]: [next, next] }];
      });
      const last = keyword === "allOf";
      return { $ref: "#/definitions/d0", definitions: { ...Object.fromEntries(links), [`d${levels}`]: last } };
    };
    expect(outcomeOf(doubling(10), 1)).toBe(small === "valid" ? "valid" : "invalid");
    const validator = compileGood(doubling(100));
    expect(validator.matches(1, { steps: 10_000 })).toBe("exhausted");
    expect(validator.validate(1)).toEqual({ outcome: "exhausted" });
  });

  it("is not saved by its not", () => {
    const links = repeat(50, (n) => {
      const next = { $ref: `#/definitions/d${n + 1}` };
      return [`d${n}`, { anyOf: [next, next] }];
    });
    const definitions = { ...Object.fromEntries(links), d50: false };
    const d0 = { $ref: "#/definitions/d0" };
    for (const schema of [
      { not: d0 },
      ifThen(d0, false),
      { contains: { not: d0 } },
      { items: { oneOf: [d0, true] } },
    ]) {
      expect(compileGood({ ...schema, type: "array", definitions }).matches([1], { steps: 10_000 })).toBe("exhausted");
    }
  });
});

describe("a hostile value", SLOW, () => {
  it.each([
    ["members", { properties: { a: { $ref: "#" } } }, inObject],
    ["members by pattern", { patternProperties: { "^a": { $ref: "#" } }, minProperties: 0 }, inObject],
    ["any members", { additionalProperties: { $ref: "#" } }, inObject],
    ["items", { items: { $ref: "#" }, minItems: 0 }, inArray],
    ["contained items", { contains: { $ref: "#" } }, inArray],
    ["alternatives", { properties: { a: { anyOf: [{ $ref: "#" }] } }, minProperties: 0 }, inObject],
    ["conditions", { properties: { a: ifThen({ $ref: "#" }, true) }, minProperties: 0 }, inObject],
    ["what is excluded", { properties: { a: { not: { not: { $ref: "#" } } } } }, inObject],
  ])("may be as deep as an event is, and deeper ones are exhausted before the stack is: %s", (_, schema, wrap) => {
    const validator = compileGood(schema);
    // The innermost is nothing that `contains` asks anything of.
    expect(validator.matches(nest(150, wrap, "x"))).toBe("valid");
    expect(validator.matches(nest(20_000, wrap, "x"))).toBe("exhausted");
    expect(validator.validate(nest(20_000, wrap, "x"))).toEqual({ outcome: "exhausted" });
  });

  it("is as deep as events may be for a schema that refers to itself in a choice at each level", () => {
    const json = {
      anyOf: [
        { type: ["string", "number", "boolean", "null"] },
        { type: "array", items: { $ref: "#" } },
        { type: "object", additionalProperties: { $ref: "#" } },
      ],
    };
    expect(outcomeOf(json, nest(256, inObject, "x"))).toBe("valid");
    expect(outcomeOf(json, nest(256, inArray, "x"))).toBe("valid");
  });

  it("may be deep where items are compared", () => {
    const deep = (innermost: number) => nest(250, inArray, innermost);
    expect(outcomeOf({ uniqueItems: true }, [deep(1), deep(2)])).toBe("valid");
    expect(outcomeOf({ uniqueItems: true }, [deep(1), deep(1)])).toBe("invalid");
    expect(outcomeOf({ uniqueItems: true }, [nest(20_000, inArray, 1)])).toBe("exhausted");
    expect(outcomeOf({ const: nest(100, inArray, 1) }, nest(20_000, inArray, 1))).toBe("invalid");
  });

  it("may have a hundred thousand items", () => {
    const numbers = repeat(100_000, (n) => n);
    const objects = numbers.slice(0, 30_000).map((n) => ({ id: n, name: "x" }));
    expect(outcomeOf({ items: { type: "integer" }, uniqueItems: true, contains: { const: 99_999 } }, numbers)).toBe(
      "valid",
    );
    expect(outcomeOf({ uniqueItems: true }, [...numbers, 5])).toBe("invalid");
    expect(outcomeOf({ uniqueItems: true }, objects)).toBe("valid");
    expect(outcomeOf({ uniqueItems: true }, [...objects, { name: "x", id: 77 }])).toBe("invalid");
    expect(violationsOf({ uniqueItems: true }, [...objects, { name: "x", id: 77 }])[0]?.pointer).toBe("/30000");
  });

  it("may have a hundred thousand members", () => {
    const members = Object.fromEntries(repeat(100_000, (n) => [`m${n}`, n]));
    const schema = { additionalProperties: { type: "integer" }, propertyNames: { maxLength: 7 }, required: ["m99999"] };
    expect(outcomeOf(schema, members)).toBe("valid");
    expect(outcomeOf(schema, { ...members, m: "x" })).toBe("invalid");
  });

  it("is compared with few steps, however many ways there are to compare it", () => {
    const budget = { steps: VALIDATION_STEPS_MAX };
    const large = repeat(1_000, (n) => ({ n }));
    const schema = { items: { enum: repeat(2_000, (n) => ({ n: n + 5_000 })) } };
    expect(compileGood(schema).matches(large, budget)).toBe("invalid");
    expect(VALIDATION_STEPS_MAX - budget.steps).toBeLessThan(10_000);
  });

  it.each([
    ["a text that is compared", { const: "x".repeat(40_000) }, "x".repeat(40_000), 2_500],
    ["a text of a format", { format: "uri" }, `a:${"x".repeat(40_000)}`, 40_000],
    ["a text that is matched", { pattern: "^x*$" }, "x".repeat(40_000), 40_000],
    ["numbers that are unique", { uniqueItems: true }, repeat(2_000, (n) => n), 2_000],
    ["texts that are unique", { uniqueItems: true }, [["x".repeat(40_000)]], 20_000],
    ["members", { additionalProperties: true }, Object.fromEntries(repeat(2_000, (n) => [n, n])), 2_000],
    ["items", { items: {} }, repeat(2_000, (n) => n), 2_000],
    ["items that may be anything", { items: true }, repeat(2_000, (n) => n), 2_000],
    ["items that may be nothing", { not: { contains: false } }, repeat(2_000, (n) => n), 2_000],
    ["members that are counted", { minProperties: 2 }, namesOf(2_000, 1), 2_000],
    ["members that are few enough", { maxProperties: 2_000 }, namesOf(2_000, 1), 2_000],
    ["members that are compared", { enum: [{ a: 1 }, namesOf(2_000, 1)] }, namesOf(2_000, 1), 4_000],
    ["members of what is no such constant", { not: { const: { a: 1 } } }, namesOf(2_000, 1), 2_000],
    ["long texts that are unique", { uniqueItems: true }, ["x".repeat(40_000)], 2_500],
    ["schemas that say nothing", { allOf: repeat(2_000, () => true) }, 1, 2_000],
    ["alternatives that are none", { anyOf: [...repeat(2_000, () => false), true] }, 1, 2_000],
    ["dependencies of what is not there", { dependencies: namesOf(2_000, []) }, {}, 2_000],
    ["schemas for what is not there", { dependencies: namesOf(2_000, false) }, {}, 2_000],
    ["numbers of hundreds of digits", { items: { multipleOf: 1e-300 } }, Array(100).fill(1.7e308), 5_000],
  ])("pays for %s", (_, schema, value, least) => {
    const validator = compileGood({ allOf: Array(20).fill(schema) });
    const budget = { steps: 50_000_000 };
    expect(validator.matches(value, budget)).toBe("valid");
    expect(50_000_000 - budget.steps).toBeGreaterThan(20 * least);
    expect(validator.matches(value, { steps: 10 * least })).toBe("exhausted");
  });
});

describe("a budget", () => {
  it("may be shared by several values", () => {
    const validator = compileGood({ items: { type: "integer" } });
    const budget = { steps: 1_000 };
    const items = repeat(300, (n) => n);
    expect(repeat(5, () => validator.matches(items, budget))).toEqual([
      "valid",
      "valid",
      "valid",
      "exhausted",
      "exhausted",
    ]);
  });

  it("is as large for saying why as for knowing whether, and never makes an invalid value another", () => {
    const validator = compileGood({ allOf: [{ items: { type: "integer" } }, { minItems: 1_000 }] });
    const verdict = validator.validate(["x", ...repeat(500, (n) => n)], { steps: 10 });
    expect(verdict).toMatchObject({ outcome: "invalid", violations: [{ pointer: "/0", keyword: "type" }] });
    const hidden = compileGood({ anyOf: [{ items: { type: "integer" } }] });
    expect(hidden.validate(Array(50).fill("x"), { steps: 10 })).toEqual({
      outcome: "invalid",
      violations: [{ pointer: "", keyword: "", message: "does not match the schema" }],
    });
  });
});
