import { describe, expect, it } from "vitest";
import { compileSchema } from "../../../src/json-schema/compile-schema.ts";
import { readGroups } from "./schemas.ts";

const groups = readGroups();

describe("JSON Schema draft-07", () => {
  it("has a case for every keyword that is checked", () => {
    const text = JSON.stringify(groups.map(({ schema }) => schema));
    const keywords = [
      ...["type", "const", "enum", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
      ...["minLength", "maxLength", "pattern", "format", "items", "additionalItems", "minItems", "maxItems"],
      ...["uniqueItems", "contains", "properties", "required", "additionalProperties", "patternProperties"],
      ...["propertyNames", "minProperties", "maxProperties", "dependencies", "allOf", "anyOf", "oneOf", "not"],
      ...["if", "then", "else", "$ref", "definitions"],
    ];
    expect(keywords.filter((keyword) => !text.includes(`"${keyword}":`))).toEqual([]);
    expect(groups.flatMap(({ tests }) => tests).length).toBeGreaterThan(600);
  });

  describe.each(groups)("$description", ({ schema, tests }) => {
    const compiled = compileSchema(schema);
    it.each(tests)("$description: $valid", ({ data, valid }) => {
      if (!compiled.ok) expect.unreachable(compiled.error.message);
      const verdict = compiled.value.validate(data);
      expect(verdict.outcome).toBe(valid ? "valid" : "invalid");
      expect(compiled.value.matches(data)).toBe(verdict.outcome);
      if (verdict.outcome === "invalid") expect(verdict.violations).not.toEqual([]);
    });
  });
});
