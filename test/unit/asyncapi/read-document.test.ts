import { describe, expect, it } from "vitest";
import { document2, document3, errorsOf, readInvalid, readValid } from "../../support/asyncapi.ts";
import { listSpecs, readSpec } from "../../support/specs.ts";

const readSpecDocument = (name: string) => readValid(readSpec(name));

describe("the documents in specs", () => {
  it("can be registered, all of them, and nothing is to be said about them", () => {
    const names = listSpecs();
    expect(names.length).toBeGreaterThanOrEqual(3);
    for (const name of names) expect(readSpecDocument(name).diagnostics, name).toEqual([]);
  });

  it("are read in 3.0, with parameters and schemas", () => {
    const document = readSpecDocument("repair-order.asyncapi.yaml");
    expect(document).toMatchObject({
      specVersion: "3.0.0",
      title: "Repair Orders",
      version: "1.4.0",
      description: expect.stringContaining("partition key"),
      tags: ["automotive", "service"],
    });
    expect(document.channels.map(({ address, parameters }) => [address, parameters])).toEqual([
      ["repair-orders/created", []],
      ["repair-orders/{storeId}/status-changed", ["storeId"]],
      ["repair-orders/{storeId}/recommendations", ["storeId"]],
      ["repair-orders/closed", []],
    ]);
    const [created] = document.channels;
    expect(created?.title).toBe("Repair order created");
    expect(created?.messages).toMatchObject([{ name: "repairOrderCreated", contentType: "application/json" }]);
    expect(created?.messages[0]?.schema).toMatchObject({
      properties: { vehicle: { $ref: "#/definitions/Vehicle" } },
      definitions: { Vehicle: { required: ["vin"] }, ServiceLine: { type: "object" }, Money: { type: "object" } },
    });
  });

  it("are read in 2.6, with traits and oneOf", () => {
    const document = readSpecDocument("vehicle-inventory.asyncapi.yaml");
    expect(document).toMatchObject({ specVersion: "2.6.0", tags: ["automotive", "inventory"] });
    expect(document.channels.map(({ address, messages }) => [address, messages.map(({ name }) => name)])).toEqual([
      ["inventory/vehicle-added", ["vehicleAdded"]],
      ["inventory/{lotId}/price-changed", ["priceChanged"]],
      ["inventory/vehicle-removed", ["vehicleSold", "vehicleTransferred"]],
    ]);
  });

  it("are read in 3.1 as JSON, with a recursive schema", () => {
    const document = readSpecDocument("flight-status.asyncapi.json");
    expect(document.specVersion).toBe("3.1.0");
    expect(document.channels[0]?.messages[0]?.schema).toMatchObject({
      properties: { connectsTo: { items: { $ref: "#" } } },
    });
  });
});

describe("the head of a document", () => {
  const channels = { c: { address: "c" } };

  it.each(["2.0.0", "2.1.0", "2.2.0", "2.3.0", "2.4.0", "2.5.0", "2.6.0", "3.0.0", "3.1.0"])(
    "may say %s",
    (asyncapi) => {
      expect(readValid(document3(channels, { asyncapi })).specVersion).toBe(asyncapi);
    },
  );

  it.each(["1.2.0", "2.7.0", "3.2.0", "4.0.0", "2.6", "3", "", "3.0.0-rc1", " 3.0.0", "3.0.0\n", "v3.0.0"])(
    "may not say %j",
    (asyncapi) => {
      expect(errorsOf(document3(channels, { asyncapi }))).toEqual(["asyncapi-version /asyncapi"]);
    },
  );

  it.each([
    ["nothing", { asyncapi: undefined }, ["not-asyncapi"]],
    ["a number", { asyncapi: 3 }, ["not-a-text /asyncapi"]],
    ["null", { asyncapi: null }, ["not-a-text /asyncapi"]],
    ["no info", { info: undefined }, ["missing"]],
    ["an info that is none", { info: [] }, ["not-an-object /info"]],
    ["no title", { info: { version: "1" } }, ["missing /info"]],
    ["no version", { info: { title: "T" } }, ["missing /info"]],
    ["an empty title", { info: { title: " ", version: "1" } }, ["empty /info/title"]],
    ["a title of two lines", { info: { title: "a\nb", version: "1" } }, ["control-character /info/title"]],
    ["a version that YAML reads as a number", { info: { title: "T", version: 1.1 } }, ["not-a-text /info/version"]],
    ["a title beyond its bound", { info: { title: "x".repeat(257), version: "1" } }, ["text-too-long /info/title"]],
    [
      "a description beyond its bound",
      { info: { title: "T", version: "1", description: "x".repeat(16 * 1024 + 1) } },
      ["text-too-long /info/description"],
    ],
    ["tags that are no list", { info: { title: "T", version: "1", tags: "a" } }, ["not-a-list /info/tags"]],
    ["a tag without a name", { info: { title: "T", version: "1", tags: [{}] } }, ["missing /info/tags/0"]],
  ])("may not have %s", (_, rest, errors) => {
    expect(errorsOf(document3(channels, rest))).toEqual(errors);
  });

  it("takes tags from the root in 2.x, each once, references followed", () => {
    const tags = [{ name: "a" }, { name: "b" }, { name: "a" }, { $ref: "#/components/tags/c" }];
    const components = { tags: { c: { name: "c" } } };
    expect(readValid(document2(channels, { tags, components })).tags).toEqual(["a", "b", "c"]);
  });

  it("names what is wrong at every place at once", () => {
    const text = document3({ a: { address: "a//b" }, b: { address: null } }, { info: { title: 1 } });
    expect(errorsOf(text).sort()).toEqual([
      "channel-address /channels/a/address",
      "channel-address /channels/b/address",
      "missing /info",
      "not-a-text /info/title",
    ]);
  });

  it.each(["", "   \n\n", "# only a comment\n", "---\n"])("is missing in %j", (text) => {
    expect(readInvalid(text)).toHaveLength(1);
  });

  it.each(["null", "5", '"text"', "[]", "true", "{}", "openapi: 3.1.0"])("is none in %j", (text) => {
    expect(errorsOf(text)).toEqual(["not-asyncapi"]);
  });
});

describe("where a diagnostic points", () => {
  const rangesOf = (text: string) => readInvalid(text).map(({ code, range }) => [code, range]);
  const at = (line: number, from: number, to: number) => ({
    start: { line, character: from },
    end: { line, character: to },
  });

  it("is the value, counted from 0", () => {
    const text = "asyncapi: 3.0.0\ninfo:\n  title: T\n  version: 1.0\nchannels:\n  c:\n    address: a?b\n";
    expect(rangesOf(text)).toEqual([
      ["not-a-text", at(3, 11, 14)],
      ["channel-address", at(6, 13, 16)],
    ]);
  });

  it("is the key where the value is a whole object or empty", () => {
    const text = "asyncapi: 2.6.0\ninfo:\nchannels:\n  a//b:\n    publish: {}\n";
    expect(rangesOf(text)).toEqual([
      ["not-an-object", at(1, 0, 4)],
      ["channel-address", at(3, 2, 6)],
    ]);
  });

  it("is the nearest thing that is there where something is missing", () => {
    const text = "asyncapi: 3.0.0\ninfo:\n  version: '1'\nchannels:\n  c: {address: c}\n";
    expect(rangesOf(text)).toEqual([["missing", at(1, 0, 4)]]);
  });

  it("is the value that a reference or an alias leads to", () => {
    const text = [
      "asyncapi: 3.0.0",
      "x: &info {title: T, version: 5}",
      "info: *info",
      "channels: {c: {$ref: '#/components/channels/c'}}",
      "components: {channels: {c: {address: 'a#b'}}}",
    ].join("\r\n");
    expect(rangesOf(text)).toEqual([
      ["not-a-text", at(1, 29, 30)],
      ["channel-address", at(4, 37, 42)],
    ]);
  });

  it("counts UTF-16 units, and not the byte order mark", () => {
    expect(rangesOf('\uFEFF{"asyncapi": "🚗", "info": {}}')).toEqual([["asyncapi-version", at(0, 13, 17)]]);
  });
});
