import Ajv from "ajv";
import { afterEach, describe, expect, it } from "vitest";
import { interpretFunction, limitSteps } from "../../../src/asyncapi/linter/interpreter/interpret-function.ts";

/** What the platform makes of the same code. */
const compile = (body: string) => new Function("a", "b", body) as (a: unknown, b: unknown) => unknown;
const interpret = (body: string) => interpretFunction(["a", "b"], body);

afterEach(() => limitSteps(Number.POSITIVE_INFINITY));

describe("interpreted code", () => {
  it.each([
    "return a + b * 2 - 7 % 4 / 2",
    "return a === 3 && b !== 4 || !a",
    "return a == '3' ? 'yes' : b != 4 ? 'no' : void 0",
    "return [typeof a, typeof undefined, typeof {}, -a, +'5']",
    "let x = 1; { let x = 2; x++ } return x",
    "if (a) { var x = 5 } return x",
    "var x = 1; for (let i = 0; i < 3; i++) { var x; x += i } return x",
    "let n = 0; for (;;) { if (++n > 5) break; if (n % 2) continue; n += 2 } return n",
    "const out = []; outer: for (let i = 0; i < 3; i++) { for (let j = 0; j < 3; j++) { if (j === 1) continue outer; if (i === 2) break outer; out.push([i, j]) } } return out",
    "const out = []; block: { out.push(1); if (a) break block; out.push(2) } return out",
    "const out = []; for (const key in { x: 1, y: 2 }) out.push(key); for (const item of [3, 4]) out.push(item); return out",
    "function fact(n) { return n < 2 ? 1 : n * fact(n - 1) } return fact(6)",
    "return (function self(n) { self.calls = (self.calls || 0) + 1; return n === 0 ? self.calls : self(n - 1) })(4)",
    "return (({ x, y = 2 } = {}, z = y) => [x, y, z])({ x: a })",
    "const add = (x) => (y) => x + y; return add(a)(b)",
    "const o = { n: 1, m() { return this.n } , [`k`]: 2 }; o.n += 4; o['p'] = o.n++; delete o.k; return [o.n, o.p, 'k' in o, o.m()]",
    "let log = ''; try { log += 'a'; null.x } catch (error) { log += error instanceof Error } finally { log += 'c' } return log",
    "try { throw new Error('x') } catch { return 'caught' }",
    "return [a?.x, b?.y?.z, (1, 2)]",
    "return [/^a+$/.test('aaa'), new RegExp('b').test('a'), 'x,y'.split(',')]",
    "let x = 1; const f = () => ++x; f(); f(); return [x, x--, --x]",
    "const f = function () { return this }; return typeof f.call({})",
  ])("does what it does in the engine: %s", (body) => {
    const code = body.replaceAll("`k`", "'k'");
    expect(interpret(code)(3, 4)).toEqual(compile(code)(3, 4));
  });

  it.each([
    "return class {}",
    "return async () => {}",
    "return function* () {}",
    "while (true) {}",
    "switch (a) { case 1: }",
    "return [...a]",
    "return a ** b",
    "import('x')",
    "return new.target",
    "return `x`",
    "with (a) {}",
  ])("is refused where it says what no generator writes: %s", (body) => {
    expect(() => interpret(body)(1, 2)).toThrow(SyntaxError);
  });

  it.each([
    "globalThis",
    "process",
    "fetch",
    "Function",
    "eval",
    "require",
    "console",
    "Reflect",
    "arguments",
    "setTimeout",
  ])("has no %s", (name) => {
    expect(() => interpret(`return ${name}`)(1, 2)).toThrow(ReferenceError);
  });

  it("is stopped after its steps, and cannot catch that", () => {
    limitSteps(1_000);
    expect(() => interpret("for (;;) { try { for (;;) {} } catch (error) {} }")(1, 2)).toThrow(/too many steps/);
    limitSteps(1_000);
    expect(() => interpret("return (function f() { return f() })()")(1, 2)).toThrow(/too many steps/);
  });
});

describe("an interpreted validator of Ajv", () => {
  const SCHEMAS = [
    {
      type: "object",
      required: ["a"],
      properties: { a: { type: "integer", minimum: 2 }, b: { enum: ["x", 1, null] } },
      additionalProperties: false,
    },
    {
      type: "array",
      items: {
        anyOf: [
          { type: "string", maxLength: 2 },
          { type: "number", multipleOf: 0.5 },
        ],
      },
      uniqueItems: true,
      contains: { const: "x" },
    },
    { oneOf: [{ required: ["a"] }, { required: ["b"] }], not: { required: ["c"] } },
    JSON.parse(
      '{"if": {"properties": {"a": {"const": 1}}}, "then": {"required": ["b"]}, "else": {"maxProperties": 1}}',
    ),
    {
      definitions: { node: { properties: { next: { $ref: "#/definitions/node" }, v: { type: "string" } } } },
      $ref: "#/definitions/node",
    },
    {
      patternProperties: { "^x": { type: "number" } },
      propertyNames: { minLength: 2 },
      dependencies: { xa: ["xb"], xb: { minProperties: 3 } },
    },
    { allOf: [{ type: ["string", "null"] }, { minLength: 1 }], format: "anything" },
  ];
  const VALUES = [
    null,
    "",
    "x",
    "xyz",
    0,
    1,
    2.5,
    [],
    ["x"],
    ["x", "x", 0.25],
    [1, "abc", "x"],
    {},
    { a: 1 },
    { a: 2, b: "x" },
    { a: "2", c: 1 },
    { b: null, d: 1 },
    { a: 1, b: 1, c: 1 },
    { xa: 1 },
    { xa: "n", xb: 2, y: 3 },
    { next: { next: { v: 1 } }, v: "s" },
  ];

  it.each(SCHEMAS.map((schema) => [JSON.stringify(schema), schema]))(
    "says the same as a compiled one: %s",
    (_, schema) => {
      const ajv = new Ajv({ allErrors: true, strict: false, code: { optimize: false } });
      const compiled = ajv.compile(schema);
      const original = globalThis.Function;
      // Ajv takes the constructor from the global object, as it stands when it compiles.
      globalThis.Function = ((...code: string[]) =>
        interpretFunction(code.slice(0, -1), code.at(-1) ?? "")) as unknown as FunctionConstructor;
      const interpreted = (() => {
        try {
          return new Ajv({ allErrors: true, strict: false, code: { optimize: false } }).compile(
            structuredClone(schema),
          );
        } finally {
          globalThis.Function = original;
        }
      })();
      for (const value of VALUES) {
        expect(interpreted(value)).toBe(compiled(value));
        expect(interpreted.errors).toEqual(compiled.errors);
      }
    },
  );
});
