import Ajv, { type AnySchemaObject, type Options, type ValidateFunction } from "ajv";
import Ajv2020 from "ajv/dist/2020.js";
import addErrorMessages from "ajv-errors";
import addFormats from "ajv-formats";
import { afterEach, describe, expect, it, vi } from "vitest";
import { interpretFunction } from "../../../src/asyncapi/linter/interpreter/interpret-function.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Stands for `Function` as the linter's bundle has it. */
function InterpretedFunction(...code: string[]): unknown {
  return interpretFunction(code.slice(0, -1), code.at(-1) ?? "");
}

type Make = (options: Options) => Ajv;

const draft7: Make = (options) => addErrorMessages(addFormats(new Ajv({ ...options, allErrors: true })));
const draft7FirstError: Make = (options) => addFormats(new Ajv(options));
const draft2020: Make = (options) => new Ajv2020({ ...options, allErrors: true, discriminator: true });

function compile(make: Make, schema: AnySchemaObject): ValidateFunction {
  // A copy: a validator is remembered by its schema.
  return make({ strict: false, logger: false, code: { optimize: false } }).compile(structuredClone(schema));
}

const a = { type: "object", properties: { a: { type: "integer", minimum: 2 }, b: { enum: ["x", 1, null] } } };

const SCHEMAS: [string, Make, AnySchemaObject][] = [
  ["types and bounds", draft7, { ...a, additionalProperties: false }],
  ["the first error only", draft7FirstError, { ...a, additionalProperties: { type: "string" } }],
  ["numbers", draft7, { items: { type: "number", exclusiveMinimum: 0, maximum: 5, multipleOf: 0.5 } }],
  ["texts", draft7, { items: { type: "string", minLength: 1, maxLength: 2, pattern: "^[xy]" } }],
  [
    "formats",
    draft7,
    { items: { anyOf: [{ format: "date" }, { format: "uri" }, { type: "number", format: "int32" }] } },
  ],
  ["lists", draft7, { type: "array", items: [{ const: "x" }, true], additionalItems: { type: "null" }, minItems: 2 }],
  ["unique items", draft7, { type: "array", uniqueItems: true, contains: { type: "object" } }],
  ["one of several", draft7, { oneOf: [{ required: ["a"] }, { required: ["b"] }], not: { required: ["c"] } }],
  [
    "any and all",
    draft7,
    { allOf: [{ type: ["object", "array"] }, { anyOf: [{ minItems: 2 }, { minProperties: 1 }] }] },
  ],
  [
    "conditions",
    draft7,
    JSON.parse('{"if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": {"minProperties": 2}}'),
  ],
  ["names", draft7, { patternProperties: { "^[ab]": { type: "number" } }, propertyNames: { maxLength: 1 } }],
  ["dependencies", draft7, { dependencies: { a: ["b"], b: { properties: { c: { type: "boolean" } } } } }],
  [
    "recursion",
    draft7,
    {
      definitions: { list: { properties: { a: { $ref: "#/definitions/list" }, b: { type: "null" } } } },
      $ref: "#/definitions/list",
    },
  ],
  [
    "mutual recursion",
    draft7,
    {
      definitions: {
        x: { properties: { a: { $ref: "#/definitions/y" } } },
        y: { type: "object", properties: { b: { $ref: "#/definitions/x" } } },
      },
      items: { $ref: "#/definitions/x" },
    },
  ],
  [
    "defaults",
    (options) => draft7({ ...options, useDefaults: true }),
    { properties: { a: { default: 5, minimum: 6 }, d: { default: [] } } },
  ],
  [
    "error messages",
    draft7,
    {
      ...a,
      required: ["a"],
      // biome-ignore lint/suspicious/noTemplateCurlyInString: how messages quote values
      errorMessage: { type: "T", required: { a: "no a in ${0}" }, properties: { b: "b is ${/b}" } },
    },
  ],
  [
    "names of every object",
    draft7,
    { properties: { constructor: { type: "number" }, toString: { type: "string" } }, required: ["__proto__"] },
  ],
  [
    "names that look like code",
    draft7,
    { properties: { "'];throw 1//": { type: "null" }, "${a}`\\": { const: "\u2028\"'" } }, required: ["\n"] },
  ],
  ["a false schema", draft7, { properties: { a: false }, items: false }],
  [
    "draft 2020-12",
    draft2020,
    {
      prefixItems: [{ type: "string" }],
      unevaluatedItems: false,
      unevaluatedProperties: { type: "number" },
      dependentRequired: { a: ["b"] },
    },
  ],
  [
    "dynamic references",
    draft2020,
    { $dynamicAnchor: "node", properties: { a: { $dynamicRef: "#node" } }, required: ["b"] },
  ],
  [
    "a discriminator",
    draft2020,
    {
      type: "object",
      discriminator: { propertyName: "b" },
      required: ["b"],
      oneOf: [{ properties: { b: { const: "x" }, a: { type: "string" } } }, { properties: { b: { const: "y" } } }],
    },
  ],
];

/** A linear congruential generator: the same values on every run. */
function newRandom(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

const LEAVES = [
  null,
  true,
  false,
  0,
  1,
  2,
  2.5,
  -3,
  1e300,
  "",
  "x",
  "y",
  "xyz",
  "🚗",
  "2026-01-01",
  "http://x.example/",
];
const KEYS = ["a", "b", "c", "constructor", "'];throw 1//", "\n"];

function newValue(random: (bound: number) => number, depth: number): unknown {
  const kind = depth === 0 ? 0 : random(3);
  if (kind === 0) return LEAVES[random(LEAVES.length)];
  const members = Array.from({ length: random(4) }, () => newValue(random, depth - 1));
  return kind === 1 ? members : Object.fromEntries(members.map((member) => [KEYS[random(KEYS.length)] ?? "", member]));
}

/** The verdict and what goes with it, as text: validators may change values, and thousands of objects take long to compare. */
function check(validate: ValidateFunction, value: unknown): string {
  const checked = structuredClone(value);
  return `${validate(checked)} ${JSON.stringify([validate.errors, checked])}`;
}

const ROUNDS = 1000;

describe("a validator that is interpreted", () => {
  it.each(SCHEMAS)("finds the same errors as one that is compiled: %s", (_, make, schema) => {
    const compiled = compile(make, schema);
    vi.stubGlobal("Function", InterpretedFunction);
    const interpreted = compile(make, schema);
    vi.unstubAllGlobals();
    const random = newRandom(7);
    const verdicts = new Set<boolean>();
    for (let round = 0; round < ROUNDS; round++) {
      const value = newValue(random, 3);
      const expected = check(compiled, value);
      expect(check(interpreted, value)).toBe(expected);
      verdicts.add(expected.startsWith("true"));
    }
    expect([...verdicts].sort()).toEqual([false, true]);
  });
});
