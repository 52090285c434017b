import { describe, expect, it } from "vitest";
import { toSchemaRow, toSchemaTable } from "../../../../src/http/pages/schema-rows.ts";

/** Rows as `depth name: type`, with `!` where required, and rules behind a bar. */
const rowsOf = (schema: unknown): string[] =>
  toSchemaTable(schema).rows.map(
    ({ depth, name, type, isRequired, rules }) =>
      `${depth} ${name}${isRequired ? "!" : ""}: ${type}${rules.length > 0 ? ` | ${rules.join(", ")}` : ""}`,
  );

describe("a schema's table", () => {
  it("has a row for each property, with what it consists of below it", () => {
    const schema = {
      type: "object",
      required: ["id", "buyer"],
      properties: {
        id: { type: "string", format: "uuid", description: "Of the order" },
        buyer: { type: "object", required: ["name"], properties: { name: { type: ["string", "null"] } } },
        items: { type: "array", minItems: 1, items: { type: "object", properties: { sku: { type: "string" } } } },
        notes: { type: "array", items: { type: "array", items: { type: "string" } } },
      },
    };
    expect(rowsOf(schema)).toEqual([
      "0 id!: string | format uuid",
      "0 buyer!: object",
      "1 name!: string or null",
      "0 items: list of object | items ≥ 1",
      "1 sku: string",
      "0 notes: list of list of string",
    ]);
    expect(toSchemaTable({ ...schema, title: "An order" })).toMatchObject({
      about: "An order",
      rows: [{ description: "Of the order" }, {}, {}, {}, {}, {}],
    });
    expect(toSchemaTable({ type: "string", title: "A text" })).toMatchObject({
      about: null,
      rows: [{ name: "(payload)", description: "A text" }],
    });
  });

  it.each([
    [{ type: "string", minLength: 1, maxLength: 5, pattern: "^a" }, "string | matches ^a, length ≥ 1, length ≤ 5"],
    [{ type: "number", minimum: 0, exclusiveMaximum: 10, multipleOf: 0.5 }, "number | ≥ 0, < 10, a multiple of 0.5"],
    [{ enum: ["a", 1, null] }, 'any | one of "a", 1, null'],
    [{ const: { a: 1 } }, 'any | always {"a":1}'],
    [{ type: "array", uniqueItems: true, maxItems: 3 }, "list | items ≤ 3, no item twice"],
    [{ type: "string", default: "x", deprecated: true }, 'string | default "x", deprecated'],
    [{ not: {}, if: {} }, "any | and conditions that the document has"],
    [{ format: 7, enum: "a", uniqueItems: "yes", pattern: null, type: 3 }, "any"],
    [true, "any"],
    [{}, "any"],
    [null, "any"],
    ["text", "any"],
  ])("says what a value has to be: %j", (schema, expected) => {
    expect(rowsOf(schema)).toEqual([`0 (payload): ${expected}`]);
  });

  it("cuts what is too long to read", () => {
    const [long] = toSchemaTable({ enum: Array.from({ length: 30 }, (_, i) => "v".repeat(i * 10)) }).rows;
    expect(long?.rules[0]).toMatch(/… \(30 values\)$/);
    expect(long?.rules[0]?.length).toBeLessThan(2_000);
    const [named] = toSchemaTable({ properties: { ["n".repeat(5_000)]: {} } }).rows;
    expect(named?.name.length).toBeLessThan(300);
  });

  it("puts together what a value is all of", () => {
    const schema = {
      allOf: [
        { $ref: "#/definitions/Base" },
        { required: ["a"], properties: { b: { type: "integer" } } },
        { allOf: [{ properties: { c: {} } }] },
      ],
      definitions: { Base: { type: "object", properties: { a: { type: "string" } } } },
    };
    expect(rowsOf(schema)).toEqual(["0 a!: string", "0 b: integer", "0 c: any"]);
  });

  it("lists what a value is one of, and what its other names and items are", () => {
    const schema = {
      properties: {
        vehicle: {
          oneOf: [
            { title: "Car", type: "object", properties: { doors: { type: "integer" } } },
            { title: "Boat", type: "string" },
          ],
        },
        either: { anyOf: [true, { type: "null" }] },
        labels: { type: "object", additionalProperties: { type: "string" }, patternProperties: { "^x-": {} } },
        pair: { type: "array", items: [{ type: "number" }, { type: "string" }] },
        codes: { type: "array", items: { type: "string", enum: ["a"] } },
      },
    };
    expect(rowsOf(schema)).toEqual([
      "0 vehicle: one of",
      "1 (option 1): object",
      "2 doors: integer",
      "1 (option 2): string",
      "0 either: any of",
      "1 (option 1): any",
      "1 (option 2): null",
      "0 labels: object",
      "1 (names like ^x-): any",
      "1 (any other name): string",
      "0 pair: list",
      "1 (item 1): number",
      "1 (item 2): string",
      "0 codes: list of string",
      '1 (each): string | one of "a"',
    ]);
  });

  it("lists what a discriminator may name, with what each has beside what it inherits", () => {
    const heir = (parent: string, properties: object) => ({
      allOf: [{ $ref: `#/definitions/${parent}` }, { properties }],
    });
    const schema = {
      $ref: "#/definitions/Pet",
      definitions: {
        Pet: { type: "object", discriminator: "kind", required: ["kind"], properties: { kind: { type: "string" } } },
        Cat: heir("Pet", { lives: { type: "integer" } }),
        Kitten: heir("Cat", { age: { type: "integer" } }),
        Car: { properties: { wheels: {} } },
      },
    };
    expect(rowsOf(schema)).toEqual([
      "0 kind!: string",
      "0 (kind: Cat): object",
      "1 lives: integer",
      "0 (kind: Kitten): object",
      "1 age: integer",
      "1 lives: integer",
    ]);
  });

  it("ends where a schema comes round to itself", () => {
    const tree = { type: "object", properties: { kids: { type: "array", items: { $ref: "#" } }, up: { $ref: "#" } } };
    expect(rowsOf(tree)).toEqual(["0 kids: list of object", "1 (each): object, as above", "0 up: object, as above"]);
    const mutual = {
      $ref: "#/definitions/A",
      definitions: {
        A: { type: "object", properties: { b: { $ref: "#/definitions/B" } } },
        B: { type: "object", properties: { a: { $ref: "#/definitions/A" } } },
      },
    };
    expect(rowsOf(mutual)).toEqual(["0 b: object", "1 a: object, as above"]);
    expect(rowsOf({ type: "array", items: { $ref: "#" } })).toEqual([
      "0 (payload): list of list of list of list of …",
      "1 (each): list of list of list of list of …, as above",
    ]);
    expect(rowsOf({ $ref: "#" })).toEqual(["0 (payload): any"]);
    expect(rowsOf({ allOf: [{ $ref: "#" }, { type: "string" }] })).toEqual(["0 (payload): string"]);
  });

  it("shows a schema twice where it is used twice, not within itself", () => {
    const money = { type: "object", properties: { amount: { type: "string" } } };
    const schema = {
      properties: { price: { $ref: "#/definitions/Money" }, tax: { $ref: "#/definitions/Money" } },
      definitions: { Money: money },
    };
    expect(rowsOf(schema)).toEqual(["0 price: object", "1 amount: string", "0 tax: object", "1 amount: string"]);
  });

  it("is no longer than a page should be, though each schema uses the next one twice", () => {
    const definitions = Object.fromEntries(
      Array.from({ length: 30 }, (_, i) => {
        const next = { $ref: `#/definitions/D${i + 1}` };
        return [`D${i}`, { type: "object", properties: { left: next, right: next } }];
      }),
    );
    const { rows, isCut } = toSchemaTable({ $ref: "#/definitions/D0", definitions });
    expect([rows.length, isCut]).toEqual([400, true]);
  });

  it("says so where it does not show how deep a schema goes", () => {
    const nest = (depth: number): unknown => ({
      type: "object",
      properties: depth === 0 ? {} : { in: nest(depth - 1) },
    });
    expect(toSchemaTable(nest(5)).isCut).toBe(false);
    expect(toSchemaTable(nest(50)).isCut).toBe(true);
    expect(toSchemaTable(nest(50)).rows.length).toBeLessThan(20);
  });

  it.each<unknown>([
    { properties: 7, items: "x", oneOf: {}, allOf: "a", required: 3, type: {} },
    { properties: { a: null, b: 7, c: [1] }, required: [1, null] },
    { $ref: "https://example.com/schema" },
    { $ref: "#/definitions/None" },
    { properties: { __proto__: null, constructor: { type: "string" }, toString: {} } },
  ])("is made of any value: %j", (schema) => {
    expect(toSchemaTable(schema).isCut).toBe(false);
  });

  it("is one row where only the value itself is asked for", () => {
    const schema = { type: "object", description: "A thing", properties: { a: {} } };
    expect(toSchemaRow("{thing}", schema)).toMatchObject({ name: "{thing}", type: "object", description: "A thing" });
    expect(toSchemaRow("{id}", { type: "string", enum: ["a"] }).rules).toEqual(['one of "a"']);
  });

  it("does not take a prototype's members for a schema's", () => {
    expect(rowsOf(JSON.parse('{"properties":{"__proto__":{"type":"string"},"a":{"constructor":{}}}}'))).toEqual([
      "0 __proto__: string",
      "0 a: any",
    ]);
  });
});
