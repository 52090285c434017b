import { describe, expect, it } from "vitest";
import { endLine, eventLine } from "../../../../src/stream/ndjson/lines.ts";

const lineOf = (body: string, cursor: string | null = "cursor", channel = "orders"): string =>
  eventLine(
    {
      ...{ id: "id", channel, partitionKey: 'a "key"\n', dataOwnerId: null, acceptedMs: 0 },
      ...{ contentType: "application/json", body: new TextEncoder().encode(body) },
    },
    cursor,
  );

describe("an event's line", () => {
  it("has its fields, and what was published to the last digit", () => {
    expect(lineOf('{ "n": 12345678901234567890.10 }')).toBe(
      '{"cursor":"cursor","id":"id","channel":"orders","partitionKey":"a \\"key\\"\\n","dataOwnerId":null,' +
        '"acceptedAt":"1970-01-01T00:00:00.000Z","contentType":"application/json",' +
        '"data":{ "n": 12345678901234567890.10 }}\n',
    );
  });

  it("has no cursor where it has no place that a reader could go on from", () => {
    expect(JSON.parse(lineOf("1", null))).not.toHaveProperty("cursor");
  });

  it.each(["\n", "\r\n", "\r", "\n\n\r"])("is one line, however the JSON is broken into lines: %j", (end) => {
    const body = `${end}{${end}"a"${end}:${end}[1,${end}2]${end}}${end}`;
    const line = lineOf(body);
    expect(line.slice(0, -1)).not.toMatch(/[\r\n]/);
    expect(JSON.parse(line).data).toEqual({ a: [1, 2] });
  });

  it.each(['"two\\nlines"', '"\\u0000"', '"\u2028\u2029"', '"ü😀"', '"}\\"data\\":"', "null", '""'])(
    "keeps %s",
    (body) => {
      expect(JSON.parse(lineOf(body)).data).toBe(JSON.parse(body));
    },
  );
});

describe("the last line", () => {
  it("says where to go on, and whether there is more", () => {
    expect(endLine({ cursor: "c", more: false })).toBe('{"cursor":"c","more":false}\n');
    expect(endLine({ cursor: "c" })).toBe('{"cursor":"c"}\n');
  });
});
