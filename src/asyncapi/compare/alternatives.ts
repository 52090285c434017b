import type { JsonRecord } from "../reader/json-values.ts";
import { NARROWER, WIDER } from "./changes.ts";
import { isAssertion } from "./keywords.ts";
import { haveSameMeaning, type Versions } from "./meaning.ts";
import { referenceOf } from "./reading.ts";
import { at, type SchemaWalk, type Trail } from "./walk.ts";

/** One schema of a list of them; `keys` lead to it from the schema that has the list. */
type Member = { value: unknown; keys: (string | number)[]; reference: string | undefined };

const UNIONS = ["oneOf", "anyOf"];

function membersOf(schema: JsonRecord, keyword: string): Member[] {
  const list = schema[keyword];
  return (Array.isArray(list) ? list : []).map((value, index) => ({
    value,
    keys: [keyword, index],
    reference: referenceOf(value),
  }));
}

const hasAlternatives = (schema: JsonRecord): boolean => UNIONS.some((keyword) => schema[keyword] !== undefined);

/** The keyword of a schema that only lists alternatives. */
function unionKeyword(schema: JsonRecord): string | undefined {
  const keywords = Object.keys(schema).filter(isAssertion);
  return keywords.length === 1 ? UNIONS.find((keyword) => keyword === keywords[0]) : undefined;
}

/**
 * Two schemas of which one at least only lists alternatives: the other, where it has none, is its own only one. So a second
 * kind of payload is one new alternative. False where neither does, or the other has alternatives beside other words.
 */
export function compareUnions(walk: SchemaWalk, before: JsonRecord, after: JsonRecord, trail: Trail): boolean {
  const [was, is] = [unionKeyword(before), unionKeyword(after)];
  if (!was && (!is || hasAlternatives(before))) return false;
  if (!is && hasAlternatives(after)) return false;
  const alternatives = (schema: JsonRecord, keyword: string | undefined): Member[] =>
    keyword ? membersOf(schema, keyword) : [{ value: schema, keys: [], reference: undefined }];
  compareMembers(walk, [alternatives(before, was), alternatives(after, is)], ALTERNATIVES, trail);
  return true;
}

/** `anyOf` and `oneOf` beside other keywords, and what an `allOf` has that could not be merged. */
export function compareLists(walk: SchemaWalk, before: JsonRecord, after: JsonRecord, trail: Trail): void {
  // A discriminator calls an alternative by the name of its definition: with another name it is another one.
  const rules = before.discriminator === undefined && after.discriminator === undefined ? MATCHES : MATCHES.slice(0, 1);
  for (const keyword of UNIONS) {
    const lists: Lists = [membersOf(before, keyword), membersOf(after, keyword)];
    if (before[keyword] !== undefined && after[keyword] !== undefined) {
      compareMembers(walk, lists, { ...ALTERNATIVES, rules }, trail);
    } else if (after[keyword] !== undefined) {
      walk.report("breaking", at(trail, keyword), `The alternatives are new: ${NARROWER}.`);
    } else if (before[keyword] !== undefined) {
      walk.report("breaking", at(trail, keyword), `The alternatives are gone: ${WIDER}.`);
    }
  }
  compareMembers(walk, [membersOf(before, "allOf"), membersOf(after, "allOf")], CONDITIONS, trail);
}

type Lists = [before: Member[], after: Member[]];

type Match = (versions: Versions, was: Member, is: Member) => boolean;

/** Which schema became which: the one with the same reference, else one that says the same, else the next in the list. */
const MATCHES: Match[] = [
  (_, was, is) => was.reference !== undefined && was.reference === is.reference,
  (versions, was, is) => haveSameMeaning(versions, was.value, is.value),
  () => true,
];

type Rules = { added: string; removed: string; rules: Match[] };

const ALTERNATIVES: Rules = {
  added: `The alternative is new: ${WIDER}.`,
  removed: `The alternative is gone: ${NARROWER}.`,
  rules: MATCHES,
};

const CONDITIONS: Rules = {
  added: `The condition is new: ${NARROWER}.`,
  removed: `The condition is gone: ${WIDER}.`,
  rules: MATCHES,
};

function compareMembers(
  walk: SchemaWalk,
  [before, after]: Lists,
  { added, removed, rules }: Rules,
  trail: Trail,
): void {
  const gone = new Set(before);
  const fresh = new Set(after);
  for (const isMatch of rules) {
    for (const was of gone) {
      const is = findMatch(walk.versions, was, fresh, isMatch);
      if (!is) continue;
      gone.delete(was);
      fresh.delete(is);
      walk.visit(was.value, is.value, at(trail, ...is.keys));
    }
  }
  for (const { keys } of fresh) walk.report("breaking", at(trail, ...keys), added);
  for (const { keys } of gone) walk.report("breaking", at(trail, ...keys), removed);
}

function findMatch(versions: Versions, was: Member, candidates: Set<Member>, isMatch: Match): Member | undefined {
  for (const candidate of candidates) {
    versions.budget.spend();
    if (versions.budget.exhausted) return undefined;
    if (isMatch(versions, was, candidate)) return candidate;
  }
  return undefined;
}
