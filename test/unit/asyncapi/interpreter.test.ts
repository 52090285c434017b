import { afterEach, describe, expect, it } from "vitest";
import { limitSteps, ranOutOfSteps } from "../../../src/asyncapi/lint-steps.ts";
import { interpretFunction } from "../../../src/asyncapi/linter/interpreter/interpret-function.ts";

const PARAMETERS = ["a", "b"];

/** What comes of calling a function: its result, or the kind of error it ends with. */
function outcomeOf(make: () => unknown): unknown {
  try {
    return { result: (make() as (...values: unknown[]) => unknown)(3, { n: 4, list: [5, 6] }) };
  } catch (error) {
    return { error: error instanceof Error ? error.name : error };
  }
}

const inEngine = (body: string) => outcomeOf(() => new Function(...PARAMETERS, body));
const interpreted = (body: string) => outcomeOf(() => interpretFunction(PARAMETERS, body));

afterEach(() => limitSteps(Number.POSITIVE_INFINITY));

describe("interpreted code does what it does in the engine", () => {
  it.each([
    // Operators
    "return a + b.n * 2 - 7 % 4 / 2",
    "return [a === 3, a !== 3, a == '3', a != '3', a < 3, a > 3, a <= 3, a >= 3, 'n' in b, b instanceof Number]",
    "return [!a, -a, +'5', void a, typeof a, typeof b, typeof undefined, typeof (() => a)]",
    "return [a && 0 && b.x.y, a || b.x.y, null ?? 1, 0 ?? 1, a ? 1 : 2, (1, 2, a)]",
    "return [1 + '1', '3' - 1, [] + {}, NaN === NaN, 0 === -0, null == undefined, Infinity]",
    "let s = 'x'; s += 1; b.n += a; b['list'][0] += 1; return [s, b]",
    "let n = 1; return [n++, ++n, n--, --n, b.n++, ++b.n, --b.list[1], b.list[0]--, b]",
    "let x, y; x = y = a; return [x, y]",
    // Literals
    "return { a, b, 'c d': 1, 2: 3, m() { return this.a } }.m()",
    "return [[1, , 2].length, /^a(b)?$/.exec('ab'), /A/i.test('a'), 'é\\n']",
    "return { __proto__: { inherited: 1 } }.inherited",
    // Scopes
    "let x = 1; { let x = 2; x++ } return x",
    "const x = 1; { const x = 2; { const x = 3; b.n = x } b.list[0] = x } return [x, b]",
    "if (a) { var x = 5 } return x",
    "return typeof x; var x = 1",
    "var x = 1; for (let i = 0; i < 3; i++) { var x; x += i } return x",
    "let i = 'outer'; for (let i = 0; i < 3; i++) {} return i",
    "const k = 'outer'; for (const k in b) {} for (const k of b.list) {} return k",
    "return (function () { const i = 9; for (const i of [1, 2]) {} return i })() + (function (k) { for (const k in b) {} return k })(1)",
    "for (let i = 0; i < 3; i++) { let fresh; if (fresh !== undefined) return 'kept'; fresh = i } return 'fresh'",
    "let e = 'outer'; try { throw 'inner' } catch (e) { b.n = e } return [e, b.n]",
    "function f(e) { return (function () { const x = 1; try { throw 2 } catch (e) { return [e, x] } })() } return f(3)",
    // Functions
    "return twice(a); function twice(n) { return n * 2 }",
    "function fact(n) { return n < 2 ? 1 : n * fact(n - 1) } return fact(6)",
    "return (function self(n) { self.calls = (self.calls || 0) + 1; return n === 0 ? self.calls : self(n - 1) })(4)",
    "return (function f(f) { return f })(a)",
    "const add = (x) => (y) => x + y; return add(a)(4)",
    "let n = 0; const count = () => ++n; count(); count(); return n",
    "const make = (n) => ({ up: () => ++n, get: () => n }); const one = make(1); one.up(); return one.get()",
    "const one = (n) => () => ++n; const x = one(1), y = one(5); return [x(), x(), y()]",
    "return (({ x, y = 2, z: w = x } = {}, v = y) => [x, y, w, v])({ x: a })",
    "return ((x = b.n, y = x) => [x, y])(undefined, null)",
    "return ((x) => x)()",
    "(function ({ x }) {})()",
    "return (function () { return this }).call(b) === b",
    "return { n: 7, get() { return (() => this.n)() } }.get()",
    "const { n } = b; return [n, b.list.map((x) => x * 2).filter((x) => x > 10), 'x,y'.split(',')]",
    "return new (function (x) { this.x = x })(a).x",
    // Loops
    "let n = 0; for (;;) { if (++n > 5) break; if (n % 2) continue; n += 2 } return n",
    "const out = []; outer: for (let i = 0; i < 3; i++) { for (let j = 0; j < 3; j++) { if (j === 1) continue outer; if (i === 2) break outer; out.push([i, j]) } } return out",
    "const out = []; outer: for (const i of [1, 2]) { for (const j in { x: 1, y: 2 }) { if (j === 'y') continue outer; out.push(i + j) } } return out",
    "block: { if (a) break block; return 'not here' } return 'after'",
    "x: y: for (;;) { for (;;) break x }  return 'out'",
    "const out = []; for (const key in b) { if (key === 'n') continue; out.push(key); break } return out",
    "for (var last of b.list) {} return last",
    "for (const i of b.list) { for (;;) { return i } }",
    "for (const x of null) {}",
    // Errors
    "let log = ''; try { log += 'a'; null.x } catch { log += 'b' } finally { log += 'c' } return log",
    "try { return 'tried' } finally { b.n = 0 }",
    "try { return 'tried' } finally { return 'finished' }",
    "try { throw 1 } finally { return 'finished' }",
    "try { try { throw 1 } finally { b.n = 2 } } catch (e) { return [e, b.n] }",
    "for (const i of b.list) { try { continue } finally { if (i === 6) break } } return 'left'",
    "function f() { try { return 1 } finally { g() } } function g() { try { return 2 } finally { b.n = 3 } } return f()",
    "throw 'text'",
    "return b.missing.x",
    "return a()",
  ])("%s", (body) => {
    expect(interpreted(body)).toEqual(inEngine(body));
  });

  it("in the functions that validators keep their results on", () => {
    const body =
      "const limit = scope.limit[0];return function check1(n){check1.errors = n > limit ? [n] : null;return n <= limit}";
    const check = interpretFunction(["scope"], body)({ limit: [2] }) as { (n: number): boolean; errors: unknown };
    expect([check(3), check.errors, check(1), check.errors]).toEqual([false, [3], true, null]);
  });
});

describe("an asynchronous function", () => {
  it("answers with a promise, and does nothing", async () => {
    const values: unknown[] = [];
    const make = interpretFunction(["values"], "return async function (n) { values.push(n); throw n }");
    await expect((make(values) as (n: number) => unknown)(1)).resolves.toBeUndefined();
    expect(values).toEqual([]);
  });
});

describe("code that no generator writes", () => {
  it.each([
    "return class {}",
    "return function* () {}",
    "while (true) {}",
    "do {} while (true)",
    "switch (a) { case 1: }",
    "with (b) {}",
    "debugger",
    "return [...b.list]",
    "return { ...b }",
    "return { get x() { return 1 } }",
    "return { ['__proto__']: 1 }",
    "return a ** 2",
    "return a & 1",
    "return a?.x",
    "return b.m?.()",
    "return delete b.n",
    "a -= 1; return a",
    "return `x`",
    "return new.target",
    "return import('x')",
    "return ((...all) => all)(1)",
    "return (([x]) => x)([1])",
    "const { ...rest } = b; return rest",
    // Each turn of a loop has variables of its own for a closure to keep; here all turns share them.
    "const out = []; for (let i = 0; i < 3; i++) out.push(() => i); return out[0]()",
    "for (const i of b.list) { const f = () => i; return f() }",
  ])("is refused: %s", (body) => {
    expect(interpreted(body)).toEqual({ error: "SyntaxError" });
  });

  it.each([
    "globalThis",
    "self",
    "window",
    "process",
    "require",
    "fetch",
    "crypto",
    "caches",
    "console",
    "Function",
    "eval",
    "Reflect",
    "Proxy",
    "Promise",
    "Symbol",
    "WebAssembly",
    "setTimeout",
    "arguments",
  ])("finds no %s", (name) => {
    for (const body of [`return ${name}`, `return typeof ${name}`, `${name} = 1`, `${name}++`]) {
      expect(interpreted(body)).toEqual({ error: "ReferenceError" });
    }
  });
});

describe("code that wants to get out", () => {
  // Whatever they get hold of runs nothing: what it gives is undefined, or it has no such member.
  it.each([
    "return [].constructor.constructor('return 1')()",
    "return (() => 1).constructor('return 1')()",
    "return (function () {})['const' + 'ructor']('return 1')()",
    "return new ((() => 1).constructor)('return 1')()",
    "const { constructor: F } = () => 1; return F('return 1')()",
    "const { constructor: { constructor: F } } = []; return F('return 1')()",
    "return (({ constructor: F }) => F('return 1')())(() => 1)",
    "return b.list.map.constructor('return 1')()",
    "return (() => 1).__proto__.constructor('return 1')()",
    "return { __proto__: () => 1 }.constructor('return 1')()",
    "return (() => 1).constructor.call(null, 'return 1')()",
    "return (() => 1).constructor.apply(null, ['return 1'])()",
    "return (() => 1).constructor.bind(null, 'return 1')()()",
    "return Number.constructor('return 1')()",
    "return ({}).constructor.getPrototypeOf(() => 1).constructor('return 1')()",
    "return ({}).constructor.getOwnPropertyDescriptor((() => 1).__proto__, 'constructor').value('return 1')()",
    "return Object.getPrototypeOf(() => 1)",
    "return Array.from('1', (() => 1).constructor)[0]()",
    "try { null.x } catch (e) { return e.constructor.constructor('return 1')() }",
  ])("stays within: %s", (body) => {
    expect([{ error: "TypeError" }, { result: undefined }]).toContainEqual(interpreted(body));
  });

  it("may read what only looks like a way out", () => {
    expect(
      interpreted("return [typeof ({}).constructor, { constructor: 1 }.constructor, [].constructor === Array]"),
    ).toEqual({ result: ["function", 1, false] });
  });
});

describe("the steps of interpreted code", () => {
  const FOREVER = {
    "a loop": "for (;;) {}",
    "loops over loops": "for (const x of b.list) for (const y in b) for (;;) {}",
    recursion: "return (function f() { return f() })()",
    "a callback": "return b.list.map(function f(x) { return b.list.map(f) })",
    "a catch": "for (;;) { try { for (;;) {} } catch {} }",
    "a finally that returns": "try { for (;;) {} } finally { return 'kept on' }",
    "a finally in a loop": "for (;;) { try { for (;;) {} } finally { continue } }",
    "a finally around a callee":
      "function f() { try { for (;;) {} } finally { return 1 } } try { return f() } finally { return 2 }",
  };

  it.each(Object.entries(FOREVER))("end %s, whatever it catches", (_, body) => {
    limitSteps(1_000);
    expect(interpreted(body)).toEqual({ error: "TooManySteps" });
    expect(ranOutOfSteps()).toBe(true);
  });

  it("are as many as there are statements, by their length, and turns", () => {
    const run = "for (let i = 0; i < 5; i++) { b.n = 2; b.n = 'four times as long as the other' } return 'done'";
    // The loop and the last statement; and five times a turn, a short statement and a long one.
    const steps = 1 + 1 + 5 * (1 + 1 + 3);
    limitSteps(steps);
    expect(interpreted(run)).toEqual({ result: "done" });
    limitSteps(steps - 1);
    expect(interpreted(run)).toEqual({ error: "TooManySteps" });
  });

  it("are taken by what lists all members of an object, or all items of a list", () => {
    const taken = (body: string, size: number): number => {
      const value = Object.fromEntries(Array.from({ length: size }, (_, i) => [`k${i}`, i]));
      let max = 0;
      for (max = 0; max < 100_000; max += 10) {
        limitSteps(max);
        try {
          (interpretFunction(["a"], body) as (value: unknown) => unknown)(value);
          break;
        } catch {}
      }
      return max;
    };
    expect(taken("return Object.keys(a).length", 1_000)).toBeGreaterThan(1_000);
    expect(taken("for (const key in a) break", 1_000)).toBeGreaterThan(1_000);
  });
});
