import { VALIDATION_DEPTH_MAX } from "./limits.ts";
import { type StepBudget, textSteps } from "./step-budget.ts";

const CANONICAL_STEPS = 8; // what writing a value costs, against looking at it

/** A JSON object as `JSON.parse` makes it: a member may have any name, `__proto__` and `constructor` too. */
export type JsonRecord = Record<string, unknown>;

export const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The member of an object that is really there: a plain look-up also finds what every object inherits. */
export const ownMember = (record: JsonRecord, name: string): unknown =>
  Object.hasOwn(record, name) ? record[name] : undefined;

export const escapePointer = (token: string | number): string =>
  String(token).replaceAll("~", "~0").replaceAll("/", "~1");

export const unescapePointer = (token: string): string => token.replaceAll("~1", "/").replaceAll("~0", "~");

/** The start of a value's JSON, for messages. */
export function quote(value: unknown, charsMax: number): string {
  const text = JSON.stringify(value);
  return text.length > charsMax ? `${text.slice(0, charsMax).toWellFormed()}…` : text;
}

/** Equality of JSON values; each value looked at costs a step. Without meaning when the steps run out. */
export function isEqual(a: unknown, b: unknown, budget: StepBudget): boolean {
  budget.steps -= typeof a === "string" ? textSteps(a) : 1;
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null || budget.steps < 0) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => isEqual(item, b[index], budget));
  }
  const names = Object.keys(a);
  budget.steps -= names.length;
  if (names.length !== Object.keys(b).length) return false;
  return names.every(
    (name) => Object.hasOwn(b, name) && isEqual((a as JsonRecord)[name], (b as JsonRecord)[name], budget),
  );
}

/** One text for all equal JSON values, whatever the order of their members. Without meaning when the steps run out. */
export function canonicalText(value: unknown, budget: StepBudget, depth = 0): string {
  budget.steps -= CANONICAL_STEPS * (typeof value === "string" ? textSteps(value) : 1);
  if (depth > VALIDATION_DEPTH_MAX) budget.steps = -1;
  if (typeof value !== "object" || value === null)
    return typeof value === "number" ? String(value) : JSON.stringify(value);
  if (budget.steps < 0) return "";
  if (Array.isArray(value)) return `[${value.map((item) => canonicalText(item, budget, depth + 1)).join(",")}]`;
  const members = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalText((value as JsonRecord)[name], budget, depth + 1)}`);
  return `{${members.join(",")}}`;
}
