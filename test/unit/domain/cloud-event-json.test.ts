import { describe, expect, it } from "vitest";
import { readJsonEvent, readJsonEvents } from "../../../src/domain/cloud-event-json.ts";
import { CLOUDEVENT_BATCH_EVENTS_MAX, EVENT_JSON_DEPTH_MAX } from "../../../src/kernel/limits.ts";

const START = '"specversion":"1.0","id":"1","source":"/shop","type":"t"';
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The data of an event with these members beside the required ones, as text; or what is wrong. */
function dataOf(members: string): unknown {
  const read = readJsonEvent(bytesOf(`{${START}${members}}`));
  if (!read.ok) return read.error.reason;
  return read.value.ok ? new TextDecoder().decode(read.value.value.data) : read.value.error;
}

function keptOf(members: string): unknown {
  const read = readJsonEvent(bytesOf(`{${START}${members}}`));
  if (!read.ok) return read.error.reason;
  return read.value.ok ? JSON.parse(read.value.value.kept) : read.value.error.attribute;
}

describe("the data of an event in JSON", () => {
  it.each([
    '{"n":1}',
    '{ "n" : 1.000000000000000000001e+2 ,\n\t"n":2}',
    '"\\u0000\\/\\ud83d\\ude00 \u{1F600} \\"}"',
    "12345678901234567890",
    "-0.0",
    "null",
    "[ ]",
    '[{"data":1},"]",{"data_base64":2}]',
  ])("is %s as it was published, byte for byte", (data) => {
    expect(dataOf(`,"data":${data}`)).toBe(data);
    expect(dataOf(`, "data" :\r\n ${data}\n,"subject":"s"`)).toBe(data);
    expect(dataOf(`,"d\\u0061ta":${data}`)).toBe(data);
  });

  it("is null where there is none", () => {
    expect(dataOf("")).toBe("null");
    expect(dataOf(',"data_base64":null')).toBe("null");
  });

  it("is what base64 stands for", () => {
    const bytes = '{"n":"ü\\u0000"}';
    expect(dataOf(`,"data_base64":"${Buffer.from(bytes).toString("base64")}"`)).toBe(bytes);
  });

  it.each([
    ['"data":1,"data":1', "data"],
    ['"data":1,"d\\u0061ta":2', "data"],
    ['"data":1,"data_base64":"MQ=="', "data_base64"],
    ['"data_base64":"MQ==","data_base64":"Mg=="', "data_base64"],
    ['"data_base64":"*"', "data_base64"],
    ['"data_base64":1', "data_base64"],
    ['"id":"2"', "id"],
    ['"e":"1","e":"1"', "e"],
    ['"__proto__":{"data":1}', "__proto__"],
    ['"__proto__":"x"', "__proto__"],
    ['"Data":1', "Data"],
  ])("is refused beside or in %s", (members, attribute) => {
    expect(dataOf(`,${members}`)).toMatchObject({ attribute });
  });

  it("may be as deep as any event, and no deeper", () => {
    const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
    expect(dataOf(`,"data":${nested(EVENT_JSON_DEPTH_MAX)}`)).toBe(nested(EVENT_JSON_DEPTH_MAX));
    expect(dataOf(`,"data":${nested(EVENT_JSON_DEPTH_MAX + 1)}`)).toBe("body_too_deep");
  });
});

describe("an extension in JSON", () => {
  it("is a text, a boolean or a whole number, and null is none", () => {
    const given = ',"a":"x","b":true,"c":-2147483648,"d":2147483647,"e":null,"f":false,"subject":null';
    expect(keptOf(given)).toEqual({ type: "t", a: "x", b: "true", c: "-2147483648", d: "2147483647", f: "false" });
  });

  it.each(["1.5", "2147483648", "1e400", "{}", "[]", '["x"]'])("is not %s", (value) => {
    expect(keptOf(`,"e":${value}`)).toBe("e");
  });

  it.each(["subject", "time", "partitionkey", "dataowner", "datacontenttype"])("%s is a text", (name) => {
    expect(keptOf(`,"${name}":1`)).toBe(name);
  });
});

describe("an event in JSON", () => {
  it.each(["[]", "null", "1", '"x"', "true"])("is not %s", (text) => {
    expect(readJsonEvent(bytesOf(text))).toMatchObject({ ok: true, value: { ok: false, error: { attribute: "" } } });
  });

  it("is JSON in UTF-8", () => {
    expect(readJsonEvent(bytesOf("{"))).toMatchObject({ error: { reason: "body_not_json" } });
    expect(readJsonEvent(Uint8Array.of(0x22, 0xff, 0x22))).toMatchObject({ error: { reason: "body_not_utf8" } });
    expect(readJsonEvent(bytesOf(`\ufeff{${START}}`))).toMatchObject({ error: { reason: "body_not_json" } });
  });

  it("with a hundred thousand members is refused", () => {
    const members = Array.from({ length: 100_000 }, (_, i) => `,"e${i}":null`).join("");
    expect(dataOf(members)).toMatchObject({ attribute: "" });
  });
});

describe("a batch", () => {
  const event = (id: string, more = "") => `{"specversion":"1.0","id":"${id}","source":"/s","type":"t"${more}}`;
  const batch = (...events: string[]) => readJsonEvents(bytesOf(`[${events.join(" ,\n")}]`));

  it("gives each event in its order, or what is wrong with it", () => {
    const read = batch(event("a", ',"data":[1, 2]'), event("b", ',"Bad":1'), "7", event("c"));
    if (!read.ok) throw new Error(read.error.detail);
    expect(
      read.value.map((one) => (one.ok ? [one.value.id, Buffer.from(one.value.data).toString()] : one.error.attribute)),
    ).toEqual([["a", "[1, 2]"], "Bad", "", ["c", "null"]]);
  });

  it("may be empty, and is a list", () => {
    expect(batch()).toEqual({ ok: true, value: [] });
    expect(readJsonEvents(bytesOf(event("a")))).toMatchObject({ error: { reason: "batch_invalid" } });
    expect(readJsonEvents(bytesOf('{"length":1}'))).toMatchObject({ error: { reason: "batch_invalid" } });
  });

  it("has so many events at most", () => {
    const events = Array.from({ length: CLOUDEVENT_BATCH_EVENTS_MAX + 1 }, (_, i) => event(String(i)));
    expect(batch(...events.slice(1)).ok).toBe(true);
    expect(batch(...events)).toMatchObject({ error: { reason: "batch_invalid" } });
  });
});
