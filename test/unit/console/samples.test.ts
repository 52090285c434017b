import { type Node, parse } from "acorn";
import { describe, expect, it } from "vitest";
import { exampleEvent, type SampleChannel } from "../../../src/console/samples/channel-event.ts";
import { renderSample, type SampleWish } from "../../../src/console/samples/sample.ts";
import { fileNameOf, type Kind, type Language } from "../../../src/console/samples/templates.ts";
import { hostileTexts } from "../../support/hostile-texts.ts";

const LANGUAGES: Language[] = ["node", "python", "curl"];
const KINDS: Kind[] = ["receive", "publish"];
const ALL = LANGUAGES.flatMap((language) => KINDS.map((kind) => ({ language, kind })));

const channelOf = (payload: unknown, address = "orders/{storeId}/changed"): SampleChannel => ({
  address,
  messages: [{ name: "changed", schema: { type: "object" }, examples: [payload] }],
});

const render = (wish: Partial<SampleWish>): string =>
  renderSample({
    ...{ language: "node", kind: "publish", origin: "https://relay.test" },
    ...{ api: { title: "Orders", version: "1" }, channel: channelOf({ orderId: "o-1" }) },
    ...wish,
  });

describe("a sample", () => {
  it.each(ALL)("is made for the API and the channel: $kind with $language", (wish) => {
    const text = render({ ...wish, channel: channelOf({ storeId: "s-7", orderId: "o-1" }) });
    expect(text).toContain("https://relay.test");
    expect(text).toContain("Channel orders/{storeId}/changed of Orders 1");
    expect(text).toContain("orders/s-7/changed");
    expect(text).toContain("o-1");
    expect(text).not.toMatch(/%\w+%/);
  });

  it("has a name that says what runs it", () => {
    expect(ALL.map(({ kind, language }) => fileNameOf(kind, language))).toEqual([
      ...["receive.mjs", "publish.mjs", "receive.py", "publish.py", "receive.sh", "publish.sh"],
    ]);
  });

  it.each(ALL)("keeps within its comments and its texts whatever an API holds: $kind with $language", (wish) => {
    const tame = render(wish);
    for (const text of hostileTexts()) {
      const api = { title: text, version: text };
      const made = render({ ...wish, api, channel: channelOf({ n: 1 }, `orders/${text}`) });
      // A line more would be code.
      expect(codeLines(made)).toHaveLength(codeLines(tame).length);
      for (const line of made.split("\n").filter((line) => line.includes("Channel orders/"))) {
        expect(line).toMatch(/^(?:#|\/\/) /);
      }
    }
  });
});

/** Without what stands in comments, and in the literal of the payload. */
const codeLines = (text: string): string[] =>
  text
    .replaceAll(/(event|EVENT) ?= ?'?\{[^}]*\}/g, "payload")
    .split("\n")
    .filter((line) => !/^\s*(?:#|\/\/)/.test(line));

describe("a sample for Node.js", () => {
  it("holds the payload as it is, whatever its texts and its names are", () => {
    for (const text of hostileTexts()) {
      const payload = JSON.parse(
        JSON.stringify({ [text]: [text, { nested: text }], orderId: text, n: [1.5, true, null] }),
      );
      const made = render({ channel: channelOf(payload) });
      expect(constantsOf(made).event).toEqual(payload);
      // Whoever reads it sees all of it, in its order.
      expect(made).not.toMatch(/[\u0085\u200b\u2028\u2029\u202e\ufeff]/);
    }
  });

  it("does not make a prototype of a member that is called so", () => {
    const payload = JSON.parse('{"__proto__": {"isAdmin": true}}');
    const { event } = constantsOf(render({ channel: channelOf(payload) }));
    expect(JSON.stringify(event)).toBe(JSON.stringify(payload));
  });

  it("writes no number that is none", () => {
    const payload = JSON.parse('{"many": 1e999}');
    expect(constantsOf(render({ channel: channelOf(payload) })).event).toEqual({ many: null });
    expect(render({ language: "python", channel: channelOf(payload) })).toContain('"many": None');
  });
});

/** The constants at the top of a module that are literals, by their names. */
function constantsOf(text: string): Record<string, unknown> {
  const { body } = parse(text, { ecmaVersion: "latest", sourceType: "module" });
  const constants = body.flatMap((statement) =>
    statement.type === "VariableDeclaration" ? statement.declarations : [],
  );
  return Object.fromEntries(
    constants.flatMap(({ id, init }) => (id.type === "Identifier" && init ? [[id.name, evaluate(init)]] : [])),
  );
}

type Property = Node & { computed: boolean; key: Node; value: Node };

function evaluate(node: Node): unknown {
  const { type, value, elements, properties } = node as Node & {
    value?: unknown;
    elements: Node[];
    properties: Property[];
  };
  if (type === "Literal") return value;
  if (type === "ArrayExpression") return elements.map(evaluate);
  if (type !== "ObjectExpression") return undefined;
  const entries = properties.map((property) => {
    const key = evaluate(property.key);
    if (key === "__proto__" && !property.computed) throw new Error("this sets a prototype");
    return [key, evaluate(property.value)];
  });
  return Object.fromEntries(entries);
}

describe("the event of a sample", () => {
  it("is the first that the publisher shows, and else one of the schema", () => {
    expect(exampleEvent(channelOf({ a: 1 })).payload).toEqual({ a: 1 });
    const schema = { type: "object", properties: { vin: { type: "string", const: "V1" } }, required: ["vin"] };
    const channel = { address: "cars", messages: [{ name: "car", schema, examples: [] }] };
    expect(exampleEvent(channel)).toEqual({ path: "cars", key: "V1", payload: { vin: "V1" } });
    expect(exampleEvent({ address: "cars", messages: [] })).toMatchObject({ path: "cars", key: "key-1" });
  });

  it("has the place of its payload in the path, and another member as its key", () => {
    const { path, key } = exampleEvent(channelOf({ storeId: "s 1/2", orderNumber: 17 }));
    expect({ path, key }).toEqual({ path: "orders/storeId/changed", key: "17" });
    expect(exampleEvent(channelOf({ storeId: "s-1" }))).toMatchObject({ path: "orders/s-1/changed", key: "key-1" });
  });

  it("is published to a path that is one", () => {
    for (const text of hostileTexts()) {
      const { path, key } = exampleEvent(channelOf({ id: text }, `a/${text}/b`));
      expect(path).toMatch(/^[\w/%.!~*'()-]+$/);
      expect(key).toMatch(/^[!-~]{1,100}$/);
    }
  });
});
