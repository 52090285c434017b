import type { JsonRecord } from "../reader/json-values.ts";
import { compareLists, compareUnions } from "./alternatives.ts";
import { NARROWER, type SchemaChange, show, WIDER } from "./changes.ts";
import { CompareBudget, type Schema } from "./compare-budget.ts";
import { compareHeirs } from "./heirs.ts";
import { ANNOTATIONS, isExtension, JUDGED, SILENT } from "./keywords.ts";
import { areSameValues, isSameKeyword, pairOf } from "./meaning.ts";
import { compareArrays, compareObjects } from "./members.ts";
import { compareLimits, compareListedValues, compareTypes } from "./values.ts";
import { at, newWalkOptions, SchemaWalk, type Trail, type WalkOptions } from "./walk.ts";

export type { ChangeKind, SchemaChange } from "./changes.ts";

/**
 * What changed between two versions of a payload's schema (draft-07, complete in itself), and what that is for subscribers.
 *
 * Events of both versions reach readers of both. Who knows the old version gets new events: a promise that becomes
 * **wider** breaks. Who knows the new one still gets old events, since the log keeps them for replays, retries and late
 * subscribers: a promise that becomes **narrower** breaks too. Schema registries call this full compatibility. What a
 * version leaves open is no promise, so an optional property may be added where the old version allowed others.
 *
 * | change | kind |
 * |---|---|
 * | property gone; new and required; no longer required; required now | breaking |
 * | property new and optional | non-breaking |
 * | … where `additionalProperties` was false, or a schema that it does not fit | breaking |
 * | … where the old version had `patternProperties` | unclassified |
 * | type, listed value (`enum`, `const`), format, pattern or bound added, removed or changed | breaking |
 * | other properties or items allowed or ruled out | breaking |
 * | alternative (`anyOf`, `oneOf`, heir of a `discriminator`) added or gone; a schema that becomes one of several | breaking |
 * | title, description, examples, default, deprecated and other annotations; `x-…` | non-breaking |
 * | `not`, `if`, `dependencies`, `contains`, `propertyNames`, `patternProperties`, `discriminator`, unknown keywords | unclassified |
 * | schemas that cannot be read, or are too large or too deep to be compared | unclassified |
 * | other order, spelling or place: `enum`, `required`, `anyOf`; definitions, `allOf` and references; `minLength: 0` | none |
 *
 * Patterns and formats are compared as texts. The alternatives of `oneOf` are taken to exclude each other. What changed in
 * a definition is said once, at the first place that refers to it.
 */
export function compareSchemas(before: unknown, after: unknown, budget = new CompareBudget()): SchemaChange[] {
  const options = newWalkOptions(budget);
  walkSchemas(before, after, options);
  return options.changes.list();
}

/** The same for one of many schemas, into one list and within one budget. */
export function walkSchemas(before: unknown, after: unknown, options: WalkOptions): void {
  const walk = new SchemaWalk(before, after, options);
  compareHeirs(walk, before, after);
  walk.run(comparePair);
}

function comparePair(walk: SchemaWalk, before: Schema, after: Schema, trail: Trail): void {
  if (before === false && after === false) return;
  if (before === false) {
    walk.report("breaking", trail, `Nothing was allowed here, and now something is: ${WIDER}.`);
  } else if (after === false) {
    walk.report("breaking", trail, `Nothing is allowed here any more: ${NARROWER}.`);
  } else {
    compareKeywords(walk, before, after, trail);
  }
}

function compareKeywords(walk: SchemaWalk, before: JsonRecord, after: JsonRecord, trail: Trail): void {
  compareRemarks(walk, before, after, trail);
  if (compareUnions(walk, before, after, trail)) return;
  const types = compareTypes(walk, before, after, trail);
  // With no type in common the versions have nothing to compare; their words about each type are all different.
  if (types.size === 0) return;
  compareListedValues(walk, before, after, trail);
  compareLimits(walk, [before, after], types, trail);
  if (types.has("object")) compareObjects(walk, before, after, trail);
  if (types.has("array")) compareArrays(walk, before, after, trail);
  compareLists(walk, before, after, trail);
  compareOthers(walk, before, after, trail);
}

const keywordsOf = (before: JsonRecord, after: JsonRecord): Set<string> =>
  new Set([...Object.keys(before), ...Object.keys(after)]);

function compareRemarks(walk: SchemaWalk, before: JsonRecord, after: JsonRecord, trail: Trail): void {
  for (const keyword of keywordsOf(before, after)) {
    if (!ANNOTATIONS.has(keyword) && !isExtension(keyword)) continue;
    const pair = pairOf(before, after, keyword);
    if (areSameValues(walk.versions, pair)) continue;
    const change = pair[0] === undefined ? "is new" : pair[1] === undefined ? "is gone" : "changed";
    walk.report("non-breaking", at(trail, keyword), `${show(keyword)} ${change}.`);
  }
}

function compareOthers(walk: SchemaWalk, before: JsonRecord, after: JsonRecord, trail: Trail): void {
  for (const keyword of keywordsOf(before, after)) {
    if (JUDGED.has(keyword) || ANNOTATIONS.has(keyword) || SILENT.has(keyword) || isExtension(keyword)) continue;
    if (isSameKeyword(walk.versions, keyword, before, after)) continue;
    walk.report("unclassified", at(trail, keyword), `${show(keyword)} changed, in a way that no program can judge.`);
  }
}
