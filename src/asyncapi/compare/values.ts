import { type JsonRecord, memberOf } from "../reader/json-values.ts";
import { NARROWER, show, WIDER } from "./changes.ts";
import { LIMITS, type Limit, type ValueType } from "./keywords.ts";
import { CHANGE_VALUES_MAX } from "./limits.ts";
import type { SchemaReader } from "./reading.ts";
import { at, type SchemaWalk, type Trail } from "./walk.ts";

const ALL_TYPES: ValueType[] = ["null", "boolean", "object", "array", "string", "integer", "fraction"];

function typeOf(value: unknown): ValueType {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "fraction";
  if (typeof value === "boolean") return "boolean";
  return typeof value === "string" ? "string" : "object";
}

function declaredTypes({ type }: JsonRecord): Set<ValueType> {
  if (type === undefined) return new Set(ALL_TYPES);
  const names = [type].flat();
  return new Set(
    ALL_TYPES.filter((each) => names.includes(each) || (names.includes("number") && /integer|fraction/.test(each))),
  );
}

/** The values that `enum` and `const` leave, as text → value; undefined where there is neither. */
function valuesOf(reader: SchemaReader, schema: JsonRecord): Map<string, unknown> | undefined {
  const listed = Array.isArray(schema.enum) ? schema.enum : undefined;
  const single = memberOf(schema, "const");
  if (!listed && !single) return undefined;
  const types = declaredTypes(schema);
  const values = listed ?? [single?.value];
  const texts = values.map((value): [string, unknown] => [reader.textOf(value), value]);
  const only = single && reader.textOf(single.value);
  return new Map(texts.filter(([text, value]) => types.has(typeOf(value)) && (!single || text === only)));
}

/** The types that a value can have, its listed values considered. */
function typesOf(reader: SchemaReader, schema: JsonRecord): Set<ValueType> {
  const values = valuesOf(reader, schema);
  return values ? new Set([...values.values()].map(typeOf)) : declaredTypes(schema);
}

/** The types that a value can have in one of the versions; none where the versions have no type in common. */
export function compareTypes(walk: SchemaWalk, before: JsonRecord, after: JsonRecord, trail: Trail): Set<ValueType> {
  const known = typesOf(walk.versions.before, before);
  const next = typesOf(walk.versions.after, after);
  const [was, is] = [declaredTypes(before), declaredTypes(after)];
  const isRedeclared = !isWithin(was, is) || !isWithin(is, was);
  if (isRedeclared && !(isWithin(known, next) && isWithin(next, known))) {
    const reason = isWithin(next, known) ? NARROWER : WIDER;
    walk.report("breaking", at(trail, "type"), `The type was ${nameTypes(was)}, and is ${nameTypes(is)}: ${reason}.`);
    if (![...known].some((type) => next.has(type))) return new Set();
  }
  return new Set([...known, ...next]);
}

const isWithin = (inner: Set<ValueType>, outer: Set<ValueType>): boolean => [...inner].every((type) => outer.has(type));

function nameTypes(types: Set<ValueType>): string {
  if (types.size === ALL_TYPES.length) return "any";
  const names = [...types].filter((type) => type !== "integer" || !types.has("fraction"));
  return names.map((type) => (type === "fraction" ? "number" : type)).join(" or ") || "none";
}

export function compareListedValues(walk: SchemaWalk, before: JsonRecord, after: JsonRecord, trail: Trail): void {
  const known = valuesOf(walk.versions.before, before);
  const next = valuesOf(walk.versions.after, after);
  if (!known && !next) return;
  const place = at(trail, ["const", "enum"].find((keyword) => memberOf(next ? after : before, keyword)) ?? "enum");
  if (!known) {
    walk.report("breaking", place, `Only listed values are allowed now: ${NARROWER}.`);
  } else if (!next) {
    walk.report("breaking", place, `The values are no longer listed: ${WIDER}.`);
  } else {
    const added = [...next].filter(([text]) => !known.has(text)).map(([, value]) => value);
    const removed = [...known].filter(([text]) => !next.has(text)).map(([, value]) => value);
    if (added.length > 0) walk.report("breaking", place, `New: ${showAll(added)}. So ${WIDER}.`);
    if (removed.length > 0) walk.report("breaking", place, `Removed: ${showAll(removed)}. So ${NARROWER}.`);
  }
}

function showAll(values: unknown[]): string {
  const shown = values.slice(0, CHANGE_VALUES_MAX).map(show);
  return [...shown, ...(values.length > shown.length ? [`${values.length - shown.length} more`] : [])].join(", ");
}

/** The keywords with a plain value, as far as they constrain one of the types. */
export function compareLimits(
  walk: SchemaWalk,
  [before, after]: [JsonRecord, JsonRecord],
  types: Set<ValueType>,
  trail: Trail,
): void {
  for (const [keyword, limit] of LIMITS) {
    const was = before[keyword] ?? limit.none;
    const is = after[keyword] ?? limit.none;
    if (was === is || (limit.of && !limit.of.some((type) => types.has(type)))) continue;
    const reason = isNarrower(limit, was, is) ? NARROWER : WIDER;
    walk.report("breaking", at(trail, keyword), `${show(keyword)} ${tellChange(was, is)}: ${reason}.`);
  }
}

function tellChange(was: unknown, is: unknown): string {
  if (was === undefined) return `is new (${show(is)})`;
  return is === undefined ? `is gone (it was ${show(was)})` : `was ${show(was)}, and is ${show(is)}`;
}

function isNarrower({ sense, none }: Limit, was: unknown, is: unknown): boolean {
  if (sense === "exact") return was === none;
  const lowest = sense === "least" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const [known, next] = [Number(was ?? lowest), Number(is ?? lowest)];
  return sense === "least" ? next > known : next < known;
}
