import { isRecord, type JsonRecord, memberOf } from "../../asyncapi/reader/json-values.ts";
import { cut } from "../../markup/cut.ts";

const VALUES_MAX = 20;
const VALUE_CHARS_MAX = 60;
const PATTERN_CHARS_MAX = 200;

/** The type of a value that has to meet all of these schemas, in words. */
export function describeType(parts: JsonRecord[], typeOfItems: (items: unknown) => string): string {
  for (const part of parts) {
    const types = [keyword(part, "type")].flat().filter((type) => typeof type === "string");
    if (types.length > 0) return types.map((type) => nameType(type, part, typeOfItems)).join(" or ");
  }
  const has = (...keys: string[]) => parts.find((part) => keys.some((key) => memberOf(part, key)));
  if (has("properties", "additionalProperties", "patternProperties")) return "object";
  const list = has("items");
  if (list) return nameType("array", list, typeOfItems);
  if (has("oneOf")) return "one of";
  if (has("anyOf")) return "any of";
  return "any";
}

function nameType(type: string, part: JsonRecord, typeOfItems: (items: unknown) => string): string {
  const items = keyword(part, "items");
  return type === "array" && isRecord(items) ? `list of ${typeOfItems(items)}` : type === "array" ? "list" : type;
}

const RULES: [key: string, say: (value: unknown) => string | null][] = [
  ["format", (value) => phrase(value, (format) => `format ${format}`)],
  ["const", (value) => `always ${show(value)}`],
  ["enum", (value) => (Array.isArray(value) ? describeValues(value) : null)],
  ["pattern", (value) => phrase(value, (pattern) => `matches ${cut(pattern, PATTERN_CHARS_MAX)}`)],
  ["minimum", (value) => `≥ ${show(value)}`],
  ["exclusiveMinimum", (value) => `> ${show(value)}`],
  ["maximum", (value) => `≤ ${show(value)}`],
  ["exclusiveMaximum", (value) => `< ${show(value)}`],
  ["multipleOf", (value) => `a multiple of ${show(value)}`],
  ["minLength", (value) => `length ≥ ${show(value)}`],
  ["maxLength", (value) => `length ≤ ${show(value)}`],
  ["minItems", (value) => `items ≥ ${show(value)}`],
  ["maxItems", (value) => `items ≤ ${show(value)}`],
  ["uniqueItems", (value) => (value === true ? "no item twice" : null)],
  ["minProperties", (value) => `properties ≥ ${show(value)}`],
  ["maxProperties", (value) => `properties ≤ ${show(value)}`],
  ["default", (value) => `default ${show(value)}`],
  ["deprecated", (value) => (value === true ? "deprecated" : null)],
];

/** Keywords that have no short name. */
const CONDITIONS = ["not", "if", "dependencies", "contains", "propertyNames"];

/** What a value has to meet beside its type, in words. */
export function describeRules(parts: JsonRecord[]): string[] {
  const rules = parts.flatMap((part) =>
    RULES.flatMap(([key, say]) => {
      const member = memberOf(part, key);
      return (member && say(member.value)) ?? [];
    }),
  );
  const hasConditions = parts.some((part) => CONDITIONS.some((key) => memberOf(part, key)));
  return [...new Set([...rules, ...(hasConditions ? ["and conditions that the document has"] : [])])];
}

function describeValues(values: unknown[]): string {
  const more = values.length > VALUES_MAX ? `, … (${values.length} values)` : "";
  return `one of ${values.slice(0, VALUES_MAX).map(show).join(", ")}${more}`;
}

/** A text member of a schema; null where there is none. */
export function textOf(part: JsonRecord, key: string): string | null {
  const value = keyword(part, key);
  return typeof value === "string" && value.trim() !== "" ? value : null;
}

const keyword = (part: JsonRecord, key: string): unknown => memberOf(part, key)?.value;

const phrase = (value: unknown, say: (text: string) => string): string | null =>
  typeof value === "string" ? say(cut(value, PATTERN_CHARS_MAX)) : null;

// A value as large as a document may be asked for once for each row of a page.
const shownValues = new WeakMap<object, string>();

/** The start of a value's JSON. */
function show(value: unknown): string {
  if (typeof value === "string") return cut(JSON.stringify(value.slice(0, VALUE_CHARS_MAX)), VALUE_CHARS_MAX);
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "";
  const shown = shownValues.get(value) ?? cut(JSON.stringify(value), VALUE_CHARS_MAX);
  shownValues.set(value, shown);
  return shown;
}
