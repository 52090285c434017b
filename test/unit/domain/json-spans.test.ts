import { describe, expect, it } from "vitest";
import { itemsOf, membersOf, spanAt } from "../../../src/domain/json-spans.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array, { start, end }: { start: number; end: number }): string =>
  new TextDecoder().decode(bytes.subarray(start, end));

function members(text: string, max = 100): [string, string][] | null {
  const bytes = bytesOf(text);
  const found = membersOf(bytes, spanAt(bytes, 0), max);
  return found?.map(({ name, value }) => [name, textOf(bytes, value)]) ?? null;
}

function items(text: string, max = 100): string[] | null {
  const bytes = bytesOf(text);
  return itemsOf(bytes, spanAt(bytes, 0), max)?.map((span) => textOf(bytes, span)) ?? null;
}

describe("the members of an object", () => {
  it.each<[string, [string, string][]]>([
    ["{}", []],
    [" \t\r\n{ } \n", []],
    ['{"a":1}', [["a", "1"]]],
    [
      '{ "a" : 1.0e+400 , "b" : -0 }',
      [
        ["a", "1.0e+400"],
        ["b", "-0"],
      ],
    ],
    ['{"a":"}\\"]\\\\"}', [["a", '"}\\"]\\\\"']]],
    ['{"d\\u0061ta":{"x":[1,{"data":2}]}}', [["data", '{"x":[1,{"data":2}]}']]],
    [
      '{"a":1,"a":{"b":[ ]}}',
      [
        ["a", "1"],
        ["a", '{"b":[ ]}'],
      ],
    ],
    ['{"ü\u{1F600}":"ü\u{1F600}\\u0000"}', [["ü\u{1F600}", '"ü\u{1F600}\\u0000"']]],
    [
      '{"a":[],"b":true,"__proto__":null}',
      [
        ["a", "[]"],
        ["b", "true"],
        ["__proto__", "null"],
      ],
    ],
  ])("of %s are there as they stand", (text, expected) => {
    expect(members(text)).toEqual(expected);
  });

  it("are no more than asked for", () => {
    expect(members('{"a":1,"b":2}', 2)).toHaveLength(2);
    expect(members('{"a":1,"b":2,"c":3}', 2)).toBeNull();
  });
});

describe("the items of an array", () => {
  it.each<[string, string[]]>([
    ["[]", []],
    [" [ ] ", []],
    ['[1, "a,b" ,[2,3],{"c":"]"},null]', ["1", '"a,b"', "[2,3]", '{"c":"]"}', "null"]],
  ])("of %s are there as they stand", (text, expected) => {
    expect(items(text)).toEqual(expected);
  });

  it("are no more than asked for", () => {
    expect(items("[1,2]", 2)).toHaveLength(2);
    expect(items("[1,2,3]", 2)).toBeNull();
  });
});

describe("values of any kind", () => {
  /** A linear congruential generator: the same texts in each run. */
  function randomOf(seed: number): (below: number) => number {
    let state = seed;
    return (below) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
  }

  function randomValue(random: (below: number) => number, depth: number): unknown {
    const texts = ['"', "\\", "{", "}", "[", "]", ",", ":", " ", "\u0000", "ü", "\u{1F600}", "a"];
    const text = () => Array.from({ length: random(6) }, () => texts[random(texts.length)]).join("");
    const kind = random(depth > 0 ? 6 : 4);
    if (kind === 0) return [null, true, false][random(3)];
    if (kind === 1) return random(1000) / 8 - 50;
    if (kind <= 3) return text();
    const values = Array.from({ length: random(5) }, () => randomValue(random, depth - 1));
    return kind === 4 ? values : Object.fromEntries(values.map((value) => [text(), value]));
  }

  it("are found where JSON.parse finds them", () => {
    const random = randomOf(7);
    for (let i = 0; i < 2_000; i++) {
      const value = { first: randomValue(random, 4), second: [randomValue(random, 4), randomValue(random, 3)] };
      const text = JSON.stringify(value, null, random(3));
      const found = members(text)?.map(([name, span]) => [name, JSON.parse(span)]);
      expect(found).toEqual(Object.entries(value));
      expect(items(JSON.stringify(value.second, null, random(3)))?.map((span) => JSON.parse(span))).toEqual(
        value.second,
      );
    }
  });

  it("that are nested deep, or long, take no stack and linear time", () => {
    const deep = `{"a":${"[".repeat(300_000)}${"]".repeat(300_000)},"b":1}`;
    expect(members(deep)?.[1]).toEqual(["b", "1"]);
  });
});
