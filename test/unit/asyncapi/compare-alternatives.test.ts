import { describe, expect, it } from "vitest";
import { type Case, changesOf, number, object, text } from "./compare-cases.ts";

describe("alternatives", () => {
  const cat = object({ kind: { const: "cat" }, lives: number });
  const dog = object({ kind: { const: "dog" }, tricks: text });
  const dogMore = object({ ...dog.properties, breed: text });
  const dogLess = object({ kind: { const: "dog" } });
  const oneOf = (...list: unknown[]) => ({ oneOf: list });
  const anyOf = (...list: unknown[]) => ({ anyOf: list });
  const refs = (names: string[], definitions: object) => ({
    ...oneOf(...names.map((name) => ({ $ref: `#/definitions/${name}` }))),
    definitions,
  });

  it.each<Case>([
    ["one more", oneOf(cat), oneOf(cat, dog), ["breaking /oneOf/1"]],
    ["one less", oneOf(cat, dog), oneOf(dog), ["breaking /oneOf/0"]],
    ["another order", anyOf(cat, dog), anyOf(dog, cat), []],
    ["one of them grew", oneOf(cat, dog), oneOf(cat, dogMore), ["non-breaking /oneOf/1/properties/breed"]],
    [
      "one of them shrank, in another order",
      oneOf(cat, dog),
      oneOf(dogLess, cat),
      ["breaking /oneOf/0/properties/tricks"],
    ],
    ["a schema that becomes one of two", cat, oneOf(cat, dog), ["breaking /oneOf/1"]],
    ["a schema that becomes one of one", cat, anyOf(cat), []],
    ["one of two that becomes the only one", oneOf(cat, dog), dog, ["breaking /oneOf/0"]],
    ["one of one that grows", oneOf(dog), dogMore, ["non-breaking /properties/breed"]],
    ["any of them instead of one of them", oneOf(cat, dog), anyOf(cat, dog), []],
    [
      "beside other words",
      { type: "object", ...oneOf(cat) },
      { type: "object", ...oneOf(cat, dog) },
      ["breaking /oneOf/1"],
    ],
    [
      "the same, with other words beside them",
      { ...anyOf(cat, dog), required: ["kind"] },
      anyOf(cat, dog),
      ["breaking /required"],
    ],
    ["the same, with new words beside them", oneOf(cat), { ...oneOf(cat), required: ["kind"] }, ["breaking /required"]],
    ["new, beside other words", { type: "object" }, { type: "object", ...anyOf(cat, dog) }, ["breaking /anyOf"]],
    ["gone, beside other words", { type: "object", ...anyOf(cat, dog) }, { type: "object" }, ["breaking /anyOf"]],
    [
      "found by name",
      refs(["Cat", "Dog"], { Cat: cat, Dog: dog }),
      refs(["Dog", "Cat"], { Cat: object({}), Dog: dogLess }),
      [
        "breaking /oneOf/1/properties/kind",
        "breaking /oneOf/1/properties/lives",
        "breaking /oneOf/0/properties/tricks",
      ],
    ],
    [
      "found by what they say",
      refs(["Cat", "Dog"], { Cat: cat, Dog: dog }),
      refs(["Hound", "Kitten"], { Kitten: cat, Hound: dog }),
      [],
    ],
    [
      "called by name, and renamed",
      { type: "object", discriminator: "kind", ...refs(["Cat"], { Cat: cat }) },
      { type: "object", discriminator: "kind", ...refs(["Kitten"], { Kitten: cat }) },
      ["breaking /oneOf/0", "breaking /oneOf/0"],
    ],
    [
      "called by name, and grown",
      { type: "object", discriminator: "kind", ...refs(["Dog"], { Dog: dog }) },
      { type: "object", discriminator: "kind", ...refs(["Dog"], { Dog: dogMore }) },
      ["non-breaking /oneOf/0/properties/breed"],
    ],
  ])("%s", (_, before, after, changes) => {
    expect(changesOf(before, after)).toEqual(changes);
  });
});

describe("heirs of a schema with a discriminator", () => {
  const pet = { ...object({ kind: text }), discriminator: "kind" };
  const heir = (parent: string, properties: Record<string, unknown>) => ({
    allOf: [{ $ref: `#/definitions/${parent}` }, object(properties)],
  });
  const pets = (definitions: object) => ({ $ref: "#/definitions/Pet", definitions: { Pet: pet, ...definitions } });
  const cat = heir("Pet", { lives: number });
  const kitten = heir("Cat", { age: number });

  it.each<Case>([
    ["the same", pets({ Cat: cat }), pets({ Cat: cat }), []],
    ["one more", pets({}), pets({ Cat: cat }), ["breaking /definitions/Cat"]],
    ["one less", pets({ Cat: cat }), pets({}), ["breaking /definitions/Cat"]],
    ["an heir's heir", pets({ Cat: cat }), pets({ Cat: cat, Kitten: kitten }), ["breaking /definitions/Kitten"]],
    [
      "grown",
      pets({ Cat: cat }),
      pets({ Cat: heir("Pet", { lives: number, name: text }) }),
      ["non-breaking /definitions/Cat/properties/name"],
    ],
    ["that no discriminator names", { definitions: {} }, { definitions: { Cat: heir("Dog", {}), Dog: {} } }, []],
    [
      "said of a place that leads to it",
      { ...pets({ Cat: cat }), $ref: undefined, properties: { pet: { $ref: "#/definitions/Cat" } } },
      { ...pets({ Cat: heir("Pet", {}) }), $ref: undefined, properties: { pet: { $ref: "#/definitions/Cat" } } },
      ["breaking /properties/pet/properties/lives"],
    ],
  ])("%s", (_, before, after, changes) => {
    expect(changesOf(before, after)).toEqual(changes);
  });
});

describe("inheritance", () => {
  const base = object({ id: text }, ["id"]);
  const more = object({ name: text });
  const definitions = { Base: base };
  const inherit = (...rest: unknown[]) => ({ allOf: [{ $ref: "#/definitions/Base" }, ...rest], definitions });

  it.each<Case>([
    ["makes no difference", inherit(more), object({ id: text, name: text }, ["id"]), []],
    ["in another order", inherit(more), { allOf: [more, { $ref: "#/definitions/Base" }], definitions }, []],
    ["deeper", { allOf: [inherit(more)], definitions }, inherit(more), []],
    ["that starts with a property", base, inherit(more), ["non-breaking /properties/name"]],
    ["beside words of its own", { ...object({ name: text }), ...inherit() }, inherit(more), []],
    ["of which something is gone", inherit(more), inherit(), ["breaking /properties/name"]],
    ["that is required now", inherit(more), inherit(more, { required: ["name"] }), ["breaking /required"]],
    [
      "from something closed",
      { allOf: [base] },
      { allOf: [{ ...base, additionalProperties: false }] },
      ["breaking /additionalProperties"],
    ],
    ["from nothing", {}, { allOf: [true, {}] }, []],
    ["from the impossible", text, { allOf: [text, false] }, ["breaking "]],
  ])("%s", (_, before, after, changes) => {
    expect(changesOf(before, after)).toEqual(changes);
  });

  const refined = (values: string[]) => ({ allOf: [object({ status: text }), object({ status: { enum: values } })] });
  const closed = (...names: string[]) => ({
    properties: Object.fromEntries(names.map((name) => [name, {}])),
    additionalProperties: false,
  });

  it.each<Case>([
    ["unchanged", refined(["a"]), refined(["a"]), []],
    ["changed", refined(["a"]), refined(["a", "b"]), ["breaking /allOf/0/properties/status/enum"]],
    ["new", { allOf: [object({ status: text })] }, refined(["a"]), ["breaking /allOf/0"]],
    ["gone", refined(["a"]), { allOf: [object({ status: text })] }, ["breaking /allOf/0"]],
    [
      "closed twice",
      { allOf: [closed("a"), closed("a", "b")] },
      { allOf: [closed("a"), closed("a")] },
      ["breaking /allOf/0/properties/b"],
    ],
    [
      "with two bounds",
      { allOf: [{ maxLength: 5 }, { maxLength: 3 }] },
      { allOf: [{ maxLength: 5 }] },
      ["breaking /allOf/0"],
    ],
    [
      "with two bounds, deeper",
      { allOf: [{ allOf: [{ maxLength: 5 }, { maxLength: 3 }] }] },
      { allOf: [{ maxLength: 5 }] },
      ["breaking /allOf/0"],
    ],
    [
      "items that count only what is beside them",
      { allOf: [{ items: [text] }, { additionalItems: false }] },
      { items: [text], additionalItems: false },
      ["breaking /allOf/0", "breaking /additionalItems"],
    ],
    [
      "of one kind, with patterns",
      { allOf: [{ patternProperties: { a: text } }, { additionalProperties: false }] },
      {
        patternProperties: { a: text },
        additionalProperties: false,
      },
      ["breaking /allOf/0", "breaking /additionalProperties"],
    ],
  ])("that can't be written as one schema: %s", (_, before, after, changes) => {
    expect(changesOf(before, after)).toEqual(changes);
  });
});
