import { describe, expect, it } from "vitest";
import { MESSAGE_CHARS_MAX, VIOLATION_POINTER_CHARS_MAX, VIOLATIONS_MAX } from "../../../src/json-schema/limits.ts";
import { compileGood, ifThen, violationsOf } from "./schemas.ts";

const shortOf = (schema: unknown, value: unknown) =>
  violationsOf(schema, value).map(({ pointer, keyword }) => `${keyword} ${pointer}`);

describe("a violation", () => {
  it("says where, by which keyword, and what would be right", () => {
    const schema = {
      required: ["id"],
      properties: {
        lines: { items: { properties: { quantity: { type: "integer", minimum: 1 } } } },
        "a/b~c": { enum: ["x", 2] },
      },
    };
    const value = { lines: [{ quantity: 1 }, { quantity: 0 }, { quantity: "two" }], "a/b~c": "y" };
    expect(violationsOf(schema, value)).toEqual([
      { pointer: "/lines/1/quantity", keyword: "minimum", message: "must be 1 or more" },
      { pointer: "/lines/2/quantity", keyword: "type", message: "must be an integer" },
      { pointer: "/a~1b~0c", keyword: "enum", message: 'must be one of "x", 2' },
      { pointer: "", keyword: "required", message: 'must have "id"' },
    ]);
  });

  it.each([
    [{ type: ["string", "null"] }, 1, "type ", "must be a string or null"],
    [{ const: { a: 1 } }, 1, "const ", 'must be {"a":1}'],
    [{ maximum: 2 }, 3, "maximum ", "must be 2 or less"],
    [{ exclusiveMinimum: 2 }, 2, "exclusiveMinimum ", "must be more than 2"],
    [{ exclusiveMaximum: 2 }, 2, "exclusiveMaximum ", "must be less than 2"],
    [{ multipleOf: 0.01 }, 0.001, "multipleOf ", "must be a multiple of 0.01"],
    [{ minLength: 2 }, "a", "minLength ", "must have 2 or more characters"],
    [{ maxLength: 0 }, "a", "maxLength ", "must have 0 or fewer characters"],
    [{ pattern: "^b" }, "a", "pattern ", 'must match the pattern "^b"'],
    [{ format: "date" }, "a", "format ", "must be a date, YYYY-MM-DD"],
    [{ minItems: 1 }, [], "minItems ", "must have 1 or more items"],
    [{ maxItems: 0 }, [1], "maxItems ", "must have 0 or fewer items"],
    [{ uniqueItems: true }, [1, 2, 1], "uniqueItems /2", "is the same as an item before it"],
    [{ contains: { const: 1 } }, [2], "contains ", "must have an item that it does not have"],
    [{ items: [{}], additionalItems: false }, [1, 2], "additionalItems /1", "is not allowed"],
    [{ minProperties: 1 }, {}, "minProperties ", "must have 1 or more properties"],
    [{ maxProperties: 0 }, { a: 1 }, "maxProperties ", "must have 0 or fewer properties"],
    [{ additionalProperties: false }, { a: 1 }, "additionalProperties /a", "is not allowed"],
    [{ propertyNames: { maxLength: 1 } }, { ab: 1 }, "propertyNames /ab", "has a name that the schema excludes"],
    [{ dependencies: { a: ["b"] } }, { a: 1 }, "dependencies ", 'must have "b", because it has "a"'],
    [{ not: {} }, 1, "not ", "has a form that the schema excludes"],
    [{ anyOf: [{ minimum: 2 }, { minimum: 3 }] }, 1, "anyOf ", "matches none of the alternatives"],
    [{ oneOf: [{ minimum: 2 }, { minimum: 3 }] }, 4, "oneOf ", "matches more than one of the alternatives"],
    [ifThen({}, { type: "null" }), 1, "type ", "must be null"],
    [{ properties: { a: false } }, { a: 1 }, "false /a", "is not allowed"],
  ])("of %j by %j reads %s: %s", (schema, value, place, message) => {
    const violations = violationsOf(schema, value);
    expect(violations.map(({ pointer, keyword }) => `${keyword} ${pointer}`)).toEqual([place]);
    expect(violations[0]?.message).toBe(message);
  });

  it("of an alternative that alone can have been meant is the alternative's own", () => {
    const nullable = {
      anyOf: [{ type: "null" }, { type: "object", required: ["id"], properties: { id: { type: "string" } } }],
    };
    expect(shortOf({ items: nullable }, [{ id: 1 }, {}, 5])).toEqual(["type /0/id", "required /1", "anyOf /2"]);
    const kinds = {
      oneOf: [
        { type: "string", minLength: 2 },
        { type: "array", items: { type: "integer" } },
      ],
    };
    expect(shortOf(kinds, "a")).toEqual(["minLength "]);
    expect(shortOf(kinds, [1, "a", "b"])).toEqual(["type /1", "type /2"]);
  });

  it("is said once, however many schemas say it", () => {
    const text = { type: "string" };
    expect(shortOf({ allOf: [text, text, { $ref: "#/definitions/t" }], definitions: { t: text } }, 1)).toEqual([
      "type ",
    ]);
  });

  it("of what was looked at to decide something is not said", () => {
    const schema = {
      ...ifThen({ type: "string" }, {}),
      else: { not: { maximum: 0 }, contains: {} },
      anyOf: [{ type: "string" }, {}],
    };
    expect(compileGood(schema).validate(1)).toEqual({ outcome: "valid" });
  });

  it("stands in a short list", () => {
    const violations = violationsOf({ items: { type: "string" } }, Array(1000).fill(0));
    expect(violations).toHaveLength(VIOLATIONS_MAX);
    expect(violations.at(-1)?.pointer).toBe(`/${VIOLATIONS_MAX - 1}`);
    const names = Array.from({ length: 1000 }, (_, index) => `n${index}`);
    expect(violationsOf({ required: names }, {})).toHaveLength(VIOLATIONS_MAX);
    const dependencies = Object.fromEntries(names.map((name) => [name, ["x"]]));
    expect(violationsOf({ dependencies }, Object.fromEntries(names.map((name) => [name, 1])))).toHaveLength(
      VIOLATIONS_MAX,
    );
  });

  it("quotes little of the schema and nothing of the value", () => {
    const secret = "s3cret".repeat(10_000);
    const schema = {
      properties: {
        a: { pattern: `^${"x".repeat(3000)}` },
        b: { enum: Array.from({ length: 500 }, (_, n) => `value ${n}`) },
        c: { const: secret.toUpperCase() },
        d: { format: "uri" },
        e: { multipleOf: 2 },
      },
      required: ["r".repeat(10_000)],
      additionalProperties: { maxLength: 5 },
    };
    const violations = violationsOf(schema, { a: secret, b: secret, c: secret, d: secret, e: 1_234_567, f: secret });
    expect(violations).toHaveLength(7);
    for (const { message } of violations) {
      expect(message.length).toBeLessThanOrEqual(MESSAGE_CHARS_MAX);
      expect(message).not.toMatch(/s3cret|1234567/);
    }
  });

  it("leads as near to the place as a short pointer can", () => {
    const long = "n".repeat(VIOLATION_POINTER_CHARS_MAX);
    const leaf = { additionalProperties: { additionalProperties: { type: "string" } } };
    expect(violationsOf(leaf, { a: { [long]: 1 } })[0]?.pointer).toBe("/a");
    expect(violationsOf(leaf, { a: { b: 1 } })[0]?.pointer).toBe("/a/b");
  });
});
