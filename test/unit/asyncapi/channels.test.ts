import { describe, expect, it } from "vitest";
import { CHANNEL_CHARS_MAX, CHANNELS_PER_API_MAX } from "../../../src/kernel/limits.ts";
import { document2, document3, errorsOf, findingsOf, readText, readValid } from "../../support/asyncapi.ts";

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
    const expected = [{ address, parameters: parameters.map((name) => ({ name, schema: null })) }];
    expect(readValid(document3(channelsOf([given]))).channels).toMatchObject(expected);
    expect(readValid(document2(JSON.parse(`{${JSON.stringify(given)}: {}}`))).channels).toMatchObject(expected);
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
      const [finding] = readText(text).findings.filter(({ code }) => code === "relay-channel-address");
      expect(finding?.message).toContain(fault);
    }
  });

  it("is the channel's key where 3.x gives none, and that is said", () => {
    const text = document3({ "orders/created": {} });
    expect(readValid(text).channels).toMatchObject([{ address: "orders/created" }]);
    expect(findingsOf(text, "info")).toContain("relay-channel-address-missing /channels/orders/created");
  });

  it.each([null, 5, {}, [], true])("may not be %j", (address) => {
    expect(errorsOf(document3({ c: { address } }))).toContain("relay-channel-address /channels/c/address");
  });
});

describe("the channels of a document", () => {
  it.each([undefined, {}])("have to be some: %j", (channels) => {
    expect(errorsOf(document3({}, { channels }))).toEqual([
      channels ? "relay-channels-missing /channels" : "relay-channels-missing",
    ]);
  });

  it("are at most as many as an API may have", () => {
    const most = Array.from({ length: CHANNELS_PER_API_MAX }, (_, i) => `c/${i}`);
    expect(addressesOf(document3(channelsOf(most)))).toEqual(most);
    expect(errorsOf(document3(channelsOf([...most, "one/more"])))).toEqual(["relay-too-many-channels /channels"]);
  });

  it("have each address once, however it is written", () => {
    expect(errorsOf(document3(channelsOf(["orders", "/orders"])))).toEqual([
      "relay-channel-duplicate /channels/c1/address",
    ]);
    expect(errorsOf(document2({ "/orders/{id}": {}, "orders/{id}": {} }))).toEqual([
      "relay-channel-duplicate /channels/orders/{id}",
    ]);
  });

  it("have no two templates that a path could match both of", () => {
    expect(errorsOf(document3(channelsOf(["orders/{id}", "{kind}/created"])))).toEqual([
      "relay-channel-overlap /channels/c1/address",
    ]);
    expect(addressesOf(document3(channelsOf(["orders/{id}", "orders/created", "orders/{id}/items"])))).toHaveLength(3);
  });

  it("may be references, in both versions", () => {
    const components = { channels: { "a/b": { address: "x", description: "D", subscribe: {} } } };
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

describe("who sends to a channel", () => {
  const sent = (text: string) => readText(text).api.channels.map(({ address }) => address);
  const to = (name: string, action: string) => ({ action, channel: { $ref: `#/channels/${name}` } });

  it("is left open where a document has no operation: then all of them are sent to", () => {
    expect(sent(document3(channelsOf(["a", "b"])))).toEqual(["a", "b"]);
    expect(sent(document2({ a: {}, b: {} }))).toEqual(["a", "b"]);
  });

  it("is said by `subscribe` in 2.x; a channel that is only published to is no topic", () => {
    const text = document2({ a: { subscribe: {} }, b: { publish: {} }, c: { publish: {}, subscribe: {} }, d: {} });
    expect(sent(text)).toEqual(["a", "c"]);
    expect(findingsOf(text, "warning")).toEqual([
      "relay-channel-not-sent /channels/b",
      "relay-channel-not-sent /channels/d",
    ]);
  });

  it("is said by `action: send` from 3.0 on, through references", () => {
    const operations = {
      send: to("c0", "send"),
      receive: to("c1", "receive"),
      other: { $ref: "#/components/operations/o" },
    };
    const components = { operations: { o: to("c2", "send") } };
    const text = document3(channelsOf(["a", "b", "c"]), { operations, components });
    expect(sent(text)).toEqual(["a", "c"]);
    expect(findingsOf(text, "warning")).toEqual(["relay-channel-not-sent /channels/c1"]);
  });

  it("has to be the API for one of them at least", () => {
    expect(errorsOf(document2({ a: { publish: {} } }))).toEqual(["relay-nothing-sent /channels"]);
    const operations = { receive: to("c0", "receive") };
    expect(errorsOf(document3(channelsOf(["a"]), { operations }))).toEqual(["relay-nothing-sent /channels"]);
  });

  it("may send some of a channel's messages only", () => {
    const messages = { A: {}, B: { $ref: "#/components/messages/b" }, C: {} };
    const at = (path: string) => ({ $ref: `#/${path}` });
    const operation = (...paths: string[]) => ({
      ...to("c", "send"),
      ...(paths.length > 0 && { messages: paths.map(at) }),
    });
    const namesOf = (operations: Record<string, unknown>) =>
      readValid(
        document3({ c: { address: "c", messages } }, { operations, components: { messages: { b: {} } } }),
      ).channels[0]?.messages.map(({ name }) => name);
    expect(namesOf({ one: operation("channels/c/messages/B") })).toEqual(["B"]);
    expect(namesOf({ one: operation("channels/c/messages/A"), two: operation("channels/c/messages/C") })).toEqual([
      "A",
      "C",
    ]);
    expect(namesOf({ one: operation("channels/c/messages/A"), two: operation() })).toEqual(["A", "B", "C"]);
  });
});

describe("the parameters of a channel", () => {
  it("have the schemas that are declared", () => {
    const parameters = { id: { schema: { type: "integer" } }, kind: { $ref: "#/components/parameters/kind" } };
    const components = { parameters: { kind: { schema: { enum: ["a", "b"] } } } };
    const text = document2({ "x/{id}/{kind}/{other}": { subscribe: {}, parameters } }, { components });
    expect(readValid(text).channels[0]?.parameters).toEqual([
      { name: "id", schema: { type: "integer" } },
      { name: "kind", schema: { enum: ["a", "b"] } },
      { name: "other", schema: null },
    ]);
    const size = { description: "A shirt's", enum: ["s", "m"], default: "m", examples: ["s"] };
    const three = document3({ c: { address: "{size}/{any}", parameters: { size, any: {} } } });
    expect(readValid(three).channels[0]?.parameters).toEqual([
      { name: "size", schema: { type: "string", ...size } },
      { name: "any", schema: null },
    ]);
  });
});

describe("the messages of a channel in 3.x", () => {
  it("are named by their keys, and have the document's content type where they say none", () => {
    const messages = {
      own: { contentType: "application/cloudevents+json", payload: { type: "string" } },
      plain: { $ref: "#/components/messages/plain" },
      trait: { traits: [{ contentType: "application/a+json" }, { contentType: "application/b+json" }] },
      both: { contentType: "application/own+json", traits: [{ contentType: "application/a+json" }] },
    };
    const components = { messages: { plain: { name: "Another name", payload: true } } };
    const text = document3({ c: { address: "c", messages } }, { components, defaultContentType: "application/json" });
    expect(readValid(text).channels[0]?.messages).toEqual([
      { name: "own", contentType: "application/cloudevents+json", schema: { type: "string" }, examples: [] },
      { name: "plain", contentType: "application/json", schema: true, examples: [] },
      { name: "trait", contentType: "application/b+json", schema: null, examples: [] },
      { name: "both", contentType: "application/own+json", schema: null, examples: [] },
    ]);
  });

  it("have no schema where it is in a language that the relay does not check, and that is said", () => {
    const messages = {
      avro: { payload: { schemaFormat: "application/vnd.apache.avro;version=1.9.0", schema: { type: "record" } } },
      json: { payload: { schemaFormat: "application/schema+json;version=draft-07", schema: { type: "object" } } },
      own: { payload: { schemaFormat: "application/vnd.aai.asyncapi;version=3.0.0", schema: { type: "array" } } },
    };
    const text = document3({ c: { address: "c", messages } });
    expect(readValid(text).channels[0]?.messages.map(({ schema }) => schema)).toEqual([
      null,
      { type: "object" },
      { type: "array" },
    ]);
    expect(findingsOf(text, "warning")).toEqual(["relay-schema-format /channels/c/messages/avro/payload/schemaFormat"]);
  });

  it("are JSON", () => {
    const messages = { a: { contentType: "application/json; charset=utf-8" }, b: { contentType: "avro/binary" } };
    expect(errorsOf(document3({ c: { address: "c", messages } }))).toEqual([
      "relay-content-type /channels/c/messages/b",
    ]);
  });

  it("have the payloads of their first examples", () => {
    const examples = [{ payload: 1 }, { headers: {} }, { payload: { a: 2 } }, { payload: 3 }];
    const [channel] = readValid(document3({ c: { address: "c", messages: { m: { examples } } } })).channels;
    expect(channel?.messages[0]?.examples).toEqual([1, { a: 2 }]);
  });

  it("are warned of where a header that the relay reads is spelled otherwise", () => {
    const properties = { dataOwnerId: {}, "Partition-Key": {}, partitionkey: {}, X_Request_ID: {}, Other: {} };
    const messages = {
      m: { headers: { type: "object", properties }, traits: [{ headers: { properties: { subscriptionID: {} } } }] },
    };
    const path = "/channels/c/messages/m";
    expect(findingsOf(document3({ c: { address: "c", messages } }), "warning")).toEqual([
      `relay-header-name ${path}/headers/properties/dataOwnerId`,
      `relay-header-name ${path}/headers/properties/X_Request_ID`,
      `relay-header-name ${path}/traits/0/headers/properties/subscriptionID`,
    ]);
  });

  it("are warned of where their schema cannot be checked, or a part of it", () => {
    const messages = { m: { payload: { type: "object", properties: { a: { pattern: "(a)\\1" } } } } };
    expect(findingsOf(document3({ c: { address: "c", messages } }), "warning")).toEqual([
      "relay-schema-unchecked /channels/c/messages/m/payload",
    ]);
  });

  it("are at most a hundred", () => {
    const messages = Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`m${i}`, {}]));
    expect(errorsOf(document3({ c: { address: "c", messages } }))).toEqual([
      "relay-too-many-messages /channels/c/messages/m100",
    ]);
  });
});

describe("the messages of a channel in 2.x", () => {
  const namesOf = (channel: unknown, components: unknown = {}) =>
    readValid(document2({ c: channel }, { components })).channels[0]?.messages.map(({ name }) => name);

  it("are those of what is subscribed to, the same one once", () => {
    const components = { messages: { A: {}, B: {}, C: {} } };
    const at = (name: string) => ({ $ref: `#/components/messages/${name}` });
    const channel = {
      subscribe: { message: { oneOf: [at("A"), at("B"), at("A")] } },
      publish: { message: at("C") },
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
    expect(namesOf({ subscribe: { message: { oneOf } } }, components)).toEqual([
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

  it("are at most a hundred", () => {
    const oneOf = Array.from({ length: 101 }, () => ({}));
    expect(errorsOf(document2({ c: { subscribe: { message: { oneOf } } } }))).toEqual([
      "relay-too-many-messages /channels/c/subscribe/message/oneOf",
    ]);
  });

  it("may be none: a channel whose operations say nothing", () => {
    expect(namesOf({})).toEqual([]);
    expect(namesOf({ subscribe: { operationId: "x" } })).toEqual([]);
  });
});
