import { describe, expect, it } from "vitest";
import { document2, document3, errorsOf, findingsOf, readText, readValid } from "../../support/asyncapi.ts";

describe("the head of a document", () => {
  const channels = { c: { address: "c" } };

  it.each(["2.0.0", "2.6.0", "3.0.0", "3.1.0"])("may say %s", (asyncapi) => {
    expect(readValid(document3(channels, { asyncapi })).specVersion).toBe(asyncapi);
  });

  it.each<[string, Record<string, unknown>, string[]]>([
    ["an empty title", { title: " ", version: "1" }, ["relay-name /info/title"]],
    ["a title of two lines", { title: "a\nb", version: "1" }, ["relay-name /info/title"]],
    ["a title beyond its bound", { title: "x".repeat(257), version: "1" }, ["relay-name /info/title"]],
    ["an empty version", { title: "T", version: "" }, ["relay-name /info/version"]],
    [
      "a description beyond its bound",
      { title: "T", version: "1", description: "x".repeat(16 * 1024 + 1) },
      ["relay-text-too-long /info/description"],
    ],
    [
      "more tags than it may have",
      { title: "T", version: "1", tags: Array.from({ length: 101 }, (_, i) => ({ name: `${i}` })) },
      ["relay-too-many-tags /info/tags"],
    ],
  ])("may not have %s", (_, info, errors) => {
    expect(errorsOf(document3(channels, { info }))).toEqual(errors);
  });

  it("takes tags from the root in 2.x, each once, references followed", () => {
    const tags = [{ name: "a" }, { name: "b" }, { name: "a" }, { $ref: "#/components/tags/c" }];
    const components = { tags: { c: { name: "c" } } };
    expect(readValid(document2({ c: {} }, { tags, components })).tags).toEqual(["a", "b", "c"]);
  });

  it("is reminded of tags and a contact", () => {
    expect(findingsOf(document3(channels), "info")).toEqual(["relay-contact /info", "relay-tags /info"]);
    const info = { title: "T", version: "1", contact: {}, tags: [{ name: "a" }] };
    expect(findingsOf(document3(channels, { info }), "info")).toEqual([]);
  });
});

describe("a value that is no valid document", () => {
  // AsyncAPI's own rules say what is wrong with them.
  it.each([
    {},
    { asyncapi: 3 },
    { asyncapi: "3.0.0", info: [], channels: "x" },
    {
      asyncapi: "3.0.0",
      info: { title: {}, version: 1, tags: [5, {}, { name: [] }] },
      channels: { a: 5, b: [], c: null },
    },
    {
      asyncapi: "3.0.0",
      channels: { a: { address: "a", messages: [], parameters: 5 } },
      operations: { o: 5, p: { channel: 5 } },
    },
    { asyncapi: "2.6.0", channels: { a: { subscribe: 5 }, b: { subscribe: { message: { oneOf: {} } } } } },
    {
      asyncapi: "2.6.0",
      channels: { a: { subscribe: { message: { payload: 5, headers: 5, traits: {}, examples: {} } } } },
    },
  ])("is passed over without trouble: %j", (value) => {
    expect(readText(JSON.stringify(value)).api.channels.every(({ address }) => typeof address === "string")).toBe(true);
  });

  it("may name things like something of every object", () => {
    const text =
      '{"asyncapi":"3.0.0","channels":{"__proto__":{"address":"__proto__"},"constructor":{"address":"toString"}}}';
    expect(readText(text).api.channels.map(({ address }) => address)).toEqual(["__proto__", "toString"]);
  });
});

describe("what is found", () => {
  it("is at most a hundred of each kind, and short", () => {
    const wrong = Object.fromEntries(
      Array.from({ length: 200 }, (_, i) => [`c${i}`, { address: `x{${i}${"k".repeat(2000)}` }]),
    );
    const { findings } = readText(document3(wrong));
    expect(findings.filter(({ code }) => code === "relay-channel-address")).toHaveLength(100);
    for (const { message } of findings) expect(message.length).toBeLessThanOrEqual(500);
  });

  it("is said once of one place, however many channels lead there", () => {
    const messages = { m: { $ref: "#/components/messages/m" } };
    const components = { messages: { m: { contentType: "text/plain" } } };
    const text = document3({ a: { address: "a", messages }, b: { address: "b", messages } }, { components });
    expect(errorsOf(text)).toEqual(["relay-content-type /components/messages/m"]);
  });
});
