import { describe, expect, it } from "vitest";
import { MESSAGE_CHARS_MAX } from "../../../src/json-schema/limits.ts";
import { compileGood, faultOf } from "./schemas.ts";

describe("a schema", () => {
  it.each([null, 1, "x", [], [{}], undefined])("may not be %j", (schema) => {
    expect(faultOf(schema)).toMatchObject({ reason: "schema_malformed", pointer: "" });
  });

  it.each([
    ["type", "text"],
    ["type", []],
    ["type", ["string", 1]],
    ["type", null],
    ["enum", "a"],
    ["minimum", "1"],
    ["maximum", null],
    ["exclusiveMinimum", true],
    ["exclusiveMaximum", {}],
    ["multipleOf", 0],
    ["multipleOf", -1],
    ["multipleOf", "2"],
    ["minLength", -1],
    ["maxLength", 1.5],
    ["pattern", 1],
    ["format", ["date"]],
    ["items", 1],
    ["items", [{}, 1]],
    ["minItems", "1"],
    ["maxItems", -1],
    ["uniqueItems", "yes"],
    ["contains", []],
    ["properties", []],
    ["properties", { a: 1 }],
    ["patternProperties", { a: null }],
    ["additionalProperties", "none"],
    ["propertyNames", 1],
    ["required", "a"],
    ["required", [1]],
    ["required", true],
    ["minProperties", null],
    ["maxProperties", {}],
    ["dependencies", { a: "b" }],
    ["dependencies", { a: [1] }],
    ["allOf", {}],
    ["allOf", []],
    ["anyOf", []],
    ["oneOf", [1]],
    ["not", "x"],
    ["if", 1],
    ["then", 1],
    ["$ref", 1],
  ])("may not have %s: %j", (keyword, value) => {
    const schema = { if: true, [keyword]: value };
    expect(faultOf({ properties: { a: schema } })).toMatchObject({
      reason: "schema_malformed",
      pointer: `/properties/a/${keyword}`,
    });
  });

  it("is said to be wrong in few words", () => {
    const name = "n".repeat(10_000);
    for (const schema of [{ $ref: name }, { type: name }, { pattern: `(${name}` }, { pattern: "(a)\\1" }]) {
      expect(faultOf(schema).message.length).toBeLessThanOrEqual(MESSAGE_CHARS_MAX);
    }
  });

  it("may have what says nothing of a value in any form", () => {
    const schema = {
      title: 1,
      description: [],
      $schema: {},
      $comment: 5,
      examples: {},
      default: "x",
      discriminator: { propertyName: "a" },
    };
    expect(compileGood(schema).matches({ a: 1 })).toBe("valid");
  });

  it("is not looked at where nothing refers to it", () => {
    const definitions = { bad: { type: "text" }, external: { $ref: "https://a.example/" } };
    expect(compileGood({ definitions }).matches(1)).toBe("valid");
    expect(faultOf({ definitions, items: { $ref: "#/definitions/bad" } }).pointer).toBe("/definitions/bad/type");
  });

  it("may be a part of another that stands in it twice", () => {
    const text = { type: "string" };
    const validator = compileGood({ properties: { a: text, b: text }, additionalProperties: text });
    expect([validator.matches({ a: "x", c: "y" }), validator.matches({ b: 1 })]).toEqual(["valid", "invalid"]);
  });

  it("stays as it was", () => {
    const schema = {
      $id: "https://a.example/x",
      properties: { a: { $ref: "#/definitions/b" } },
      definitions: { b: { pattern: "a" } },
    };
    const before = JSON.stringify(schema);
    compileGood(schema).validate({ a: "b" });
    expect(JSON.stringify(schema)).toBe(before);
  });
});
