import { describe, expect, it } from "vitest";
import { EVENT_BODY_BYTES_MAX, EVENT_JSON_DEPTH_MAX } from "../../../../src/kernel/limits.ts";
import { readPublishFrame } from "../../../../src/stream/websocket/publish-frame.ts";

const NOTHING_SAID = { id: null, channel: null, partitionKey: null, dataOwnerId: null, idempotencyKey: null };
const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);

function read(text: string) {
  const frame = readPublishFrame(text);
  if (!frame.ok) return frame.error;
  return { ...frame.value, data: new TextDecoder().decode(frame.value.data) };
}

describe("a publisher's frame", () => {
  it("has the bytes of its data as they were written, whatever stands before and behind", () => {
    const data = '{ "n":12345678901234567890, "x":1.0e+2,\n\t"s":"\\u0041ü\u{1F600}\\"}", "data": [null , -0] }';
    expect(read(` { "id" : "7", "data" : ${data} , "partitionKey":"k"}\n`)).toEqual({
      ...NOTHING_SAID,
      id: "7",
      partitionKey: "k",
      data,
    });
  });

  it.each(["1.0", "null", "true", '"text"', "[]", "{}", "-0.0"])("may have %s as its data", (data) => {
    expect(read(`{"data":${data}}`)).toEqual({ ...NOTHING_SAID, data });
  });

  it("says nothing by null, and takes names however they are escaped", () => {
    expect(read('{"channel":null,"p\\u0061rtitionKey":"k","d\\u0061ta":1}')).toEqual({
      ...NOTHING_SAID,
      partitionKey: "k",
      data: "1",
    });
  });

  it("owns its data: the bytes of the rest of the frame do not travel with it", () => {
    const frame = readPublishFrame(`{"data":1,"channel":"${"c".repeat(1000)}"}`);
    expect(frame.ok && frame.value.data.buffer.byteLength).toBe(1);
  });

  it("may be as deep as an event, and as large", () => {
    const deep = nested(EVENT_JSON_DEPTH_MAX);
    expect(read(`{"data":${deep}}`)).toMatchObject({ data: deep });
    const large = `"${"x".repeat(EVENT_BODY_BYTES_MAX - 2)}"`;
    expect(read(`{"data":${large}}`)).toMatchObject({ data: large });
  });
});

describe("a frame that is refused", () => {
  it.each<[string, string, Record<string, unknown>]>([
    ["is empty", "", { reason: "body_not_json" }],
    ["is no JSON", '{"data":1', { reason: "body_not_json" }],
    ["has something behind", '{"data":1} {"data":2}', { reason: "body_not_json" }],
    ["has numbers that are none", '{"data":01}', { reason: "body_not_json" }],
    ["has a mark before", '\ufeff{"data":1}', { reason: "body_not_json" }],
    ["is too deep", `{"data":${nested(EVENT_JSON_DEPTH_MAX + 1)}}`, { reason: "body_too_deep" }],
    ["is too large", `{"data":"${"x".repeat(2 * EVENT_BODY_BYTES_MAX)}"}`, { reason: "body_too_large" }],
    ["is too large in bytes alone", `{"data":"${"ü".repeat(600 * 1024)}"}`, { reason: "body_too_large" }],
    ["is no object", '["data"]', { detail: "The frame must be a JSON object." }],
    ["is null", "null", { detail: "The frame must be a JSON object." }],
    ["has no data", '{"channel":"a"}', { detail: "data: is missing." }],
    [
      "has more members than there are",
      `{${Array.from({ length: 17 }, (_, i) => `"m${i}":1`)}}`,
      {
        detail: "The frame has more than 16 members.",
      },
    ],
    ["has an unknown member", '{"data":1,"key":"k"}', { detail: "key: there is no such member." }],
    [
      "has a member of every object",
      '{"data":1,"__proto__":{"channel":"a"}}',
      {
        detail: "__proto__: there is no such member.",
      },
    ],
    ["says a thing twice", '{"data":1,"channel":"a","channel":"b"}', { detail: "channel: stands there twice." }],
    ["has two data", '{"data":1,"d\\u0061ta":2}', { detail: "data: stands there twice." }],
    ["has a number as its key", '{"data":1,"partitionKey":7}', { detail: "partitionKey: must be a text." }],
    ["has an object as its channel", '{"data":1,"channel":{}}', { detail: "channel: must be a text." }],
    ["has a long id", `{"data":1,"id":"${"i".repeat(65)}"}`, { detail: "id: must be at most 64 characters." }],
  ])("%s", (_, text, fault) => {
    expect(read(text)).toEqual({ id: null, fault: expect.objectContaining(fault) });
  });

  it("says which one it is, and all that is wrong with it", () => {
    expect(read('{"id":"7","channel":1,"more":2}')).toEqual({
      id: "7",
      fault: {
        reason: "body_invalid",
        detail: "channel: must be a text.",
        errors: [
          { path: "channel", message: "must be a text" },
          { path: "more", message: "there is no such member" },
          { path: "data", message: "is missing" },
        ],
      },
    });
  });

  it("names what is not known no longer than names are", () => {
    const refused = read(`{"data":1,"${"\u{1F600}".repeat(1000)}":2}`);
    expect("fault" in refused && refused.fault.detail.length).toBeLessThan(100);
  });
});
