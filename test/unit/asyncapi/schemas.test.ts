import { describe, expect, it } from "vitest";
import { readApi } from "../../../src/asyncapi/reader/read-api.ts";
import { compileSchema } from "../../../src/json-schema/compile-schema.ts";
import { document3, errorsOf, readText, readValid } from "../../support/asyncapi.ts";

const channelsWith = (payload: unknown) => ({ c: { address: "c", messages: { m: { payload } } } });
const schemaOf = (payload: unknown, components: unknown = {}) =>
  readValid(document3(channelsWith(payload), { components })).channels[0]?.messages[0]?.schema;
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

describe("a message's schema", () => {
  it("carries everything it refers to, so that it can do without the document", () => {
    const schemas = { A: { properties: { b: ref("B") } }, B: { allOf: [ref("C")] }, C: { type: "string" }, D: {} };
    expect(schemaOf({ type: "object", properties: { a: ref("A"), again: ref("A") } }, { schemas })).toEqual({
      type: "object",
      properties: { a: { $ref: "#/definitions/A" }, again: { $ref: "#/definitions/A" } },
      definitions: {
        A: { properties: { b: { $ref: "#/definitions/B" } } },
        B: { allOf: [{ $ref: "#/definitions/C" }] },
        C: { type: "string" },
      },
    });
  });

  it("has only numbers that it can be kept with", () => {
    const text = document3(channelsWith({ maximum: "most", minimum: "least", default: 1.5 }));
    const { api } = readText(text.replace('"most"', "1e400").replace('"least"', "-1e400"));
    const [message] = api.channels[0]?.messages ?? [];
    expect(message?.schema).toEqual({ maximum: Number.MAX_VALUE, minimum: -Number.MAX_VALUE, default: 1.5 });
  });

  it("is said to be unchecked where YAML has a number that is none", () => {
    const { api, findings } = readApi({
      ...JSON.parse(document3({})),
      channels: channelsWith({ maximum: Number.NaN }),
    });
    expect(api?.channels[0]?.messages[0]?.schema).toEqual({ maximum: null });
    expect(findings).toContainEqual(expect.objectContaining({ code: "relay-schema-unchecked" }));
  });

  it("stays recursive where it is", () => {
    const schemas = {
      Tree: { properties: { kids: { items: ref("Tree") }, leaf: ref("Leaf") } },
      Leaf: { not: ref("Leaf") },
    };
    expect(schemaOf(ref("Tree"), { schemas })).toEqual({
      properties: { kids: { items: { $ref: "#" } }, leaf: { $ref: "#/definitions/Leaf" } },
      definitions: { Leaf: { not: { $ref: "#/definitions/Leaf" } } },
    });
  });

  it("keeps definitions of its own, and gives copies other names", () => {
    const components = { schemas: { Name: { type: "string" } }, others: { Name: { type: "number" } } };
    const payload = {
      definitions: { Name: { type: "boolean" } },
      allOf: [ref("Name"), { $ref: "#/components/others/Name" }],
    };
    expect(schemaOf(payload, components)).toEqual({
      definitions: { Name: { type: "boolean" }, "Name-2": { type: "string" }, "Name-3": { type: "number" } },
      allOf: [{ $ref: "#/definitions/Name-2" }, { $ref: "#/definitions/Name-3" }],
    });
  });

  it("may refer to any place of the document, through references, with every escape", () => {
    const components = {
      schemas: {
        "a/b~c d%é": { type: "string" },
        "t~1": { type: "array" },
        list: { oneOf: [{}, { type: "null" }] },
        via: ref("list"),
      },
    };
    const payload = {
      anyOf: [
        { $ref: "#/components/schemas/a~1b~0c%20d%25%C3%A9" },
        { $ref: "#/components/schemas/t~01" },
        { $ref: "#/components/schemas/list/oneOf/1" },
        { $ref: "#/components/schemas/via/oneOf/1" },
      ],
    };
    const schema = schemaOf(payload, components);
    expect(schema).toEqual({
      anyOf: [
        { $ref: "#/definitions/a_b_c_d__" },
        { $ref: "#/definitions/t_1" },
        { $ref: "#/definitions/1" },
        { $ref: "#/definitions/1" },
      ],
      definitions: { a_b_c_d__: { type: "string" }, t_1: { type: "array" }, "1": { type: "null" } },
    });
  });

  it("takes $ref for a reference only where a schema stands", () => {
    const data = { $ref: "#/nowhere" };
    const payload = {
      properties: { $ref: { type: "string" }, default: ref("A"), const: { type: "string" } },
      enum: [data],
      const: data,
      default: data,
      examples: [data],
    };
    expect(schemaOf(payload, { schemas: { A: true } })).toEqual({
      ...payload,
      properties: { ...payload.properties, default: { $ref: "#/definitions/A" } },
      definitions: { A: true },
    });
  });

  it("loses an $id, which would change what its references mean, and no property of that name", () => {
    const payload = {
      $id: "https://example.com/a",
      properties: { $id: { type: "string" }, a: { $id: "b", type: "string" } },
    };
    expect(schemaOf(payload)).toEqual({ properties: { $id: { type: "string" }, a: { type: "string" } } });
  });

  it("may name a property like something of every object", () => {
    const payload =
      '{"properties": {"__proto__": {"$ref": "#/x/__proto__"}, "constructor": {}, "toString": {"type": "string"}}}';
    const text = document3(channelsWith(0), { x: 0 })
      .replace('"payload":0', `"payload":${payload}`)
      .replace('"x":0', '"x":{"__proto__":{"type":"string"}}');
    const schema = readValid(text).channels[0]?.messages[0]?.schema;
    expect(JSON.stringify(schema)).toBe(
      '{"properties":{"__proto__":{"$ref":"#/definitions/__proto__"},"constructor":{},"toString":{"type":"string"}},' +
        '"definitions":{"__proto__":{"type":"string"}}}',
    );
    expect({}).not.toHaveProperty("type");
  });
});

describe("a schema with a discriminator", () => {
  const schemas = {
    Pet: { type: "object", discriminator: "kind", required: ["kind"], properties: { kind: { type: "string" } } },
    Cat: { allOf: [ref("Pet"), { properties: { lives: { type: "integer" } } }] },
    Kitten: { allOf: [{ allOf: [ref("Cat")] }] },
    Car: { allOf: [{ type: "object" }] },
  };
  const bundled = {
    Pet: schemas.Pet,
    Cat: { allOf: [{ $ref: "#/definitions/Pet" }, { properties: { lives: { type: "integer" } } }] },
    Kitten: { allOf: [{ allOf: [{ $ref: "#/definitions/Cat" }] }] },
  };

  it("brings all that inherit it, under their names", () => {
    const payload = { properties: { pet: ref("Pet") } };
    expect(schemaOf(payload, { schemas })).toEqual({
      properties: { pet: { $ref: "#/definitions/Pet" } },
      definitions: bundled,
    });
  });

  it.each(["Pet", "Cat", "Kitten"])("is called by its name even where it is the whole payload: %s", (name) => {
    expect(schemaOf(ref(name), { schemas })).toEqual({ $ref: `#/definitions/${name}`, definitions: bundled });
  });

  it("checks what it names", () => {
    const compiled = compileSchema(schemaOf(ref("Pet"), { schemas }));
    if (!compiled.ok) throw new Error(compiled.error.message);
    const verdicts = [{ kind: "Cat", lives: 9 }, { kind: "Cat", lives: "9" }, { kind: "Car" }, { kind: "Pet" }].map(
      (pet) => compiled.value.matches(pet),
    );
    expect(verdicts).toEqual(["valid", "invalid", "invalid", "valid"]);
  });

  it("may have heirs without number: they stay within bounds", () => {
    const heirs = Object.fromEntries(Array.from({ length: 3_000 }, (_, n) => [`Heir${n}`, { allOf: [ref("Pet")] }]));
    const text = document3(channelsWith(ref("Pet")), { components: { schemas: { ...schemas, ...heirs } } });
    expect(readText(text).findings.map(({ code }) => code)).toContain("relay-schema-unchecked");
  });
});

describe("a reference", () => {
  it.each([
    "https://example.com/schema.json",
    "./schema.json#/a",
    "#/components/schemas/Nothing",
    "#/constructor",
    "#/__proto__",
    "#/info/title/length",
    "#/list/length",
    "#/list/-1",
    "#/list/01",
    "#/list/2",
    "#anchor",
    "#/bad~2escape",
    "#/%E0%A4%A",
  ])("%j leads nowhere: whatever is meant, nothing is checked by it", (target) => {
    const text = document3(channelsWith({ properties: { a: { $ref: target } } }), { list: [1, 2] });
    expect(readText(text).api.channels[0]?.messages[0]?.schema).toEqual({ properties: { a: {} } });
  });

  it.each([
    ["itself", { a: ref("a") }],
    ["another that leads back", { a: ref("b"), b: ref("a") }],
    ["a place within itself", { a: { $ref: "#/components/schemas/a/x" } }],
    ["places within one another", { a: { $ref: "#/components/schemas/b/x" }, b: { $ref: "#/components/schemas/a/x" } }],
    [
      "one more after many",
      Object.fromEntries(Array.from({ length: 20 }, (_, i) => [i === 0 ? "a" : `${i}`, ref(`${i + 1}`)])),
    ],
  ])("is none where it leads to %s", (_, schemas) => {
    const text = document3(channelsWith(ref("a")), { components: { schemas } });
    expect(readText(text).api.channels[0]?.messages[0]?.schema).toBeNull();
  });

  it("that goes round in a circle is said where it begins", () => {
    const schemas = { a: ref("b"), b: ref("a") };
    expect(errorsOf(document3(channelsWith(ref("a")), { components: { schemas } }))).toEqual([
      "relay-reference-circular /channels/c/messages/m/payload",
    ]);
  });
});

describe("the size of schemas", () => {
  const properties = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`property${i}`, { type: "string" }]));
  const manyOf = (count: number, schema: unknown) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`m${i}`, { payload: schema }]));

  it("is bounded for a channel: a reference may be small and what it brings large", () => {
    const messages = manyOf(20, ref("Big"));
    const text = document3({ c: { address: "c", messages } }, { components: { schemas: { Big: { properties } } } });
    const [error] = readText(text).findings.filter(({ code }) => code === "relay-schemas-too-large");
    expect(error).toMatchObject({ message: expect.stringContaining("a channel") });
  });

  it("is bounded for all channels together", () => {
    const channels = Object.fromEntries(
      Array.from({ length: 100 }, (_, i) => [`c${i}`, { address: `c${i}`, messages: manyOf(1, ref("Big")) }]),
    );
    const text = document3(channels, { components: { schemas: { Big: { properties } } } });
    const [error] = readText(text).findings.filter(({ code }) => code === "relay-schemas-too-large");
    expect(error).toMatchObject({ message: expect.stringContaining("all channels") });
  });

  it("is what their JSON takes, not what they share", () => {
    const messages = manyOf(5, ref("Big"));
    const text = document3({ c: { address: "c", messages } }, { components: { schemas: { Big: { properties } } } });
    const [channel] = readValid(text).channels;
    expect(channel?.messages).toHaveLength(5);
    expect(JSON.stringify(channel).length).toBeLessThan(1024 * 1024);
  });
});
