import { describe, expect, it } from "vitest";
import type { ApiChannel, ApiDocument, ApiMessage } from "../../../src/asyncapi/api-document.ts";
import { CompareBudget } from "../../../src/asyncapi/compare/compare-budget.ts";
import { compareDocuments } from "../../../src/asyncapi/compare/compare-documents.ts";

const message = (
  name: string,
  schema: unknown = null,
  contentType: string | null = "application/json",
): ApiMessage => ({
  name,
  contentType,
  schema,
  examples: [],
});

const channel = (address: string, messages: ApiMessage[] = [], rest: Partial<ApiChannel> = {}): ApiChannel => ({
  address,
  title: null,
  description: null,
  messages,
  parameters: [],
  ...rest,
});

const document = (channels: ApiChannel[], rest: Partial<ApiDocument> = {}): ApiDocument => ({
  specVersion: "3.0.0",
  title: "Orders",
  version: "1.0.0",
  description: null,
  tags: [],
  channels,
  ...rest,
});

const object = (properties: Record<string, unknown>, required: string[] = []) => ({
  type: "object",
  properties,
  required,
});
const text = { type: "string" };
const created = message("OrderCreated", object({ id: text, total: { type: "number" } }, ["id"]));
const cancelled = message("OrderCancelled", object({ id: text, reason: text }, ["id"]));

/** `kind path` of each change. */
const changesOf = (before: ApiDocument, after: ApiDocument): string[] =>
  compareDocuments(before, after).map(({ kind, path }) => `${kind} ${path}`);

const ofChannels = (before: ApiChannel[], after: ApiChannel[]) => changesOf(document(before), document(after));
const ofMessages = (before: ApiMessage[], after: ApiMessage[]) =>
  ofChannels([channel("orders", before)], [channel("orders", after)]);

describe("an API's own words", () => {
  it("are nothing that a subscriber's program depends on", () => {
    const before = document([], { tags: ["a", "b"] });
    const after = document([], { title: "Sales", version: "2", description: "New.", tags: ["b", "c"] });
    expect(changesOf(before, after)).toEqual([
      "non-breaking /title",
      "non-breaking /version",
      "non-breaking /description",
      "non-breaking /tags",
      "non-breaking /tags",
    ]);
  });

  it("make no change where they are the same", () => {
    const same = document([channel("orders", [created, cancelled])], { tags: ["a", "b"] });
    expect(changesOf(same, structuredClone(same))).toEqual([]);
    expect(changesOf(same, { ...same, tags: ["b", "a"], channels: [...same.channels].reverse() })).toEqual([]);
  });
});

describe("channels", () => {
  it.each<[string, ApiChannel[], ApiChannel[], string[]]>([
    ["new", [channel("a")], [channel("b"), channel("a")], ["non-breaking /channels/b"]],
    ["gone", [channel("a"), channel("b/c")], [channel("a")], ["breaking /channels/b~1c"]],
    [
      "at another address",
      [channel("a", [created])],
      [channel("b", [created])],
      ["non-breaking /channels/b", "breaking /channels/a"],
    ],
    [
      "with another parameter",
      [channel("light/{id}")],
      [channel("light/{lamp}")],
      ["non-breaking /channels/light~1{lamp}", "breaking /channels/light~1{id}"],
    ],
    [
      "with other words",
      [channel("a")],
      [channel("a", [], { title: "A", description: "B" })],
      ["non-breaking /channels/a/title", "non-breaking /channels/a/description"],
    ],
    [
      "called like what every object has",
      [channel("constructor")],
      [channel("__proto__")],
      ["non-breaking /channels/__proto__", "breaking /channels/constructor"],
    ],
  ])("%s", (_, before, after, changes) => {
    expect(ofChannels(before, after)).toEqual(changes);
  });

  it.each<[string, unknown, unknown, string[]]>([
    [
      "with a value more",
      { enum: ["a"] },
      { enum: ["a", "b"] },
      ["breaking /channels/light~1{id}/parameters/id/schema/enum"],
    ],
    [
      "described for the first time",
      null,
      { type: "string", pattern: "^[a-z]+$" },
      ["unclassified /channels/light~1{id}/parameters/id/schema"],
    ],
    ["no longer described", { type: "string" }, null, ["breaking /channels/light~1{id}/parameters/id/schema"]],
    ["that may still be anything", true, {}, []],
  ])("with a parameter %s", (_, before, after, changes) => {
    const light = (schema: unknown) => [channel("light/{id}", [], { parameters: [{ name: "id", schema }] })];
    expect(ofChannels(light(before), light(after))).toEqual(changes);
  });
});

describe("messages", () => {
  const PAYLOAD = "/channels/orders/messages/OrderCreated/payload";
  const payload = (schema: unknown) => [message("OrderCreated", schema)];

  it.each<[string, ApiMessage[], ApiMessage[], string[]]>([
    ["gone", [created, cancelled], [created], ["breaking /channels/orders/messages/OrderCancelled"]],
    ["new", [created], [created, cancelled], ["unclassified /channels/orders/messages/OrderCancelled"]],
    ["in another order", [created, cancelled], [cancelled, created], []],
    [
      "of another name",
      [created],
      [{ ...created, name: "New" }],
      ["unclassified /channels/orders/messages/New", "breaking /channels/orders/messages/OrderCreated"],
    ],
    [
      "of another content type",
      [created],
      [{ ...created, contentType: "application/cloudevents+json" }],
      ["breaking /channels/orders/messages/OrderCreated/contentType"],
    ],
    [
      "of the content type that goes without saying",
      [{ ...created, contentType: null }],
      [{ ...created, contentType: "Application/JSON" }],
      [],
    ],
    ["with a schema for the first time", payload(null), payload(text), [`unclassified ${PAYLOAD}`]],
    ["without a schema now", payload(text), payload(null), [`breaking ${PAYLOAD}`]],
    [
      "with other examples",
      [{ ...created, examples: [1] }],
      [{ ...created, examples: [2] }],
      ["non-breaking /channels/orders/messages/OrderCreated/examples"],
    ],
    ["that nothing is possible in", payload(true), payload(false), [`breaking ${PAYLOAD}`]],
    [
      "with a property more",
      [created],
      payload(object({ id: text, total: { type: "number" }, vin: text }, ["id"])),
      [`non-breaking ${PAYLOAD}/properties/vin`],
    ],
    [
      "with another type deep within",
      payload(object({ a: { items: object({ "b/c~d": text }) } })),
      payload(object({ a: { items: object({ "b/c~d": { type: "null" } }) } })),
      [`breaking ${PAYLOAD}/properties/a/items/properties/b~1c~0d/type`],
    ],
  ])("%s", (_, before, after, changes) => {
    expect(ofMessages(before, after)).toEqual(changes);
  });

  it("say what happened, for people", () => {
    const [change] = compareDocuments(
      document([channel("orders", [created])]),
      document([channel("orders", payload(object({ id: text, total: text }, ["id"])))]),
    );
    expect(change).toEqual({
      path: `${PAYLOAD}/properties/total/type`,
      kind: "breaking",
      message: "The type was number, and is string: subscribers may get what the old version ruled out.",
    });
  });
});

describe("from AsyncAPI 2.x to 3.x", () => {
  const of = (specVersion: string, ...messages: ApiMessage[]) =>
    document([channel("orders", messages)], { specVersion });

  it("nothing changes where the messages say the same", () => {
    expect(changesOf(of("2.6.0", created, cancelled), of("3.0.0", cancelled, created))).toEqual([]);
  });

  it("messages keep what they are when they are called by another thing", () => {
    const before = of("2.6.0", { ...created, name: "message" }, { ...cancelled, name: "message-2" });
    expect(changesOf(before, of("3.0.0", cancelled, created))).toEqual([
      "non-breaking /channels/orders/messages/OrderCreated",
      "non-breaking /channels/orders/messages/OrderCancelled",
    ]);
  });

  it("the only one that is left is compared, whatever it is called", () => {
    const after = message("OrderCreated", object({ id: text }, ["id"]));
    expect(changesOf(of("2.6.0", { ...created, name: "message" }), of("3.0.0", after))).toEqual([
      "non-breaking /channels/orders/messages/OrderCreated",
      "breaking /channels/orders/messages/OrderCreated/payload/properties/total",
    ]);
  });

  it("several that say nothing of themselves are gone, and new", () => {
    const before = of("2.6.0", message("a", text), message("b", object({})));
    const after = of("3.0.0", message("c", { type: "null" }), message("d", { type: "integer" }));
    expect(changesOf(before, after).map((change) => change.split(" ")[0])).toEqual([
      "unclassified",
      "unclassified",
      "breaking",
      "breaking",
    ]);
  });
});

describe("large documents", () => {
  it("have a bounded list of changes, and what breaks is in it", () => {
    const channels = (title: string, count: number) =>
      Array.from({ length: count }, (_, n) => channel(`c${n}`, [], { title: `${title} ${n}` }));
    const changes = compareDocuments(document(channels("a", 500)), document(channels("b", 499)));
    expect(changes).toHaveLength(202);
    expect(changes.find(({ kind }) => kind === "breaking")?.path).toBe("/channels/c499");
    expect(changes.at(-1)).toEqual({
      path: "",
      kind: "non-breaking",
      message: "299 more non-breaking changes are not listed.",
    });
  });

  it("have paths of a bounded length", () => {
    const before = message("m", object({ ["x".repeat(100_000)]: text }));
    const changes = compareDocuments(
      document([channel("c", [before])]),
      document([channel("c", [message("m", object({}))])]),
    );
    expect(changes[0]?.kind).toBe("breaking");
    expect(JSON.stringify(changes).length).toBeLessThan(2000);
  });

  it("share one budget, and say of each payload that it was not compared in full", () => {
    const wide = (title: string) =>
      object(Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`p${n}`, { title }])));
    const channels = (title: string) => ["a", "b"].map((address) => channel(address, [message("m", wide(title))]));
    const [before, after] = [document(channels("a")), document(channels("b"))];
    const unclassified = (steps: number) =>
      compareDocuments(before, after, new CompareBudget(steps)).flatMap((change) =>
        change.kind === "unclassified" ? change.path : [],
      );
    expect(unclassified(500)).toEqual(["/channels/a/messages/m/payload", "/channels/b/messages/m/payload"]);
    expect(unclassified(1500)).toEqual(["/channels/b/messages/m/payload"]);
    expect(unclassified(5000)).toEqual([]);
    expect(compareDocuments(before, structuredClone(before), new CompareBudget(0))).toEqual([]);
  });
});
