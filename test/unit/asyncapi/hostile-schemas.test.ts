import { describe, expect, it } from "vitest";
import { listSpecs, readSpec } from "../../support/specs.ts";
import { errorCodes, lint, members, SLOW, TOO_COMPLEX, times, withMessage } from "./hostile-cases.ts";

describe("what is in schemas", SLOW, () => {
  const withExample = (payload: unknown, example: unknown) =>
    withMessage({ payload, examples: [{ payload: example }] });

  it.each([
    ["a pattern that backtracks", { pattern: "^(([a-z])+.)+[A-Z]([a-z])+$" }, `${"a".repeat(50)}!`],
    ["one in another", { pattern: "^(a+)+$" }, `${"a".repeat(100_000)}!`],
    ["a name that backtracks", { patternProperties: { "^(a|a)*$": false } }, { [`${"a".repeat(5_000)}!`]: 1, aaa: 1 }],
  ])("ends: %s", async (_, payload, example) => {
    expect(await errorCodes(withExample(payload, example))).toEqual(["asyncapi2-message-examples"]);
  });

  it.each([
    ["a distance between long texts", { enum: ["x".repeat(200_000)] }, "y".repeat(200_000)],
    ["an enum's values, each time", { items: { enum: times(5_000, (i) => `value${i}`) } }, times(5_000, () => "none")],
    [
      "patterns that are many",
      { items: { allOf: times(100, (i) => ({ pattern: `(x+x+)+y${i}` })) } },
      times(200, () => "x".repeat(1_000)),
    ],
  ])("does not take long: %s", async (_, payload, example) => {
    expect(await errorCodes(withExample(payload, example))).toEqual(TOO_COMPLEX);
  });

  it.each([
    ["items that are unique", { uniqueItems: true }, times(15_000, (i) => [i]), []],
    [
      "items that are not",
      { uniqueItems: true },
      [...times(5_000, (i) => ({ i })), { i: 0 }],
      ["asyncapi2-message-examples"],
    ],
    [
      "items named like methods",
      { uniqueItems: true },
      [{ valueOf: 1 }, { a: 1 }, { a: 1 }],
      ["asyncapi2-message-examples"],
    ],
    ["defaults within defaults", nestDefaults(45, { properties: members(2_000, () => ({ minLength: 1 })) }), {}, []],
  ])("is checked, and does not take long: %s", async (_, payload, example, codes) => {
    expect(await errorCodes(withExample(payload, example))).toEqual(codes);
  });

  it.each([
    { type: "nope", properties: { a: { minLength: -1 }, b: 5 } },
    { $ref: 5, allOf: {}, enum: [], required: ["a", "a"] },
    { pattern: "(", patternProperties: { "[z-a]": {} } },
    { pattern: "(".repeat(50_000) },
    {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      $dynamicAnchor: "a",
      properties: { a: { $dynamicRef: "#a" } },
    },
    { $schema: "http://nowhere.example/schema" },
    { $id: "http://asyncapi.com/definitions/2.6.0/asyncapi.json", $async: true },
    { $id: "http://json-schema.org/draft-07/schema", type: "string" },
    { errorMessage: { properties: { a: ["$", "{/a/b/c} $", "{1}"].join("") } }, properties: { a: { type: "number" } } },
  ])("is answered whatever it says: %j", async (payload) => {
    await lint(withExample(payload, { a: "x" }));
    // It has left nothing behind.
    expect(await errorCodes(withExample({ type: "string" }, "x"))).toEqual([]);
    expect(await errorCodes(withExample({ type: "string" }, 5))).toEqual(["asyncapi2-message-examples"]);
  });

  function nestDefaults(depth: number, inner: unknown): unknown {
    return depth === 0 ? inner : { default: 5, properties: { a: nestDefaults(depth - 1, inner) } };
  }
});

describe("documents side by side", SLOW, () => {
  it("are counted each for itself", async () => {
    const honest = withMessage({ payload: { type: "string" }, examples: [{ payload: 5 }] });
    const values = { items: { enum: times(5_000, (i) => `value${i}`) } };
    const hostile = withMessage({ payload: values, examples: [{ payload: times(5_000, () => "none") }] });
    const all = await Promise.all([hostile, honest, hostile, honest].map(errorCodes));
    expect(all).toEqual([TOO_COMPLEX, ["asyncapi2-message-examples"], TOO_COMPLEX, ["asyncapi2-message-examples"]]);
  });
});

describe("a damaged document", SLOW, () => {
  const NOISE = [
    "{",
    "}",
    "[",
    "]",
    ":",
    "- ",
    "&a ",
    "*a",
    "<<: *a",
    "#",
    '"',
    "'",
    "|",
    ">",
    "\t",
    "\n",
    "!!set ",
    "\0",
    "\uD800",
    "$ref",
  ];

  /** A linear congruential generator: the same damage on every run. */
  function newRandom(seed: number): (bound: number) => number {
    let state = seed;
    return (bound) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * bound);
    };
  }

  function damage(text: string, random: (bound: number) => number): string {
    let damaged = text;
    for (let n = 1 + random(4); n > 0; n--) {
      const start = random(damaged.length);
      const noise = NOISE[random(NOISE.length)] ?? "";
      damaged = damaged.slice(0, start) + noise + damaged.slice(start + random(random(2) === 0 ? 2 : 80));
    }
    return damaged;
  }

  it.each(listSpecs())("is answered, never thrown at: %s, again and again", async (name) => {
    const text = readSpec(name);
    for (let seed = 0; seed < 15; seed++) await lint(damage(text, newRandom(seed)));
  });
});
