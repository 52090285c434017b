import { describe, expect, it } from "vitest";
import { DISCRIMINATOR_NAMES_MAX } from "../../../src/json-schema/limits.ts";
import { compileGood, faultOf, violationsOf } from "./schemas.ts";

const Pet = {
  type: "object",
  discriminator: "petType",
  properties: { name: { type: "string" }, petType: { type: "string" } },
  required: ["name", "petType"],
};
const inherit = (parent: string, ...parts: unknown[]) => ({ allOf: [{ $ref: parent }, ...parts] });
const Cat = inherit("#/definitions/Pet", {
  type: "object",
  properties: { huntingSkill: { enum: ["lazy", "aggressive"] } },
  required: ["huntingSkill"],
});
const Dog = inherit("#/definitions/Pet", { properties: { packSize: { type: "integer" } }, required: ["packSize"] });
// As in the AsyncAPI specification: the schema is called one thing, and its events another.
const StickInsect = inherit("#/definitions/Pet", {
  properties: { petType: { const: "StickBug" }, color: { type: "string" } },
  required: ["color"],
});
const definitions = { Pet, Cat, Dog, StickInsect };

describe("a discriminator of schemas that inherit", () => {
  const validator = compileGood({ $ref: "#/definitions/Pet", definitions });

  it.each([
    ["what it names", { name: "a", petType: "Cat", huntingSkill: "lazy" }, true],
    ["another", { name: "a", petType: "Dog", packSize: 3 }, true],
    ["the schema itself", { name: "a", petType: "Pet" }, true],
    ["a schema that fixes its name", { name: "a", petType: "StickBug", color: "green" }, true],
    ["what it names, incomplete", { name: "a", petType: "Cat" }, false],
    ["what another one is", { name: "a", petType: "Dog", huntingSkill: "lazy" }, false],
    ["what it names, with a wrong member", { name: "a", petType: "Cat", huntingSkill: "keen" }, false],
    ["nothing that there is", { name: "a", petType: "Horse" }, false],
    ["what only the document calls so", { name: "a", petType: "StickInsect", color: "green" }, false],
    ["what every object has", { name: "a", petType: "constructor" }, false],
    ["no text", { name: "a", petType: 1 }, false],
    ["nothing, where it is required", { name: "a" }, false],
  ])("checks %s", (_, value, isValid) => {
    expect(validator.matches(value)).toBe(isValid ? "valid" : "invalid");
  });

  it("says what there is to be named, and what the named one lacks", () => {
    const schema = { $ref: "#/definitions/Pet", definitions };
    expect(violationsOf(schema, { name: "a", petType: "Horse" })).toEqual([
      {
        pointer: "/petType",
        keyword: "discriminator",
        message: 'must name a schema: "Cat", "Dog", "StickBug", "Pet"',
      },
    ]);
    expect(violationsOf(schema, { name: "a", petType: "Cat" })).toEqual([
      { pointer: "", keyword: "required", message: 'must have "huntingSkill"' },
    ]);
  });

  it("leaves a member that may be absent to `required`, and what is no object to `type`", () => {
    const open = { ...Pet, type: ["object", "string"], required: [] };
    const { matches } = {
      matches: (value: unknown) =>
        compileGood({ $ref: "#/definitions/Pet", definitions: { ...definitions, Pet: open } }).matches(value),
    };
    expect([matches({}), matches("x"), matches({ petType: "Horse" })]).toEqual(["valid", "valid", "invalid"]);
  });

  it("is not taken from what every object has", () => {
    const Base = { discriminator: "constructor" };
    const Heir = { allOf: [{ $ref: "#/definitions/Base" }] };
    const validator = compileGood({ items: { $ref: "#/definitions/Base" }, definitions: { Base, Heir } });
    expect(validator.matches([{}, { constructor: "Heir" }])).toBe("valid");
    expect(validator.matches([{ constructor: "toString" }])).toBe("invalid");
  });

  it("reaches those that inherit from one that inherits", () => {
    const Lion = inherit("#/definitions/Cat", { required: ["mane"] });
    const lions = compileGood({ $ref: "#/definitions/Pet", definitions: { ...definitions, Lion } });
    const lion = { name: "a", petType: "Lion", huntingSkill: "lazy" };
    expect(lions.matches({ ...lion, mane: true })).toBe("valid");
    expect(lions.matches(lion)).toBe("invalid");
  });

  it("holds within one of them, too", () => {
    const cats = compileGood({ $ref: "#/definitions/Cat", definitions });
    expect(cats.matches({ name: "a", petType: "Cat", huntingSkill: "lazy" })).toBe("valid");
    expect(cats.matches({ name: "a", petType: "Horse", huntingSkill: "lazy" })).toBe("invalid");
  });

  it("refuses no name where the schema that is checked has none itself", () => {
    const nameless = compileGood({ ...Cat, definitions: { Pet } });
    expect(nameless.matches({ name: "a", petType: "Cat", huntingSkill: "lazy" })).toBe("valid");
    const root = compileGood({ ...Pet, definitions: { Cat: inherit("#", { required: ["huntingSkill"] }) } });
    expect(root.matches({ name: "a", petType: "Pet" })).toBe("valid");
    expect(root.matches({ name: "a", petType: "Cat" })).toBe("invalid");
  });

  it("refuses no name where nothing inherits", () => {
    expect(compileGood(Pet).matches({ name: "a", petType: "Horse" })).toBe("valid");
  });

  it("applies to each value of a list, and to values within values", () => {
    const Owner = { properties: { pets: { items: { $ref: "#/definitions/Pet" } } } };
    const Nest = inherit("#/definitions/Pet", { properties: { inner: { $ref: "#/definitions/Pet" } } });
    const owners = compileGood({ ...Owner, definitions: { ...definitions, Nest } });
    const cat = { name: "a", petType: "Cat", huntingSkill: "lazy" };
    const nested = { name: "b", petType: "Nest", inner: { name: "c", petType: "Nest", inner: cat } };
    expect(owners.matches({ pets: [cat, nested] })).toBe("valid");
    expect(
      owners.matches({ pets: [cat, { ...nested, inner: { ...nested.inner, inner: { ...cat, huntingSkill: 1 } } }] }),
    ).toBe("invalid");
  });

  it("is asked anew by each schema that applies to the value", () => {
    const again = { anyOf: [{ $ref: "#/definitions/Pet" }, { $ref: "#/definitions/Pet" }], definitions };
    expect(compileGood(again).matches({ name: "a", petType: "Cat" })).toBe("invalid");
  });

  it("of two that name each other's schemas ends", () => {
    const A = { discriminator: "a" };
    const B = { discriminator: "b" };
    const AB = { allOf: [{ $ref: "#/definitions/A" }, { $ref: "#/definitions/B" }] };
    const circle = compileGood({ $ref: "#/definitions/AB", definitions: { A, B, AB } });
    expect(circle.matches({ a: "AB", b: "AB" })).toBe("valid");
    expect(circle.matches({ a: "AB", b: "C" })).toBe("invalid");
  });
});

describe("a discriminator of alternatives", () => {
  const card = { properties: { kind: {}, number: { type: "string" } }, required: ["kind", "number"] };
  const cash = { properties: { kind: {}, amount: { type: "number" } }, required: ["kind", "amount"] };
  const ofKeyword = (keyword: string) => ({
    discriminator: "kind",
    [keyword]: [{ $ref: "#/definitions/card" }, { $ref: "#/definitions/cash" }],
    definitions: { card, cash },
  });

  it.each(["oneOf", "anyOf"])("in %s checks the one that is named", (keyword) => {
    const validator = compileGood(ofKeyword(keyword));
    expect(validator.matches({ kind: "card", number: "1" })).toBe("valid");
    expect(validator.matches({ kind: "cash", amount: 1 })).toBe("valid");
    expect(validator.matches({ kind: "cash", number: "1" })).toBe("invalid");
    expect(validator.matches({ kind: "cheque", number: "1" })).toBe("invalid");
  });

  it("knows alternatives without a reference by what they fix", () => {
    const schema = {
      discriminator: "kind",
      oneOf: [
        { properties: { kind: { const: "card" }, number: {} }, required: ["number"] },
        { properties: { kind: { enum: ["cash", "coins"] } } },
      ],
    };
    const matches = (value: unknown) => compileGood(schema).matches(value);
    expect([matches({ kind: "coins" }), matches({ kind: "card", number: 1 })]).toEqual(["valid", "valid"]);
    expect([matches({ kind: "card" }), matches({ kind: "cheque" })]).toEqual(["invalid", "invalid"]);
  });

  it("refuses no name where an alternative has none", () => {
    const schema = {
      discriminator: "kind",
      anyOf: [{ $ref: "#/definitions/card" }, { required: ["x"] }],
      definitions: { card },
    };
    expect(compileGood(schema).matches({ kind: "other", x: 1 })).toBe("valid");
  });

  it("may name so many schemas, and not one more", () => {
    const oneOf = (count: number) => ({
      discriminator: "kind",
      oneOf: Array.from({ length: count }, (_, n) => ({ properties: { kind: { const: `k${n}` } } })),
    });
    expect(compileGood(oneOf(DISCRIMINATOR_NAMES_MAX)).matches({ kind: "k7" })).toBe("valid");
    expect(faultOf(oneOf(DISCRIMINATOR_NAMES_MAX + 1)).reason).toBe("schema_malformed");
  });
});
