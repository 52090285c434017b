import { describe, expect, it } from "vitest";
import { CHANNEL_CHARS_MAX, CHANNELS_PER_API_MAX } from "../../../src/kernel/limits.ts";
import { document2, document3, errorsOf, readInvalid, readValid } from "../../support/asyncapi.ts";

const addressesOf = (text: string) => readValid(text).channels.map((channel) => channel.address);
const channelsOf = (addresses: string[]) => Object.fromEntries(addresses.map((address, i) => [`c${i}`, { address }]));

describe("a channel address", () => {
  it.each([
    ["orders", "orders", []],
    ["/orders/created", "orders/created", []],
    ["orders/{id}", "orders/{id}", ["id"]],
    ["{tenant}/orders/{order_id}/{line-no}", "{tenant}/orders/{order_id}/{line-no}", ["tenant", "order_id", "line-no"]],
    ["{id}/copies/{id}", "{id}/copies/{id}", ["id"]],
    ["com.example.orders.v1", "com.example.orders.v1", []],
    ["orders/a b/ключ/🚗", "orders/a b/ключ/🚗", []],
    ["orders/..a/...", "orders/..a/...", []],
    ["x".repeat(CHANNEL_CHARS_MAX), "x".repeat(CHANNEL_CHARS_MAX), []],
    ["__proto__", "__proto__", []],
  ])("may be %j", (given, address, parameters) => {
    expect(readValid(document3(channelsOf([given]))).channels).toMatchObject([{ address, parameters }]);
    expect(readValid(document2(JSON.parse(`{${JSON.stringify(given)}: {}}`))).channels).toMatchObject([
      { address, parameters },
    ]);
  });

  it.each([
    ["", "empty"],
    ["/", "empty"],
    ["orders/", "empty segment"],
    ["orders//created", "empty segment"],
    ["orders/./created", '"."'],
    ["../orders", '".."'],
    ["orders/..", '".."'],
    ["orders?x=1", '"?"'],
    ["orders#1", '"#"'],
    ["orders\\created", "\\"],
    ["orders/\n", "control character"],
    ["orders/\u0000", "control character"],
    ["orders/\u0085", "control character"],
    ["orders/\u007f", "control character"],
    ["orders/\ud83d", "surrogate"],
    ["x".repeat(CHANNEL_CHARS_MAX + 1), "characters"],
    ["{a}{b}", "tells its two parameters apart"],
    ["{a", "a parameter is"],
    ["a}", "a parameter is"],
    ["{}", "a parameter is"],
    ["{{a}}", "a parameter is"],
    ["{a b}", "a parameter is"],
    ["{a/b}", "a parameter is"],
  ])("may not be %j", (given, fault) => {
    for (const text of [document3(channelsOf([given])), document2({ [given]: {} })]) {
      const errors = readInvalid(text);
      expect(errors).toMatchObject([{ code: "channel-address", severity: "error" }]);
      expect(errors[0]?.message).toContain(fault);
    }
  });

  it("is the channel's key where 3.x gives none, and that is said", () => {
    const document = readValid(document3({ "orders/created": {} }));
    expect(document.channels).toMatchObject([{ address: "orders/created" }]);
    expect(document.diagnostics).toMatchObject([{ code: "channel-address-missing", severity: "info" }]);
  });

  it.each([null, 5, {}, [], true])("may not be %j", (address) => {
    expect(errorsOf(document3({ c: { address } }))).toEqual(["channel-address /channels/c/address"]);
  });
});

describe("the channels of a document", () => {
  it.each([undefined, {}])("have to be some: %j", (channels) => {
    expect(errorsOf(document3({}, { channels }))).toEqual([
      channels ? "channels-missing /channels" : "channels-missing",
    ]);
  });

  it.each([[null], [[]], ["a"], [5]])("have to be an object: %j", (channels) => {
    expect(errorsOf(document2({}, { channels }))).toEqual(["not-an-object /channels"]);
  });

  it("are at most as many as an API may have", () => {
    const most = Array.from({ length: CHANNELS_PER_API_MAX }, (_, i) => `c/${i}`);
    expect(addressesOf(document3(channelsOf(most)))).toEqual(most);
    expect(errorsOf(document3(channelsOf([...most, "one/more"])))).toEqual(["too-many-channels /channels"]);
  });

  it("have each address once, however it is written", () => {
    expect(errorsOf(document3(channelsOf(["orders", "/orders"])))).toEqual(["channel-duplicate /channels/c1/address"]);
    expect(errorsOf(document2({ "/orders/{id}": {}, "orders/{id}": {} }))).toEqual([
      "channel-duplicate /channels/orders/{id}",
    ]);
  });

  it("have no two templates that a path could match both of", () => {
    expect(errorsOf(document3(channelsOf(["orders/{id}", "{kind}/created"])))).toEqual([
      "channel-overlap /channels/c1/address",
    ]);
    expect(addressesOf(document3(channelsOf(["orders/{id}", "orders/created", "orders/{id}/items"])))).toHaveLength(3);
  });

  it("may be references, in both versions", () => {
    const components = { channels: { "a/b": { address: "x", description: "D", publish: {} } } };
    const reference = { $ref: "#/components/channels/a~1b" };
    expect(readValid(document3({ c: reference }, { components })).channels).toMatchObject([
      { address: "x", description: "D" },
    ]);
    expect(readValid(document2({ y: reference }, { components })).channels).toMatchObject([
      { address: "y", description: "D" },
    ]);
  });

  it("have a title and a description where the document gives them", () => {
    const { channels } = readValid(
      document3({
        a: { address: "a", title: "T", description: "D", summary: "S" },
        b: { address: "b", summary: "S" },
        c: { address: "c" },
      }),
    );
    expect(channels.map(({ title, description }) => [title, description])).toEqual([
      ["T", "D"],
      [null, "S"],
      [null, null],
    ]);
  });
});

describe("the messages of a channel in 3.x", () => {
  it("are named by their keys, and have the document's content type where they say none", () => {
    const messages = {
      own: { contentType: "application/cloudevents+json", payload: { type: "string" } },
      plain: { $ref: "#/components/messages/plain" },
      trait: { traits: [{ contentType: "text/a" }, { contentType: "text/b" }] },
      both: { contentType: "text/own", traits: [{ contentType: "text/a" }] },
    };
    const components = { messages: { plain: { name: "Another name", payload: true } } };
    const text = document3({ c: { address: "c", messages } }, { components, defaultContentType: "application/json" });
    expect(readValid(text).channels[0]?.messages).toEqual([
      { name: "own", contentType: "application/cloudevents+json", schema: { type: "string" } },
      { name: "plain", contentType: "application/json", schema: true },
      { name: "trait", contentType: "text/b", schema: null },
      { name: "both", contentType: "text/own", schema: null },
    ]);
  });

  it("have no schema where it is in a language that the relay does not check, and that is said", () => {
    const messages = {
      avro: { payload: { schemaFormat: "application/vnd.apache.avro;version=1.9.0", schema: { type: "record" } } },
      json: { payload: { schemaFormat: "application/schema+json;version=draft-07", schema: { type: "object" } } },
      own: { payload: { schemaFormat: "application/vnd.aai.asyncapi;version=3.0.0", schema: { type: "array" } } },
    };
    const document = readValid(document3({ c: { address: "c", messages } }));
    expect(document.channels[0]?.messages.map(({ schema }) => schema)).toEqual([
      null,
      { type: "object" },
      { type: "array" },
    ]);
    expect(document.diagnostics).toMatchObject([
      {
        code: "schema-format",
        severity: "info",
        path: ["channels", "c", "messages", "avro", "payload", "schemaFormat"],
      },
    ]);
  });

  it.each([
    ["messages that are none", { messages: [] }, ["not-an-object /channels/c/messages"]],
    ["a message that is none", { messages: { m: 5 } }, ["not-an-object /channels/c/messages/m"]],
    [
      "a payload that is no schema",
      { messages: { m: { payload: "x" } } },
      ["schema-invalid /channels/c/messages/m/payload"],
    ],
    [
      "a content type that is no text",
      { messages: { m: { contentType: 5 } } },
      ["not-a-text /channels/c/messages/m/contentType"],
    ],
    ["a title that is no text", { title: {} }, ["not-a-text /channels/c/title"]],
  ])("are refused with %s", (_, channel, errors) => {
    expect(errorsOf(document3({ c: { address: "c", ...channel } }))).toEqual(errors);
  });

  it("are at most a hundred", () => {
    const messages = Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`m${i}`, {}]));
    expect(errorsOf(document3({ c: { address: "c", messages } }))).toEqual([
      "too-many-messages /channels/c/messages/m100",
    ]);
  });
});

describe("the messages of a channel in 2.x", () => {
  const namesOf = (channel: unknown, components: unknown = {}) =>
    readValid(document2({ c: channel }, { components })).channels[0]?.messages.map(({ name }) => name);

  it("are those of both operations, the same one once", () => {
    const components = { messages: { A: {}, B: {} } };
    const channel = {
      publish: { message: { oneOf: [{ $ref: "#/components/messages/A" }, { $ref: "#/components/messages/B" }] } },
      subscribe: { message: { $ref: "#/components/messages/A" } },
    };
    expect(namesOf(channel, components)).toEqual(["A", "B"]);
  });

  it("are named by their id, their name, their key, or else by what they are; never two alike", () => {
    const components = { messages: { Key: { payload: true } } };
    const oneOf = [
      { messageId: "theId", name: "theName" },
      { name: "theName" },
      { traits: [{ name: "theTrait" }], name: "theName" },
      { $ref: "#/components/messages/Key" },
      {},
      { name: "theName" },
      {},
    ];
    expect(namesOf({ publish: { message: { oneOf } } }, components)).toEqual([
      "theId",
      "theName",
      "theTrait",
      "Key",
      "message",
      "theName-2",
      "message-2",
    ]);
  });

  it("say their schema's language beside the payload", () => {
    const oneOf = [
      { schemaFormat: "application/vnd.apache.avro;version=1.9.0", payload: { type: "record" } },
      { schemaFormat: "application/schema+yaml;version=draft-07", payload: { type: "string" } },
      { payload: { type: "object", schemaFormat: "x", schema: 1 } },
    ];
    const [channel] = readValid(document2({ c: { subscribe: { message: { oneOf } } } })).channels;
    expect(channel?.messages.map(({ schema }) => schema)).toEqual([
      null,
      { type: "string" },
      { type: "object", schemaFormat: "x", schema: 1 },
    ]);
  });

  it.each([
    ["an operation that is none", { publish: 5 }, ["not-an-object /channels/c/publish"]],
    ["a message that is none", { publish: { message: [] } }, ["not-an-object /channels/c/publish/message"]],
    [
      "a oneOf that is no list",
      { publish: { message: { oneOf: {} } } },
      ["not-a-list /channels/c/publish/message/oneOf"],
    ],
    [
      "more than a hundred",
      { publish: { message: { oneOf: Array.from({ length: 101 }, () => ({})) } } },
      ["too-many-messages /channels/c/publish/message/oneOf"],
    ],
  ])("are refused with %s", (_, channel, errors) => {
    expect(errorsOf(document2({ c: channel }))).toEqual(errors);
  });

  it("may be none: a channel whose operations say nothing", () => {
    expect(namesOf({})).toEqual([]);
    expect(namesOf({ publish: { operationId: "x" } })).toEqual([]);
  });
});
