import { STEPS_PER_COMPARED_OBJECT } from "../../limits.ts";
import { spendSteps } from "../interpreter/steps.ts";

/** Stands in for the `equal` of ajv. Values are compared with many others: here each is written out once, and texts are compared. */
export default function equal(left: unknown, right: unknown): boolean {
  spendSteps(1);
  if (left === right) return true;
  if (isObject(left) && isObject(right)) {
    spendSteps(STEPS_PER_COMPARED_OBJECT);
    return writeOut(left) === writeOut(right);
  }
  return Number.isNaN(left) && Number.isNaN(right);
}

const known = new WeakMap<object, string>();

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/** Equal values have the same text, whatever the order of their members. It is as long as a value with all references written out. */
export function writeOut(value: unknown): string {
  if (!isObject(value)) return typeof value === "number" ? String(value) : JSON.stringify(value);
  const text = known.get(value) ?? writeOutMembers(value);
  known.set(value, text);
  return text;
}

function writeOutMembers(value: object): string {
  const members = Array.isArray(value)
    ? value.map(writeOut)
    : Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}:${writeOut(member)}`);
  for (const { length } of members) spendSteps(1 + length);
  return Array.isArray(value) ? `[${members.join()}]` : `{${members.sort().join()}}`;
}
