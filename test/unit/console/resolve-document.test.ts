import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { makeDocument } from "../../../src/console/documentation/document-models.ts";
import { giveExamples } from "../../../src/console/documentation/message-examples.ts";
import { resolveDocument, standsForMore } from "../../../src/console/documentation/resolve-document.ts";
import { listSpecs, readSpec } from "../../support/specs.ts";

type Any = Record<string, never>;

function resolve(rest: Record<string, unknown>, asyncapi = "3.0.0"): Any {
  const resolved = resolveDocument({ asyncapi, info: { title: "Orders", version: "1" }, ...rest });
  if (!resolved) throw new Error("no document");
  return resolved as Any;
}

const at = (holder: unknown, ...path: (string | number)[]): unknown =>
  path.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], holder);

describe("a document without references", () => {
  it("is null where it is none of AsyncAPI 2 or 3", () => {
    for (const document of [
      null,
      7,
      "3.0.0",
      [],
      {},
      { asyncapi: "1.2.0" },
      { asyncapi: "4.0.0" },
      { openapi: "3.1.0" },
    ])
      expect(resolveDocument(document)).toBeNull();
  });

  it("has what they lead to, once for all of them, and leaves the document as it was", () => {
    const shared = { type: "string" };
    const document = {
      asyncapi: "3.0.0",
      channels: { a: { address: "a", messages: { m: { $ref: "#/components/messages/m" } } } },
      components: {
        messages: {
          m: {
            payload: { properties: { x: { $ref: "#/components/schemas/s" }, y: { $ref: "#/components/schemas/s" } } },
          },
        },
        schemas: { s: { $ref: "#/components/schemas/t" }, t: shared },
      },
    };
    const before = structuredClone(document);
    const resolved = resolveDocument(document);
    const properties = at(resolved, "channels", "a", "messages", "m", "payload", "properties");
    expect(properties).toEqual({ x: shared, y: shared });
    expect(at(properties, "x")).toBe(at(properties, "y"));
    expect(document).toEqual(before);
  });

  it("holds itself where it refers to itself, and keeps references that lead nowhere", () => {
    const node = {
      type: "object",
      properties: { next: { $ref: "#/components/schemas/node" }, lost: { $ref: "#/nowhere" } },
    };
    const found = at(resolve({ channels: {}, components: { schemas: { node } } }), "components", "schemas", "node");
    expect(at(found, "properties", "next")).toBe(found);
    expect(at(found, "properties", "lost")).toEqual({ $ref: "#/nowhere" });
  });

  it("is made of a chain of references that is longer than any stack", () => {
    const LENGTH = 20_000;
    const schemas = Object.fromEntries(
      Array.from({ length: LENGTH }, (_, n) => [`s${n}`, { items: { $ref: `#/components/schemas/s${n + 1}` } }]),
    );
    const resolved = resolve({
      channels: {},
      components: { schemas: { ...schemas, [`s${LENGTH}`]: { type: "null" } } },
    });
    let depth = 0;
    for (let schema = at(resolved, "components", "schemas", "s0"); at(schema, "items"); schema = at(schema, "items"))
      depth += 1;
    expect(depth).toBe(LENGTH);
  });

  it("does not take a member's name for the prototype", () => {
    const channels = JSON.parse(
      '{"a": {"address": "a", "messages": {"m": {"payload": {"__proto__": {"isAdmin": true}}}}}}',
    );
    const payload = at(resolve({ channels }), "channels", "a", "messages", "m", "payload") as object;
    expect(Object.hasOwn(payload, "__proto__")).toBe(true);
    expect(Object.getPrototypeOf(payload)).toBe(Object.prototype);
  });

  it("has no servers: they are the relay", () => {
    expect(resolve({ servers: { relay: {} }, channels: {} })).not.toHaveProperty("servers");
  });
});

describe("traits", () => {
  const traits = [{ summary: "of the trait", tags: [{ name: "t" }], bindings: { http: { a: 1, b: 2 } } }];

  it("come before what has them from 3.0 on", () => {
    const message = { summary: "its own", bindings: { http: { a: null } }, traits };
    const resolved = resolve({ channels: { a: { messages: { m: message } } } });
    expect(at(resolved, "channels", "a", "messages", "m")).toMatchObject({
      ...{ summary: "its own", tags: [{ name: "t" }], bindings: { http: { b: 2 } } },
    });
  });

  it("come after it in 2.x", () => {
    const message = { summary: "its own", title: "kept", traits };
    const resolved = resolve({ channels: { a: { subscribe: { message, traits: [{ operationId: "o" }] } } } }, "2.6.0");
    expect(at(resolved, "channels", "a", "subscribe")).toMatchObject({
      ...{ operationId: "o", message: { summary: "of the trait", title: "kept" } },
    });
  });

  it("are nobody's else: an example may have a member of that name", () => {
    const examples = [{ payload: { traits: [{ name: "brave" }] } }];
    const resolved = resolve({ channels: { a: { messages: { m: { examples } } } } });
    expect(at(resolved, "channels", "a", "messages", "m", "examples")).toEqual(examples);
  });
});

describe("a document without operations", () => {
  it("sends to all of its channels, as the relay takes it", () => {
    const document = makeDocument(resolve({ channels: { a: { address: "x/a" }, b: {} } }));
    const operations = document.operations().all();
    expect(operations.map((operation) => operation.isSend())).toEqual([true, true]);
    expect(operations.map((operation) => operation.channels().all()[0]?.address())).toEqual(["x/a", "b"]);
    const older = makeDocument(resolve({ channels: { "x/a": {} } }, "2.6.0"));
    expect(older.operations().all()).toHaveLength(1);
  });
});

describe("examples", () => {
  const schema = { type: "object", properties: { n: { type: "integer", minimum: 7 } }, required: ["n"] };
  const given = { name: "m", schema, examples: [] };

  it("are made where a message has none", () => {
    const resolved = resolve({ channels: { a: { address: "/x", messages: { m: { payload: schema } } } } });
    giveExamples(resolved, [{ address: "x", messages: [given] }]);
    expect(at(resolved, "channels", "a", "messages", "m", "examples")).toEqual([{ payload: { n: 7 } }]);
  });

  it("are made for each alternative of 2.x, and never instead of the publisher's own", () => {
    const own = [{ payload: { n: 8 } }];
    const message = { oneOf: [{ payload: schema }, { payload: schema, examples: own }] };
    const resolved = resolve({ channels: { x: { subscribe: { message } } } }, "2.6.0");
    giveExamples(resolved, [{ address: "x", messages: [given, { ...given, name: "other" }] }]);
    const shown = at(resolved, "channels", "x", "subscribe", "message", "oneOf") as { examples: unknown }[];
    expect(shown.map(({ examples }) => examples)).toEqual([[{ payload: { n: 7 } }], own]);
  });
});

describe("how much a document stands for", () => {
  it("is more than any bound where it holds itself", () => {
    const schemas = { s: { properties: { s: { $ref: "#/components/schemas/s" } } } };
    expect(standsForMore(resolve({ channels: {}, components: { schemas } }), 1_000_000)).toBe(true);
    expect(standsForMore(resolve({ channels: {} }), 100)).toBe(false);
    expect(standsForMore(resolve({ channels: {}, "x-list": Array.from({ length: 300 }, () => 0) }), 100)).toBe(true);
  });
});

describe("the renderer's model", () => {
  it.each(listSpecs())("knows what each operation of %s sends", (name) => {
    const resolved = resolveDocument(parse(readSpec(name)));
    const operations = resolved ? makeDocument(resolved).operations().all() : [];
    expect(operations.length).toBeGreaterThan(0);
    for (const operation of operations) {
      expect(operation.channels().all()).toHaveLength(1);
      expect(operation.messages().all().length).toBeGreaterThan(0);
      for (const message of operation.messages().all()) expect(message.payload()?.json()).not.toHaveProperty("$ref");
    }
  });
});
