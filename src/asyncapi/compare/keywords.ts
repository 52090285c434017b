import { isRecord } from "../reader/json-values.ts";

/** The types of JSON Schema, but that a number is an integer or a fraction: so each excludes all others. */
export type ValueType = "null" | "boolean" | "object" | "array" | "string" | "integer" | "fraction";

/** Keywords that say something about a value and nothing about which values are valid. */
export const ANNOTATIONS = new Set([
  ...["title", "description", "default", "examples", "example", "externalDocs"],
  ...["deprecated", "readOnly", "writeOnly"],
]);

/** Keywords whose own change is none: what refers to a definition is compared with what the definition says. */
export const SILENT = new Set(["definitions", "$defs", "$schema", "$id", "$comment"]);

export const isExtension = (keyword: string): boolean => keyword.startsWith("x-");

/** Keywords that decide which values are valid, and those that the relay does not know and that may do so. */
export const isAssertion = (keyword: string): boolean =>
  !ANNOTATIONS.has(keyword) && !SILENT.has(keyword) && !isExtension(keyword);

/** Keywords whose value is a schema, whose members are schemas, whose items are, and whose order means nothing. */
export const SCHEMA_KEYWORDS = new Set([
  ...["additionalItems", "additionalProperties", "contains", "propertyNames"],
  ...["not", "if", "then", "else"],
]);
export const NAMED_KEYWORDS = new Set(["properties", "patternProperties", "dependencies"]);
export const LIST_KEYWORDS = new Set(["allOf", "anyOf", "oneOf"]);
export const SET_KEYWORDS = new Set(["type", "required", "enum"]);

/**
 * A keyword with a plain value. `of`: the types it constrains, undefined for all. `least` is narrower the greater it is,
 * `most` the smaller, and two values of an `exact` one can't be put in order. `none` is what its absence means.
 */
export type Limit = { of?: readonly ValueType[]; sense: "least" | "most" | "exact"; none?: unknown };

const NUMBER = ["integer", "fraction"] as const;

export const LIMITS = new Map<string, Limit>([
  ["minimum", { of: NUMBER, sense: "least" }],
  ["exclusiveMinimum", { of: NUMBER, sense: "least" }],
  ["maximum", { of: NUMBER, sense: "most" }],
  ["exclusiveMaximum", { of: NUMBER, sense: "most" }],
  ["multipleOf", { of: NUMBER, sense: "exact" }],
  ["minLength", { of: ["string"], sense: "least", none: 0 }],
  ["maxLength", { of: ["string"], sense: "most" }],
  ["pattern", { of: ["string"], sense: "exact" }],
  ["contentEncoding", { of: ["string"], sense: "exact" }],
  ["contentMediaType", { of: ["string"], sense: "exact" }],
  ["minItems", { of: ["array"], sense: "least", none: 0 }],
  ["maxItems", { of: ["array"], sense: "most" }],
  ["uniqueItems", { of: ["array"], sense: "exact", none: false }],
  ["minProperties", { of: ["object"], sense: "least", none: 0 }],
  ["maxProperties", { of: ["object"], sense: "most" }],
  ["format", { sense: "exact" }], // numbers have formats too: int64, float
]);

/** Keywords with rules of their own. Of all others it can only be seen whether they changed. */
export const JUDGED = new Set([
  ...LIMITS.keys(),
  ...["type", "enum", "const"],
  ...["properties", "required", "additionalProperties", "items", "additionalItems"],
  ...["allOf", "anyOf", "oneOf"],
]);

const TYPE_NAMES = new Set(["null", "boolean", "object", "array", "string", "integer", "number"]);
const isType = (value: unknown): boolean => typeof value === "string" && TYPE_NAMES.has(value);
const isList = (value: unknown): boolean => Array.isArray(value);
const isText = (value: unknown): boolean => typeof value === "string";
const isNumber = (value: unknown): boolean => typeof value === "number";

const SHAPES = new Map<string, (value: unknown) => boolean>([
  ["type", (value) => (Array.isArray(value) ? value.every(isType) : isType(value))],
  ["required", (value) => Array.isArray(value) && value.every(isText)],
  ["uniqueItems", (value) => typeof value === "boolean"],
  ...["enum", ...LIST_KEYWORDS].map((keyword) => [keyword, isList] as const),
  ...[...NAMED_KEYWORDS].map((keyword) => [keyword, isRecord] as const),
  ...["pattern", "format", "contentEncoding", "contentMediaType"].map((keyword) => [keyword, isText] as const),
  ...["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf"].map((k) => [k, isNumber] as const),
  ...["Length", "Items", "Properties"].flatMap((of) => [`min${of}`, `max${of}`].map((k) => [k, isNumber] as const)),
]);

/** True where each known keyword has a value that draft-07 allows: the comparison then need not look again. */
export function isWellFormed(schema: Record<string, unknown>): boolean {
  return Object.entries(schema).every(([keyword, value]) => SHAPES.get(keyword)?.(value) ?? true);
}
