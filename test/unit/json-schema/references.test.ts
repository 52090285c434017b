import { describe, expect, it } from "vitest";
import { REFERENCE_HOPS_MAX } from "../../../src/json-schema/limits.ts";
import { faultOf, ifThen, outcomeOf } from "./schemas.ts";

describe("a reference", () => {
  it.each([
    ["the address of a schema within", { $id: "https://a.example/text", type: "string" }, "https://a.example/text"],
    ["an address that starts from the root's", { $id: "text", type: "string" }, "text"],
    ["an address with an empty fragment", { $id: "https://a.example/text#", type: "string" }, "https://a.example/text"],
    ["a place within that schema", { $id: "t", definitions: { a: { type: "string" } } }, "t#/definitions/a"],
    ["a URN", { $id: "urn:example:text", type: "string" }, "urn:example:text"],
    ["a name", { $id: "#text", type: "string" }, "#text"],
    ["an address and a name", { $id: "other#text", type: "string" }, "other#text"],
    ["that address alone", { $id: "other#text", type: "string" }, "other"],
    ["a name within another schema", { $id: "o", definitions: { a: { $id: "#n", type: "string" } } }, "o#n"],
  ])("may be %s", (_, definition, $ref) => {
    const schema = { $id: "https://root.example/schema", properties: { a: { $ref } }, definitions: { x: definition } };
    expect([outcomeOf(schema, { a: "text" }), outcomeOf(schema, { a: 1 })]).toEqual(["valid", "invalid"]);
  });

  it("starts from the nearest schema with an address", () => {
    const schema = {
      $id: "https://a.example/root/",
      definitions: {
        inner: {
          $id: "inner/",
          definitions: { text: { type: "string" } },
          properties: { here: { $ref: "#/definitions/text" }, there: { $ref: "leaf" } },
        },
        leaf: { $id: "inner/leaf", type: "integer" },
        text: { type: "boolean" },
      },
      properties: { a: { $ref: "inner/" }, b: { $ref: "#/definitions/text" } },
    };
    expect(outcomeOf(schema, { a: { here: "x", there: 1 }, b: true })).toBe("valid");
    expect(outcomeOf(schema, { a: { here: true } })).toBe("invalid");
    expect(outcomeOf(schema, { a: { there: "x" } })).toBe("invalid");
  });

  it("takes no account of an address beside another reference, nor of one in data", () => {
    const schema = {
      definitions: { text: { type: "string" }, number: { type: "number" } },
      properties: { a: { $id: "https://elsewhere.example/", $ref: "#/definitions/text" } },
      enum: [{ a: "x" }, { $id: "https://data.example/" }],
    };
    expect(outcomeOf(schema, { a: "x" })).toBe("valid");
    expect(faultOf({ ...schema, not: { $ref: "https://data.example/" } }).reason).toBe("reference_external");
    expect(faultOf({ ...schema, not: { $ref: "https://elsewhere.example/" } }).reason).toBe("reference_external");
  });

  it("may be to the schema of schemas, or to a part of it", () => {
    const schema = {
      properties: {
        schema: { $ref: "http://json-schema.org/draft-07/schema#" },
        types: { $ref: "http://json-schema.org/draft-07/schema#/definitions/simpleTypes" },
      },
    };
    expect(outcomeOf(schema, { schema: { properties: { a: { minLength: 1 } } }, types: "array" })).toBe("valid");
    expect(outcomeOf(schema, { schema: { properties: { a: { minLength: -1 } } } })).toBe("invalid");
    expect(outcomeOf(schema, { types: "list" })).toBe("invalid");
  });

  it("may be one of some in a row", () => {
    const chainOf = (length: number) => {
      const links = Array.from({ length }, (_, n) => [`d${n}`, { $ref: `#/definitions/d${n + 1}` }]);
      const definitions = { ...Object.fromEntries(links), [`d${length}`]: { type: "string" } };
      return { $ref: "#/definitions/d0", definitions };
    };
    expect(outcomeOf(chainOf(REFERENCE_HOPS_MAX), 1)).toBe("invalid");
    expect(faultOf(chainOf(REFERENCE_HOPS_MAX + 1)).reason).toBe("reference_circular");
    expect(faultOf(chainOf(10_000)).reason).toBe("reference_circular");
  });

  it.each([
    ["another host", { $ref: "https://a.example/b.json" }, "reference_external", "/$ref"],
    ["a file", { items: { $ref: "file:///etc/passwd" } }, "reference_external", "/items/$ref"],
    ["a file beside it", { items: [{}, { $ref: "other.json#/a" }] }, "reference_external", "/items/1/$ref"],
    ["another draft", { $ref: "https://json-schema.org/draft/2020-12/schema" }, "reference_external", "/$ref"],
    ["what is no address", { $ref: "http://[" }, "reference_external", "/$ref"],
    [
      "nothing",
      { properties: { "a/b": { $ref: "#/definitions/x" } } },
      "reference_unresolved",
      "/properties/a~1b/$ref",
    ],
    ["a name that nothing has", { $ref: "#x" }, "reference_unresolved", "/$ref"],
    ["an index behind the end", { allOf: [{ $ref: "#/allOf/1" }] }, "reference_unresolved", "/allOf/0/$ref"],
    [
      "what every object inherits",
      { $ref: "#/definitions/toString", definitions: {} },
      "reference_unresolved",
      "/$ref",
    ],
    ["a bad escape", { $ref: "#/definitions/a~2", definitions: { "a~2": {} } }, "reference_unresolved", "/$ref"],
    ["another bad escape", { $ref: "#/%zz", "%zz": {} }, "reference_unresolved", "/$ref"],
    ["what is no schema", { $ref: "#/title", title: "x" }, "schema_malformed", "/title"],
    ["a length", { allOf: [{ $ref: "#/allOf/length" }] }, "schema_malformed", "/allOf/length"],
  ])("may not be to %s", (_, schema, reason, pointer) => {
    expect(faultOf(schema)).toMatchObject({ reason, pointer });
  });

  it.each([
    ["itself", { $ref: "#" }],
    [
      "itself, through another",
      { $ref: "#/definitions/a", definitions: { a: { $ref: "#/definitions/b" }, b: { $ref: "#/definitions/a" } } },
    ],
    ["itself, in allOf", { allOf: [{ type: "object" }, { $ref: "#" }] }],
    ["itself, in anyOf", { anyOf: [{ type: "string" }, { $ref: "#" }] }],
    [
      "itself, in oneOf of another",
      { oneOf: [{ $ref: "#/definitions/a" }], definitions: { a: { not: { $ref: "#" } } } },
    ],
    ["itself, in a condition", ifThen({ $ref: "#" }, {})],
    ["itself, in what follows from one", ifThen({}, { $ref: "#" })],
    ["itself, in a dependency", { dependencies: { a: { $ref: "#" } } }],
    [
      "a circle it is not part of",
      { properties: { a: { $ref: "#/definitions/b" } }, definitions: { b: { allOf: [{ $ref: "#/definitions/b" }] } } },
    ],
  ])("may not lead to %s without going into the value", (_, schema) => {
    expect(faultOf(schema).reason).toBe("reference_circular");
  });

  it("may come back from within the value, by every way into it", () => {
    const within = { $ref: "#" };
    const schema = {
      properties: { a: within },
      patternProperties: { "^p": within },
      additionalProperties: within,
      items: [within],
      additionalItems: within,
      contains: true,
      type: ["object", "array", "integer"],
    };
    expect(outcomeOf(schema, { a: [1, [2]], p: { x: [3] }, y: 4 })).toBe("valid");
    expect(outcomeOf(schema, { a: [1, ["2"]] })).toBe("invalid");
    expect(outcomeOf(schema, { y: { p: "x" } })).toBe("invalid");
  });
});
