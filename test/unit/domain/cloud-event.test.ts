import { describe, expect, it } from "vitest";
import { readAttributes } from "../../../src/domain/cloud-event.ts";
import { readEventHeaders } from "../../../src/domain/cloud-event-headers.ts";
import { CLOUDEVENT_ATTRIBUTES_BYTES_MAX, CLOUDEVENT_EXTENSIONS_MAX } from "../../../src/kernel/limits.ts";

const REQUIRED = { specversion: "1.0", id: "1", source: "/shop", type: "order.created" };

const read = (attributes: Record<string, string>) => readAttributes(new Map(Object.entries(attributes)));
const keptOf = (attributes: Record<string, string>): unknown => {
  const event = read({ ...REQUIRED, ...attributes });
  if (!event.ok) throw new Error(JSON.stringify(event.error));
  return JSON.parse(event.value.kept);
};

describe("the attributes of a CloudEvent", () => {
  it("are kept for receivers, those apart that the relay says itself: the source above all", () => {
    const given = {
      ...REQUIRED,
      time: "2026-11-22T10:00:00.123456+01:00",
      subject: "order 1",
      dataschema: "https://schemas.example/order#1",
      datacontenttype: "application/json",
      partitionkey: "k",
      dataowner: "8A4F5B0E-9B5C-4D62-8B6E-3A0C2B1D4E5F",
      region: "",
    };
    expect(read(given)).toEqual({
      ok: true,
      value: {
        source: "/shop",
        id: "1",
        contentType: "application/json",
        partitionKey: "k",
        dataOwnerId: "8a4f5b0e-9b5c-4d62-8b6e-3a0c2b1d4e5f",
        trace: { traceparent: null, tracestate: null },
        kept: JSON.stringify({
          type: "order.created",
          time: given.time,
          subject: given.subject,
          dataschema: given.dataschema,
          region: "",
        }),
      },
    });
  });

  it.each(["specversion", "id", "source", "type"])("must have %s", (name) => {
    const { [name as keyof typeof REQUIRED]: _, ...others } = REQUIRED;
    expect(read(others)).toEqual({ ok: false, error: { attribute: name, message: "is missing" } });
    expect(read({ ...REQUIRED, [name]: "" })).toMatchObject({ error: { attribute: name } });
  });

  it.each([
    ["specversion", "0.3"],
    ["specversion", "1"],
    ["time", "yesterday"],
    ["time", "2026-11-22"],
    ["time", "2026-02-30T10:00:00Z"],
    ["time", "2026-11-22T10:00:00"],
    ["subject", ""],
    ["dataschema", "relative/path"],
    ["dataschema", "https://x y"],
    ["datacontenttype", ""],
    ["partitionkey", "x".repeat(257)],
    ["partitionkey", "ü".repeat(129)],
    ["dataowner", "not-a-uuid"],
    ["Upper", "x"],
    ["under_score", "x"],
    ["__proto__", "x"],
    ["data", "x"],
    ["", "x"],
    ["ünicode", "x"],
    ["extension", "a\r\nb: c"],
    ["extension", "\u0000"],
    ["extension", "\u0085"],
    ["extension", "\ud800"],
    ["id", "a\nb"],
  ])("are refused where %j is %j", (name, value) => {
    expect(read({ ...REQUIRED, [name]: value })).toMatchObject({ ok: false, error: { attribute: name } });
  });

  it.each(["constructor", "tostring", "valueof", "hasownproperty", "prototype"])("may have an extension %s", (name) => {
    expect(keptOf({ [name]: "x" })).toEqual({ type: "order.created", [name]: "x" });
  });

  it("are so many extensions at most, those for the relay not counted", () => {
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`e${i}`, "x"]));
    const relays = { partitionkey: "k", subject: "s" };
    expect(Object.keys(keptOf({ ...many(CLOUDEVENT_EXTENSIONS_MAX), ...relays }) as object)).toHaveLength(22);
    expect(read({ ...REQUIRED, ...many(CLOUDEVENT_EXTENSIONS_MAX + 1) })).toMatchObject({ error: { attribute: "" } });
  });

  it("are so many bytes at most, counted as the headers that they become", () => {
    const used = Object.entries(REQUIRED).flat().join("").length + "e".length;
    const left = CLOUDEVENT_ATTRIBUTES_BYTES_MAX - used;
    expect(read({ ...REQUIRED, e: "x".repeat(left) }).ok).toBe(true);
    expect(read({ ...REQUIRED, e: "x".repeat(left + 1) })).toMatchObject({ error: { attribute: "" } });
    expect(read({ ...REQUIRED, e: "ü".repeat(Math.floor(left / 6)) }).ok).toBe(true);
    expect(read({ ...REQUIRED, e: "ü".repeat(Math.floor(left / 6) + 1) }).ok).toBe(false);
    expect(read({ ...REQUIRED, ["n".repeat(left + 2)]: "" }).ok).toBe(false);
  });
});

describe("headers of a CloudEvent in binary mode", () => {
  const HEADERS = { "ce-specversion": "1.0", "ce-id": "1", "ce-source": "/shop", "ce-type": "t" };
  const readHeaders = (headers: Record<string, string>) => readEventHeaders(new Headers({ ...HEADERS, ...headers }));
  const decoded = (encoded: string): unknown => {
    const event = readHeaders({ "ce-e": encoded });
    return event.ok ? JSON.parse(event.value.kept).e : event.error;
  };

  it.each([
    ["Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € \u{1F600}"],
    ["%45%75ro%20%e2%82%ac", "Euro €"],
    ["100%25", "100%"],
    ["%2541", "%41"],
    ['"quoted \\"text\\" \\\\ %41"', 'quoted "text" \\ A'],
    ['half"quoted', 'half"quoted'],
    ["plain text", "plain text"],
    ["", ""],
  ])("%j stands for %j", (encoded, value) => {
    expect(decoded(encoded)).toBe(value);
  });

  it.each(["100%", "%zz", "%E2%82", "%ff", "%C0%AF", "%ED%A0%80"])("%j is refused", (encoded) => {
    expect(decoded(encoded)).toEqual({ attribute: "e", message: "is not percent-encoded UTF-8" });
  });

  it("cannot bring in control characters", () => {
    for (const encoded of ["a%0D%0Ab", "%00", "%7F", "%C2%85"]) {
      expect(decoded(encoded)).toEqual({ attribute: "e", message: "must not hold control characters" });
    }
  });

  it("that are no attributes are not read", () => {
    const event = readHeaders({ "x-ce-e": "x", cee: "x" });
    expect(event.ok && event.value.kept).toBe('{"type":"t"}');
  });

  it("do not say the content type again", () => {
    const refused = { ok: false, error: { attribute: "datacontenttype", message: "is said by Content-Type" } };
    expect(readHeaders({ "ce-datacontenttype": "application/json" })).toEqual(refused);
  });

  it("with a name that is none are refused", () => {
    for (const name of ["ce-", "ce-a-b", "ce-under_score", "ce-data"]) {
      expect(readHeaders({ [name]: "x" })).toMatchObject({ ok: false, error: { attribute: name.slice(3) } });
    }
  });
});
