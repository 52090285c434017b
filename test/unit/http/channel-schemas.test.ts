import { describe, expect, it } from "vitest";
import { type ChannelSchemas, compileChannel } from "../../../src/http/publish/channel-schemas.ts";
import { VALIDATION_STEPS_MAX } from "../../../src/json-schema/limits.ts";

const object = (properties: Record<string, unknown>, required = Object.keys(properties)) => ({
  type: "object",
  required,
  properties,
});

const CREATED = object({ kind: { const: "created" }, id: { type: "string" }, total: { type: "number" } });
const DELETED = object({ kind: { const: "deleted" } });

function channelOf(messages: Record<string, unknown>, parameters: Record<string, unknown> = {}): ChannelSchemas {
  const listed = (schemas: Record<string, unknown>) =>
    Object.entries(schemas).map(([name, schema]) => ({ name, schema }));
  const chars = JSON.stringify([messages, parameters]).length;
  return compileChannel({ messages: listed(messages), parameters: listed(parameters), chars });
}

describe("an event", () => {
  it("is the message of its channel, or misses it, and where", () => {
    const channel = channelOf({ Created: CREATED });
    expect(channel.findMisfit({ kind: "created", id: "7", total: 1 })).toBeNull();
    expect(channel.findMisfit({ kind: "created", id: 7, total: 1 })).toMatchObject({
      kind: "invalid",
      message: "Created",
      violations: [{ pointer: "/id", keyword: "type" }],
    });
    expect(channel.findMisfit(null)).toMatchObject({ violations: [{ pointer: "" }] });
  });

  it("may be any of the channel's messages", () => {
    const channel = channelOf({ Created: CREATED, Deleted: DELETED });
    expect(channel.findMisfit({ kind: "created", id: "7", total: 1 })).toBeNull();
    expect(channel.findMisfit({ kind: "deleted" })).toBeNull();
    expect(channel.findMisfit({ kind: "moved" })).not.toBeNull();
  });

  it("is measured by the message whose constants it has, whatever else is wrong, then by the one it breaks least", () => {
    const channel = channelOf({ Created: CREATED, Deleted: DELETED });
    expect(channel.findMisfit({ kind: "created" })).toMatchObject({ message: "Created" });
    expect(channel.findMisfit({ kind: "created" })).toMatchObject({ violations: [{}, {}] });
    const plain = channelOf({ a: object({ a: {}, b: {}, c: {} }), b: object({ a: {}, z: {} }) });
    expect(plain.findMisfit({ a: 1 })).toMatchObject({ message: "b", violations: [{ pointer: "" }] });
    expect(plain.findMisfit({ a: 1, b: 1 })).toMatchObject({ message: "a" });
  });

  it.each([
    ["no message", {}],
    ["a message without a schema", { Created: CREATED, Other: null }],
    ["a schema that is no schema", { Created: CREATED, Other: { type: "objekt" } }],
    ["a reference to the outside", { Other: { $ref: "https://example.test/schema.json" } }],
    ["a reference to itself", { Other: { $ref: "#" } }],
    ["true", { Created: CREATED, Other: true }],
  ])("may be anything on a channel with %s", (_, messages) => {
    for (const value of [null, 1, "x", [], { kind: "nothing of the kind" }]) {
      expect(channelOf(messages).findMisfit(value)).toBeNull();
    }
  });

  it("is checked by all of a schema but the patterns that nobody can check in linear time", () => {
    const channel = channelOf({ a: object({ id: { type: "string", pattern: "^(a)\\1$", minLength: 3 } }) });
    expect(channel.findMisfit({ id: "not aa" })).toBeNull();
    expect(channel.findMisfit({ id: "aa" })).toMatchObject({ violations: [{ pointer: "/id", keyword: "minLength" }] });
  });

  it("may cost so much, over all messages together", () => {
    // A pattern's text is paid for in advance.
    const costly = { pattern: "^b" };
    const value = "a".repeat(VALIDATION_STEPS_MAX * 0.6);
    expect(channelOf({ a: costly }).findMisfit(value)).toMatchObject({ kind: "invalid" });
    expect(channelOf({ a: costly, b: costly }).findMisfit(value)).toEqual({ kind: "exhausted" });
  });

  it("may have names that every object has", () => {
    const channel = channelOf({ ["__proto__"]: DELETED, constructor: object({ toString: { type: "string" } }) });
    expect(channel.findMisfit(JSON.parse('{"__proto__":{"toString":"x"}}'))).toMatchObject({ message: "__proto__" });
  });
});

describe("the value of a parameter", () => {
  const check = (schema: unknown, value: string) =>
    channelOf({}, { id: schema }).findWrongParameter(new Map([["id", value]])) === null;

  it.each([
    [{ type: "string" }, "7"],
    [{ type: "string", pattern: "^[0-9]+$" }, "007"],
    [{ type: "integer", minimum: 1 }, "7"],
    [{ type: "integer" }, "-7"],
    [{ type: "number" }, "0.5"],
    [{ type: "boolean" }, "true"],
    [{ enum: [1, 2] }, "2"],
    [{ enum: ["a", "b"] }, "b"],
    [{ format: "uuid" }, "0d3f7ad2-3a3c-4d4e-9c8e-2f8f5c9a7b11"],
    [null, "anything"],
    [true, "anything"],
    [{ type: "objekt" }, "anything, for the schema cannot be checked"],
    [{ pattern: "(a)\\1" }, "anything, for the pattern cannot be checked"],
  ])("may be, by %j, %j", (schema, value) => {
    expect(check(schema, value)).toBe(true);
  });

  it.each([
    [{ type: "string", pattern: "^[0-9]+$" }, "7a"],
    [{ type: "integer", minimum: 1 }, "0"],
    [{ type: "integer" }, "0.5"],
    [{ type: "integer" }, "07"],
    [{ type: "integer" }, "0x7"],
    [{ type: "integer" }, " 7"],
    [{ type: "number" }, "Infinity"],
    [{ type: "number" }, "1e3"],
    [{ type: "boolean" }, "True"],
    [{ type: "null" }, "null"],
    [{ enum: ["a", "b"] }, "c"],
    [{ enum: [1, 2] }, "3"],
    [{ type: "object" }, "{}"],
    [false, "anything"],
  ])("may not be, by %j, %j", (schema, value) => {
    expect(check(schema, value)).toBe(false);
  });

  it("is named where it is wrong, and without a schema never is", () => {
    const channel = channelOf({}, { shop: { enum: ["main"] }, id: { type: "integer" } });
    const wrong = (values: Record<string, string>) => channel.findWrongParameter(new Map(Object.entries(values)));
    expect(wrong({ shop: "main", id: "7", other: "x" })).toBeNull();
    expect(wrong({ shop: "main", id: "x" })).toBe("id");
    expect(wrong({ shop: "x", id: "x" })).toBe("shop");
  });
});

describe("the size of a channel's schemas", () => {
  it("grows with their text, their patterns, and what these remember, and has an end", () => {
    const small = channelOf({ a: CREATED });
    const large = channelOf({ a: object(Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`p${i}`, {}]))) });
    const hungry = channelOf(
      Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`m${i}`, { pattern: `^.{1,${3_000 + i}}$` }])),
    );
    expect(large.bytes).toBeGreaterThan(2 * small.bytes);
    expect(hungry.bytes).toBeGreaterThan(4_000_000);
    expect(hungry.bytes).toBeLessThan(8_000_000);
    const remembering = channelOf({ a: { pattern: "(a|b)*a(a|b){12}c" } });
    const before = remembering.bytes;
    for (let i = 0; i < 2_000; i++)
      remembering.findMisfit((i * 2_654_435_761).toString(2).replaceAll("0", "a").replaceAll("1", "b"));
    expect(remembering.bytes).toBeGreaterThan(before);
    expect(remembering.bytes).toBeLessThan(8_000_000);
  });
});
