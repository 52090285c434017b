import { ALWAYS } from "../checks.ts";
import type { SchemaPlace } from "../references.ts";
import { type Check, type Place, pointerTo, type Run, type Violation } from "../run.ts";
import type { Subschemas } from "../subschemas.ts";
import type { Keywords } from "./keywords.ts";

/** What combines schemas that apply to the value itself. */
export function compileLogicChecks(keywords: Keywords, subschemas: Subschemas): Check[] {
  const compile = (place: SchemaPlace): Check => subschemas.compileInPlace(place);
  const any = keywords.schemas("anyOf", 1)?.map(compile);
  const one = keywords.schemas("oneOf", 1)?.map(compile);
  const excluded = keywords.schema("not");
  return [
    ...(keywords.schemas("allOf", 1)?.map(compile) ?? []),
    ...(any ? [compileAlternatives("anyOf", any)] : []),
    ...(one ? [compileAlternatives("oneOf", one)] : []),
    ...(excluded ? [compileNot(compile(excluded))] : []),
    ...compileCondition(keywords, compile),
  ];
}

const compileNot =
  (check: Check): Check =>
  (value, run, at) =>
    !run.ask(check, value) || run.fail(at, "not", "has a form that the schema excludes");

/** `if`, which means nothing without `then` or `else`, as they mean nothing without it. */
function compileCondition(keywords: Keywords, compile: (place: SchemaPlace) => Check): Check[] {
  const [condition, consequence, otherwise] = ["if", "then", "else"].map((name) => keywords.schema(name));
  if (!condition || !(consequence || otherwise)) return [];
  const isMet = compile(condition);
  const met = consequence ? compile(consequence) : ALWAYS;
  const unmet = otherwise ? compile(otherwise) : ALWAYS;
  return [(value, run, at) => (run.ask(isMet, value) ? met(value, run, at) : unmet(value, run, at))];
}

/** One of the alternatives at least; with `oneOf` no other beside it. */
function compileAlternatives(keyword: "anyOf" | "oneOf", alternatives: Check[]): Check {
  const enough = keyword === "anyOf" ? 1 : 2;
  return (value, run, at) => {
    const tries: Violation[][] = [];
    let matches = 0;
    for (const check of alternatives) {
      const violations: Violation[] | undefined = run.violations && [];
      if (run.collect(violations, check, value, at)) matches += 1;
      else if (violations) tries.push(violations);
      if (matches === enough) break;
    }
    if (matches === 0) return failAll(keyword, tries, run, at);
    return matches === 1 || run.fail(at, keyword, "matches more than one of the alternatives");
  };
}

// A value that has none of these of an alternative was hardly meant to be it.
const TELLING = new Set(["type", "const", "enum"]);

/** No alternative matches: where one alone can have been meant (as the object of "an object or null"), says what it lacks. */
function failAll(keyword: string, tries: Violation[][], run: Run, at: Place): boolean {
  const own = run.violations && pointerTo(at);
  const meant = tries.filter(
    (violations) => !violations.some(({ pointer, keyword }) => pointer === own && TELLING.has(keyword)),
  );
  const [only] = meant;
  if (only && meant.length === 1) for (const violation of only) run.report(violation);
  else run.fail(at, keyword, "matches none of the alternatives");
  return false;
}
