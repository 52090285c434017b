import { describe, expect, it } from "vitest";
import { type Place, readCursor, writeCursor } from "../../../src/domain/stream-cursor.ts";

describe("a cursor", () => {
  const place = (topicNumber: number, shard: number, seq: number): Place => ({ topicNumber, shard, seq });

  it.each<[string, Place[]]>([
    ["no log", []],
    ["one log", [place(7, 0, 0)]],
    ["the largest numbers", [place(2 ** 30 - 1, 63, Number.MAX_SAFE_INTEGER)]],
    ["each border of a byte", [0, 127, 128, 16_383, 16_384, 2 ** 32, 2 ** 32 + 1].map((seq, i) => place(i, i, seq))],
    ["many logs", Array.from({ length: 128 }, (_, shard) => place(2 ** 30 - 1, shard, 10 ** 9))],
  ])("says what it was made of: %s", (_, places) => {
    expect(readCursor(writeCursor(places))).toEqual(places);
  });

  it("is short, and stands in a URL, a header and an event's id as it is", () => {
    expect(writeCursor([place(2 ** 30 - 1, 0, 1_000_000)])).toMatch(/^[\w-]{1,16}$/);
  });

  it.each([
    ["nothing", ""],
    ["another alphabet", "AQ+/"],
    ["a line end", "AQ\n"],
    ["another version", "AgEAAQ"],
    ["a number that is cut off", "AQGA"],
    ["two thirds of a place", "AQEA"],
    ["a number beyond all numbers", writeCursor([place(1, 0, 1)]).slice(0, 4) + "_".repeat(40)],
    ["what is too long", `AQ${"A".repeat(10_000)}`],
    ["a base64 of an impossible length", "AQEAA"],
  ])("that is none is seen: %s", (_, text) => {
    expect(readCursor(text)).toBeNull();
  });
});
