import { describe, expect, it } from "vitest";
import {
  PATTERN_CHARS_MAX,
  PATTERN_LOOKS_MAX,
  PATTERN_MEMORY_CELLS_MAX,
  PATTERN_STATES_MAX,
  SCHEMA_PATTERN_STATES_MAX,
  SCHEMA_PATTERNS_MAX,
} from "../../../src/json-schema/limits.ts";
import { compilePattern, type Pattern } from "../../../src/json-schema/patterns/pattern.ts";
import { PatternMemory } from "../../../src/json-schema/patterns/pattern-memory.ts";
import { compileGood, faultOf } from "./schemas.ts";

const SLOW = { timeout: 60_000 }; // beside other tests, on a busy machine

function compile(source: string): Pattern {
  const pattern = compilePattern(source, new PatternMemory());
  if (!pattern.ok) expect.unreachable(`${source}: ${pattern.error.message}`);
  return pattern.value;
}

const reasonOf = (source: string): string | undefined => {
  const pattern = compilePattern(source, new PatternMemory());
  return pattern.ok ? undefined : pattern.error.reason;
};

const matches = (source: string, text: string): boolean => compile(source).matches(text, { steps: 1_000_000 });

/** The platform's own engine, for texts too short to trouble it. */
function nativelyMatches(source: string, text: string): boolean {
  try {
    return new RegExp(source, "u").test(text);
  } catch {
    return new RegExp(source).test(text);
  }
}

// Each is tried on each text.
const PATTERNS = [
  ...["", "a", "^a", "a$", "^a$", "^$", "$^", "a|b", "|a", "^a|b$", "^(a|b)$", "(^a|b$)", "a^", "$a", "^^a$$"],
  ...["a*", "a+", "a?", "^a*$", "^a+$", "^a?$", "^a{2}$", "^a{2,}$", "^a{0,2}$", "^a{0}$", "^(ab){1,2}$", "a{2}b"],
  ...["^a*?$", "^a+?b", "^a??$", "^a{1,2}?$", "(a*)*", "^(a*)*$", "^(a*)+b$", "^(a|a)*$", "^(|a)+$", "^(a?){3}$"],
  ...[".", "^.$", "^..$", "^.*$", "^.+$", "^[^]$", "[]", "^[]*$", "^[^]*$"],
  ...["\\d", "^\\d+$", "\\D", "^\\D+$", "\\w", "^\\w+$", "\\W", "^\\W+$", "\\s", "^\\s+$", "\\S", "^\\S+$"],
  ...["[ab]", "^[ab]+$", "[^ab]", "^[^ab]+$", "[a-c]", "^[\\d-]+$", "[\\w.]", "^[^\\s\\d]+$", "[-a]", "[\\]]", "[\\b]"],
  ...["[\\u0061-\\u0063]", "[.]", "[\\s\\S]", "[$^]", "[(|)]", "^[\\w-]+$", "[é-ü]", "[^\\x00-\\x7F]"],
  ...[
    "\\.",
    "\\/",
    "\\-",
    "\\\\",
    "\\^",
    "\\$",
    "\\(",
    "\\[",
    "\\{",
    "\\|",
    "\\*",
    "\\u0061",
    "\\x61",
    "\\u{61}",
    "\\cJ",
  ],
  ...[
    "\\t",
    "\\n",
    "\\r",
    "\\v",
    "\\f",
    "\\0",
    "\\ud83d\\ude00",
    "\\u{1F600}",
    "^\\p{L}+$",
    "\\P{L}",
    "\\p{Script=Han}",
  ],
  ...["\\b", "\\B", "\\ba", "a\\b", "\\Ba", "a\\B", "\\ba\\b", "^\\b", "\\b$", "\\b\\B", "(\\b|a)+"],
  ...["(?:a)", "(?<name>a)b", "((a)(b))", "(?:a|b)+", "(a(b(c)))", "(?:(?:))*a", "()", "(|)"],
  ...["(?=a)", "^(?=a)", "(?=a)b", "^(?=.*b)a", "(?!a)", "^(?!a)", "a(?!b)", "^(?!.*b)", "(?=a|b)c?", "^(?:(?!b).)*$"],
  ...["(?<=a)b", "(?<!a)b", "(?<=^a)b", "(?<=a|b)$", "(?<!^)a", "(?<=(?=b)b)c", "(?=a(?!b))", "(?<=a.)c", "(?<!\\w)a"],
  ...[
    "^(?=.*\\d)(?=.*[a-z]).{2,}$",
    "(?<=\\d{2})a",
    "(?=$)",
    "(?<=^)",
    "a(?=b$)",
    "(?:(?=a)a|b)+$",
    "^(?!.*(.*b.*){2})",
  ],
  ...["^é$", "é", "^😀$", "😀", "[😀]", "^[😀é]+$", "^.{2}$", "[^😀]", "中|文", "ß", "^\\S{1,3}$"],
  ...[
    "a{",
    "a{,2}",
    "{a}",
    "}",
    "]",
    "a]",
    "\\_",
    "\\@",
    "[\\w-.]",
    "(?=a)*b",
    "\\%",
    "x{1",
    "\\q|\\p{L}",
    "\\ua|\\xb",
    "^[a-\\d]$",
  ],
  // Numbers that no group has, and a name where none has any.
  ...["^\\1$", "^\\07$", "^\\101$", "^\\400$", "^(a)\\12$", "^\\8$", "^\\k<x>$", "^\\k$", "^[\\1\\k]$", "[\\(]\\1"],
  ...["^\\c1$", "^\\c$", "^[\\c]$"],
];
const TEXTS = [
  ...[
    "",
    "a",
    "b",
    "c",
    "aa",
    "ab",
    "ba",
    "bb",
    "abc",
    "aab",
    "abab",
    "aaa",
    "aaab",
    "cab",
    "a1b",
    "12a",
    "1",
    "é",
    "éa",
  ],
  ...[
    "😀",
    "a😀",
    "😀😀",
    "ü",
    "中文",
    "ß",
    " ",
    "a b",
    " a",
    "a ",
    "\n",
    "a\n",
    "\na",
    "a\nb",
    "\t",
    "\r\n",
    "\u2028",
    "\u00a0",
  ],
  ...[
    ".",
    "-",
    "_",
    "a-b",
    "a.b",
    "a/b",
    "\\",
    "^",
    "$",
    "(",
    "[",
    "]",
    "{",
    "}",
    "{a}",
    "a{",
    "a{,2}",
    "|",
    "*",
    "@",
    "%",
  ],
  ...[
    "\0",
    "\u0001",
    "\u001f",
    "\b",
    "\v",
    "\f",
    "A",
    "Z9",
    "_x",
    "bcd",
    "a@b",
    "x{1",
    "\ud83d",
    "\ude00",
    "\ud83da",
    "a,b",
    "\u0007",
    "a\n",
    " 0",
    "8",
    "k",
    "k<x>",
    "\\c",
    "\\c1",
    "(\u0001",
  ],
];

describe("a pattern", SLOW, () => {
  it("matches what it does in ECMAScript", () => {
    expect(PATTERNS.length * TEXTS.length).toBeGreaterThan(12_000);
    for (const source of PATTERNS) {
      const pattern = compile(source);
      // Twice: first what it learns, then what it remembers.
      for (const text of [...TEXTS, ...TEXTS]) {
        const isMatch = pattern.matches(text, { steps: 100_000 });
        expect(isMatch, `${source} on ${JSON.stringify(text)}`).toBe(nativelyMatches(source, text));
      }
    }
  });

  it("matches what it does in ECMAScript, whatever it is made of", () => {
    const random = newRandom(7);
    for (let n = 0; n < 2_000; n++) {
      const source = randomPattern(random, 2);
      if (source.split("(?").length > PATTERN_LOOKS_MAX) continue;
      const pattern = compile(source);
      for (let k = 0; k < 10; k++) {
        const text = Array.from({ length: random(9) }, () => TEXT_CHARACTERS[random(TEXT_CHARACTERS.length)]).join("");
        const isMatch = pattern.matches(text, { steps: 100_000 });
        expect(isMatch, `${source} on ${JSON.stringify(text)}`).toBe(nativelyMatches(source, text));
      }
    }
  });

  it.each([
    ["(a+)+$", "a"],
    ["^(a|a)*$", "a"],
    ["^(a|aa)+$", "a"],
    ["(.*)*x", "a"],
    ["^(\\w+\\s?)*$", "word "],
    ["(x+x+)+y", "x"],
    ["^(([a-z])+.)+[A-Z]([a-z])+$", "a"],
    ["^(?=(a+)+$)(?=(a*)*b)", "a"],
    ["(?:a?){50}a{50}$", "a"],
    [
      "^([a-zA-Z0-9])(([-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}(([a-z]{2,3})|([a-z]{2,3}[.]{1}[a-z]{2,3}))$",
      "a",
    ],
  ])("%s takes few steps a character, where others would take all time", (source, unit) => {
    const budget = { steps: 50_000_000 };
    const text = `${unit.repeat(100_000 / unit.length)}!`;
    expect(compile(source).matches(text, budget)).toBe(false);
    expect(50_000_000 - budget.steps).toBeLessThan(10 * text.length);
  });

  it("finds the same with a memory that is used up again and again", () => {
    const pattern = compile("^[ab]*a[ab]{15}$");
    const random = newRandom(3);
    for (let n = 0; n < 200; n++) {
      const text = Array.from({ length: 200 }, () => "ab"[random(2)]).join("");
      expect(pattern.matches(text, { steps: 1_000_000 })).toBe(text.at(-16) === "a");
    }
    expect(
      matches(
        "^\\p{L}*x$",
        `${String.fromCodePoint(...Array.from({ length: 40_000 }, (_, n) => 0x4e00 + (n % 20_000)))}x`,
      ),
    ).toBe(true);
  });

  it("pays for each character that it has not seen", () => {
    const pattern = compile("^(?:[α][β][γ][δ][ε]|.)*$");
    const text = String.fromCodePoint(...Array.from({ length: 5_000 }, (_, n) => 0x4e00 + n));
    const stepsFor = (seen: string): number => {
      const budget = { steps: 1_000_000 };
      pattern.matches(seen, budget);
      return 1_000_000 - budget.steps;
    };
    expect(stepsFor(text)).toBeGreaterThan(6 * text.length);
    expect(stepsFor(text)).toBeLessThan(2 * text.length);
  });

  it("is over when its budget is", () => {
    const pattern = compile("^[ab]*a[ab]{500}$");
    const text = "ab".repeat(1_000);
    const budget = { steps: 20_000 };
    expect(pattern.matches(text, budget)).toBe(false);
    expect(budget.steps).toBeLessThan(0);
    expect(budget.steps).toBeGreaterThan(-PATTERN_STATES_MAX);
    const enough = { steps: 50_000_000 };
    expect(pattern.matches(text, enough)).toBe(text.at(-501) === "a");
    expect(enough.steps).toBeGreaterThan(0);
  });

  it.each(["(", "[a", "a)", "*", "a{2,1}", "(?<a>x)(?<a>y)", "\\", "(?<=a"])(
    "may not be %s, which is none",
    (source) => {
      expect(reasonOf(source)).toBe("pattern_invalid");
    },
  );

  it.each([
    ["what was matched before", "^(a)\\1$"],
    ["that by its name", "^(?<x>a)\\k<x>$"],
    ["what a later group will match", "\\2(a)(b)"],
    ["flags of its own", "(?i:a)"],
    ["more look-arounds than are remembered", "(?=a)".repeat(PATTERN_LOOKS_MAX + 1)],
    ["groups within very many groups", `${"(".repeat(60)}a${")".repeat(60)}`],
  ])("may not use %s", (_, source) => {
    expect(reasonOf(source)).toBe("pattern_unsupported");
  });

  it.each([
    ["written out", `a{${PATTERN_STATES_MAX}}`],
    ["written out, by repeats of repeats", "((a{100}){100}){100}"],
    ["without end, and no more of it", "(((a{1,9}){1,9}){1,9}){1,9}".repeat(9)],
    ["as it stands", "a".repeat(PATTERN_CHARS_MAX + 1)],
  ])("may not be too large %s", (_, source) => {
    expect(reasonOf(source)).toBe("pattern_too_large");
  });

  it("may repeat nothing as often as it likes", () => {
    expect(matches("^(?:){1000000000}a(?:(?:){999999999}){99999999}$", "a")).toBe(true);
    expect(matches("^(?:(?=a)){1,500}a$", "a")).toBe(true);
  });
});

describe("the patterns of a schema", () => {
  it("share a memory with a bound, and forget all of it when it is used up", () => {
    const memory = new PatternMemory();
    const compileShared = (source: string): Pattern => {
      const pattern = compilePattern(source, memory);
      if (!pattern.ok) expect.unreachable(pattern.error.message);
      return pattern.value;
    };
    const stepsFor = (pattern: Pattern, text: string): number => {
      const budget = { steps: 1e9 };
      pattern.matches(text, budget);
      return 1e9 - budget.steps;
    };
    const [plain, greedy] = [compileShared("^[a-z]+-\\d+$"), compileShared("^[ab]*a[ab]{15}$")];
    const random = newRandom(5);
    const noise = Array.from({ length: 20_000 }, () => "ab"[random(2)]).join("");
    const learnt = "order-123";
    expect(stepsFor(plain, learnt)).toBeGreaterThan(learnt.length + 1);
    expect(stepsFor(plain, learnt)).toBe(learnt.length + 1);

    expect(stepsFor(greedy, noise)).toBeGreaterThan(2 * noise.length);
    expect(memory.cells).toBe(PATTERN_MEMORY_CELLS_MAX);
    expect(memory.take(1)).toBe(false);
    // The next text begins with an empty memory, and is remembered again.
    expect(stepsFor(plain, learnt)).toBeGreaterThan(learnt.length + 1);
    expect(stepsFor(plain, learnt)).toBe(learnt.length + 1);
    expect(memory.cells).toBeLessThan(1_000);
    expect(stepsFor(greedy, "a".repeat(100))).toBeGreaterThan(101);
  });

  it("are refused with their place where they cannot be checked", () => {
    const schema = { properties: { "a/b": { pattern: "(a)\\1" } } };
    expect(faultOf(schema)).toEqual({
      reason: "pattern_unsupported",
      pointer: "/properties/a~1b/pattern",
      message: "the pattern uses back-references, which the relay does not support",
    });
    expect(faultOf({ patternProperties: { "[": {} } })).toMatchObject({
      reason: "pattern_invalid",
      pointer: "/patternProperties/[",
    });
  });

  it("are left unchecked and listed where that is asked for, and everything else is checked", () => {
    const schema = {
      properties: { a: { type: "string", pattern: "(a)\\1", maxLength: 3 } },
      patternProperties: { "(b)\\1": { type: "integer" }, "^c": { type: "integer" } },
      additionalProperties: false,
    };
    const validator = compileGood(schema, { badPatterns: "leave" });
    expect(validator.uncheckedPatterns.map(({ reason, pointer }) => `${reason} ${pointer}`)).toEqual([
      "pattern_unsupported /properties/a/pattern",
      "pattern_unsupported /patternProperties/(b)\\1",
    ]);
    expect(validator.matches({ a: "ab" })).toBe("valid");
    expect(validator.matches({ a: "abcd" })).toBe("invalid");
    expect(validator.matches({ c1: "x" })).toBe("invalid");
    // It may be one that the pattern allows.
    expect(validator.matches({ bb: "x" })).toBe("valid");
  });

  it("have a bound together", () => {
    const many = (count: number, source: (n: number) => string) => ({
      allOf: Array.from({ length: count }, (_, n) => ({ pattern: source(n) })),
    });
    compileGood(many(SCHEMA_PATTERNS_MAX, (n) => `^${n}`));
    compileGood(many(5 * SCHEMA_PATTERNS_MAX, () => "^a"));
    expect(faultOf(many(SCHEMA_PATTERNS_MAX + 1, (n) => `^${n}`)).reason).toBe("pattern_too_large");
    const large = Math.ceil(SCHEMA_PATTERN_STATES_MAX / 9_000);
    expect(faultOf(many(large, (n) => `^a{9000}${n}`)).reason).toBe("pattern_too_large");
  });
});

/** A linear congruential generator: the same patterns on every run. */
function newRandom(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

// No character of two units: the platform's own engine looks for empty matches in the middle of one.
const TEXT_CHARACTERS = [..."abc1 -_.é/A\n", "\u0001", "\0"];
const ATOMS = [
  ..."abc1 -_.é",
  "\\d",
  "\\D",
  "\\w",
  "\\W",
  "\\s",
  "\\S",
  "[abc]",
  "[^a]",
  "[a-c1]",
  "[^\\d\\s]",
  "\\.",
  "\\u0061",
];
const GROUPS = ["(", "(?:", "(?=", "(?!", "(?<=", "(?<!"];
const QUANTIFIERS = ["*", "+", "?", "{2}", "{1,2}", "{0,1}", "{2,}", "*?", "+?", "{0}"];

function randomPattern(random: (bound: number) => number, depth: number): string {
  const pick = (list: string[]): string => list[random(list.length)] ?? "";
  const sequence = (): string =>
    Array.from({ length: 1 + random(3) }, () => {
      if (random(8) === 0) return pick(["^", "$", "\\b", "\\B"]);
      const opening = depth > 0 && random(3) === 0 ? pick(GROUPS) : undefined;
      const term = opening ? `${opening}${randomPattern(random, depth - 1)})` : pick(ATOMS);
      const mayRepeat = !opening || opening === "(" || opening === "(?:";
      return mayRepeat && random(3) === 0 ? term + pick(QUANTIFIERS) : term;
    }).join("");
  return random(4) === 0 ? `${sequence()}|${sequence()}` : sequence();
}
