import { isRecord, type JsonRecord, memberOf } from "../reader/json-values.ts";
import type { CompareBudget } from "./compare-budget.ts";
import { isAssertion, LIST_KEYWORDS, NAMED_KEYWORDS, SCHEMA_KEYWORDS, SET_KEYWORDS } from "./keywords.ts";
import type { SchemaReader } from "./reading.ts";

/** A value of the old version and one of the new, at the same place. */
export type Pair = [before: unknown, after: unknown];

/** The two versions, and what comparing them may still cost. */
export type Versions = { before: SchemaReader; after: SchemaReader; budget: CompareBudget };

export const pairOf = (before: JsonRecord, after: JsonRecord, key: string): Pair => [
  memberOf(before, key)?.value,
  memberOf(after, key)?.value,
];

/** Whether two schemas say the same in the same words, but for annotations and the names of definitions. */
export function haveSameMeaning(versions: Versions, before: unknown, after: unknown): boolean {
  return areSame(versions, [[before, after]]);
}

/** The same of one keyword of two schemas. */
export function isSameKeyword(versions: Versions, keyword: string, before: JsonRecord, after: JsonRecord): boolean {
  const pairs = pairsWithin(versions, keyword, pairOf(before, after, keyword));
  return pairs !== undefined && areSame(versions, pairs);
}

/** A pair that comes again is not followed again: it is the same if all others are, recursive schemas included. */
function areSame(versions: Versions, pending: Pair[]): boolean {
  const seen = new Map<JsonRecord, Set<JsonRecord>>();
  for (let pair = pending.pop(); pair; pair = pending.pop()) {
    versions.budget.spend();
    if (versions.budget.exhausted) return false;
    const [before, after] = [versions.before.read(pair[0]), versions.after.read(pair[1])];
    if (!before || !after) {
      if (before !== after || (before === undefined && !areSameValues(versions, pair))) return false;
      continue;
    }
    const met = seen.get(before) ?? new Set();
    if (met.has(after)) continue;
    seen.set(before, met.add(after));
    versions.budget.spend(before);
    const keywords = new Set([...Object.keys(before), ...Object.keys(after)].filter(isAssertion));
    for (const keyword of keywords) {
      const pairs = pairsWithin(versions, keyword, pairOf(before, after, keyword));
      if (!pairs) return false;
      for (const inner of pairs) pending.push(inner);
    }
  }
  return true;
}

/** The schemas within a keyword that have to be the same for it to be so; undefined where it is not, whatever they are. */
function pairsWithin(versions: Versions, keyword: string, [before, after]: Pair): Pair[] | undefined {
  if (before === undefined || after === undefined) return before === after ? [] : undefined;
  const areLists = Array.isArray(before) && Array.isArray(after);
  if (SCHEMA_KEYWORDS.has(keyword) || (keyword === "items" && !Array.isArray(before) && !Array.isArray(after))) {
    return [[before, after]];
  }
  if ((LIST_KEYWORDS.has(keyword) || keyword === "items") && areLists) {
    return before.length === after.length ? before.map((item, index) => [item, after[index]]) : undefined;
  }
  if (NAMED_KEYWORDS.has(keyword) && isRecord(before) && isRecord(after)) return pairMembers(versions, before, after);
  const isSame = SET_KEYWORDS.has(keyword)
    ? areSameSets(versions, [before, after])
    : areSameValues(versions, [before, after]);
  return isSame ? [] : undefined;
}

function pairMembers(versions: Versions, before: JsonRecord, after: JsonRecord): Pair[] | undefined {
  const names = Object.keys(before);
  if (names.length !== Object.keys(after).length || !names.every((name) => Object.hasOwn(after, name)))
    return undefined;
  const pairs = names.map((name) => pairOf(before, after, name));
  // In `dependencies` a member may also be a list of names.
  const isList = ([member]: Pair) => Array.isArray(member);
  return pairs.every((pair) => !isList(pair) || areSameSets(versions, pair))
    ? pairs.filter((pair) => !isList(pair))
    : undefined;
}

export function areSameValues(versions: Versions, [before, after]: Pair): boolean {
  return versions.before.textOf(before) === versions.after.textOf(after);
}

function areSameSets(versions: Versions, [before, after]: Pair): boolean {
  const textsOf = (reader: SchemaReader, value: unknown) => new Set([value].flat().map((item) => reader.textOf(item)));
  const texts = textsOf(versions.after, after);
  const known = textsOf(versions.before, before);
  return known.size === texts.size && [...known].every((text) => texts.has(text));
}
