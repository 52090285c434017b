import { describe, expect, it } from "vitest";
import { PageQuery, toPage, toPageRequest } from "../../../src/http/call/paging.ts";
import { Channels, Id, Name, Text, Time } from "../../../src/http/fields.ts";

describe("a name", () => {
  it.each(["Acme", "É 車 🚗", "a".repeat(200)])("may be %s", (name) => expect(Name.parse(name)).toBe(name));

  it.each(["", "  ", "a\nb", "a\u0000", "a\u0085", "\ud800", "a".repeat(201)])("may not be %j", (name) =>
    expect(Name.safeParse(name).success).toBe(false),
  );
});

describe("a text", () => {
  it("may have lines and tabs, and no other control character", () => {
    expect(Text.safeParse("a\r\n\tb").success).toBe(true);
    expect(Text.safeParse("a\u0007").success).toBe(false);
  });
});

describe("a time", () => {
  it.each([
    ["2026-11-21T12:00:00Z", "2026-11-21T12:00:00.000Z"],
    ["2026-11-21T12:00:00.25+02:00", "2026-11-21T10:00:00.250Z"],
  ])("is RFC 3339 with a zone: %s", (text, instant) => expect(Time.parse(text)).toBe(Date.parse(instant)));

  it.each(["2026-11-21", "2026-11-21T12:00:00", "2026-02-30T12:00:00Z", "now", "1764000000000"])("is not %s", (text) =>
    expect(Time.safeParse(text).success).toBe(false),
  );
});

describe("ids and channels", () => {
  it("are brought to one spelling", () => {
    expect(Id.parse("7C5C5C5C-0000-4000-8000-00000000000A")).toBe("7c5c5c5c-0000-4000-8000-00000000000a");
    expect(Channels.parse(["/a/b", "a/b", "c"])).toEqual(["a/b", "c"]);
    expect(Id.safeParse("7c5c5c5c").success).toBe(false);
    expect(Channels.safeParse([]).success).toBe(false);
  });
});

describe("a page", () => {
  it("leads to the next one by its cursor", () => {
    const page = toPage({ rows: [{ seq: 9 }, { seq: 7 }], next: 7 }, ({ seq }) => seq);
    expect(page.data).toEqual([9, 7]);
    expect(toPageRequest(PageQuery.parse({ limit: "2", cursor: page.nextCursor }))).toEqual({ before: 7, limit: 2 });
  });

  it("is the last where there is no more", () => {
    expect(toPage({ rows: [], next: null }, (row) => row)).toEqual({ data: [], nextCursor: null });
  });

  it.each(["7", "", "!", "YmVmb3JlIC0x", "x".repeat(33)])("is not found by the cursor %j", (cursor) =>
    expect(PageQuery.safeParse({ cursor }).success).toBe(false),
  );
});
