import rhea from "rhea";
import { describe, expect, it } from "vitest";
import { areBoundedValues, findEndOfValues } from "../../../../src/stream/amqp/encoded-values.ts";

const BOUNDS = { valuesMax: 20, depthMax: 4 };
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex.replaceAll(" ", ""), "hex"));
const nest = (levels: number): string => (levels === 0 ? "40" : `c0 ${hexByte(3 * levels - 1)} 01 ${nest(levels - 1)}`);
const hexByte = (n: number): string => n.toString(16).padStart(2, "0");

describe("what is encoded", () => {
  it.each([
    ["null", "40"],
    ["a ubyte", "50 01"],
    ["an int", "71 00000001"],
    ["a uuid", `98 ${"00".repeat(16)}`],
    ["a short string", "a1 02 6869"],
    ["a long string", "b1 00000002 6869"],
    ["an empty list", "45"],
    ["a list", "c0 03 02 40 41"],
    ["a long list", "d0 00000006 00000002 40 41"],
    ["a map", "c1 06 02 a3 01 61 50 01"],
    ["a described value", "00 53 70 45"],
    ["a described symbol", "00 a3 01 61 40"],
    ["an array", "e0 04 02 50 01 02"],
    ["an array of nulls", "e0 02 05 40"],
    ["an array of described values", "e0 07 02 00 53 01 50 01 02"],
    ["four levels", nest(3)],
  ])("is well formed: %s", (_, hex) => {
    const encoded = bytes(hex);
    expect(findEndOfValues(encoded, 0, 1, BOUNDS)).toBe(encoded.length);
    expect(areBoundedValues(encoded, BOUNDS)).toBe(true);
  });

  it.each([
    ["nothing where a value should be", ""],
    ["a value cut short", "71 000000"],
    ["a string cut short", "a1 05 6869"],
    ["a size cut short", "b1 0000"],
    ["a list whose items end before it", "c0 04 02 40 41 40"],
    ["a list whose items go on behind it", "c0 02 02 40 41"],
    ["a list that says it is empty and is not", "c0 02 00 40"],
    ["an array whose items end elsewhere", "e0 04 01 50 01 02"],
    ["a type that is none", "10"],
    ["a descriptor without a value", "00 53 70"],
    ["four billion nulls in five bytes", "f0 00000005 ffffffff 40"],
    ["more values than are allowed", `c0 16 15 ${"40".repeat(21)}`],
    ["more levels than are allowed", nest(4)],
    ["descriptors of descriptors without end", "00".repeat(40)],
  ])("is refused: %s", (_, hex) => {
    const encoded = bytes(hex);
    expect(findEndOfValues(encoded, 0, 1, BOUNDS)).toBeNull();
  });

  it("is what rhea writes, too", () => {
    const encoded = rhea.message.encode({
      message_id: "1",
      group_id: "key",
      application_properties: { a: 1, b: "two", c: [true, null, { d: 1.5 }], e: new Date() },
      message_annotations: { "x-opt": Buffer.from([1]) },
      body: rhea.message.data_sections([Buffer.from("one"), Buffer.from("two")]),
    });
    expect(areBoundedValues(encoded, { valuesMax: 100, depthMax: 16 })).toBe(true);
  });
});
