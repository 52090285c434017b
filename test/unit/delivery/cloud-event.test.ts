import { HTTP } from "cloudevents";
import { describe, expect, it } from "vitest";
import { attributeHeaders, attributesOf, structuredBody } from "../../../src/delivery/cloud-event.ts";
import type { StoredEvent } from "../../../src/domain/event.ts";
import { makeEvent } from "../../support/deliveries.ts";

const ORIGIN = "https://relay.example.com";

const attributes = (changes: Partial<StoredEvent> = {}) => attributesOf(makeEvent(changes), ORIGIN);

describe("the attributes of an event", () => {
  it("are the relay's where it was published as plain JSON", () => {
    expect(attributes()).toEqual({
      specversion: "1.0",
      id: "019a3c7e-0000-7000-8000-000000000001",
      source: "https://relay.example.com/channels/vehicles/updated",
      type: "vehicles.updated",
      time: "2026-10-05T11:59:58.123Z",
      datacontenttype: "application/json",
    });
  });

  it("name its key and its owner", () => {
    const dataOwnerId = "22222222-2222-4222-8222-222222222222";
    expect(attributes({ partitionKey: "VIN 1", dataOwnerId })).toMatchObject({
      partitionkey: "VIN 1",
      dataowner: dataOwnerId,
    });
  });

  it("keep what the publisher said, extensions included", () => {
    const published = {
      type: "com.example.vehicle.updated",
      time: "2026-01-01T00:00:00+01:00",
      subject: "VIN-1",
      dataschema: "https://example.com/schema.json",
      region: "eu",
    };
    expect(attributes({ cloudEvent: JSON.stringify(published) })).toMatchObject(published);
  });

  it("let nothing of the publisher's take the place of what the relay answers for", () => {
    const cloudEvent = JSON.stringify({
      specversion: "0.3",
      id: "forged",
      source: "https://publisher.example/forged",
      datacontenttype: "text/forged",
      partitionkey: "forged",
      dataowner: "forged",
    });
    const event = makeEvent({ cloudEvent, partitionKey: "VIN-1", dataOwnerId: "owner" });
    expect(JSON.stringify(attributesOf(event, ORIGIN))).not.toContain("forged");
  });

  it("keep an extension called constructor", () => {
    expect(attributes({ cloudEvent: '{"constructor":"y"}' })).toMatchObject({ constructor: "y" });
  });

  it.each([
    ["a b/é", "/channels/a%20b/%C3%A9"],
    ["../../admin?x#y", "/channels/%252E%252E/%252E%252E/admin%3Fx%23y"],
  ])("name the channel %j in a source that is a URI", (channel, path) => {
    expect(attributes({ channel }).source).toBe(ORIGIN + path);
  });
});

describe("in binary mode an attribute", () => {
  it.each([
    ["Euro € 😀", "Euro%20%E2%82%AC%20%F0%9F%98%80"], // the specification's own example
    ['say "hi"', "say%20%22hi%22"],
    ["100%", "100%25"],
    ["a\r\nX-Injected: 1", "a%0D%0AX-Injected:%201"],
    ["a\u0000b\u007f", "a%00b%7F"],
    ["\ud800", "%EF%BF%BD"],
    [" a ", "%20a%20"],
    ["!#$&'()*+,-./:;<=>?@[\\]^_`{|}~", "!#$&'()*+,-./:;<=>?@[\\]^_`{|}~"],
  ])("is percent-encoded as the HTTP binding says: %j", (text, expected) => {
    expect(attributeHeaders({ subject: text })).toEqual({ "ce-subject": expected });
    expect(decodeURIComponent(expected)).toBe(text.toWellFormed());
  });

  it("is a ce- header, but for the type of the data", () => {
    expect(Object.keys(attributeHeaders(attributes({ partitionKey: "k" }))).sort()).toEqual([
      "ce-id",
      "ce-partitionkey",
      "ce-source",
      "ce-specversion",
      "ce-time",
      "ce-type",
    ]);
  });
});

describe("in structured mode the body", () => {
  const bodyOf = (data: string, changes: Partial<StoredEvent> = {}): string =>
    Buffer.from(structuredBody(attributes(changes), Buffer.from(data))).toString();

  it.each([
    "0",
    '""',
    "null",
    "12345678901234567890.10",
    '{ "a" :\t1.0,\r\n"b":1e2, "a":2 }\n',
    '"\\u0000 \\u00e9 é 😀"',
    '{"data":{"data":"}"}}',
  ])("holds the published bytes as they are: %j", (data) => {
    const body = bodyOf(data);
    expect(body).toContain(`,"data":${data}}`);
    expect(JSON.parse(body)).toEqual({ ...attributes(), data: JSON.parse(data) });
  });

  it("is what the CloudEvents SDK reads", () => {
    const headers = { "content-type": "application/cloudevents+json" };
    const event = HTTP.toEvent({ headers, body: bodyOf('{"n":1}', { partitionKey: 'a "quoted" ключ' }) });
    expect(event).toMatchObject({ ...attributes(), partitionkey: 'a "quoted" ключ', data: { n: 1 } });
  });
});
