import { spendSteps } from "../interpreter/interpret-function.ts";

/**
 * Stands in for the `equal` of ajv. In a list of unique items each is compared with all others: here each is written out once, and
 * texts are compared.
 */
export default function equal(left: unknown, right: unknown): boolean {
  spendSteps(1);
  if (left === right) return true;
  if (isObject(left) && isObject(right)) return writtenOut(left) === writtenOut(right);
  return Number.isNaN(left) && Number.isNaN(right);
}

const known = new WeakMap<object, string>();

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

function writtenOut(value: object): string {
  const text = known.get(value) ?? writeOut(value);
  known.set(value, text);
  return text;
}

/** Equal values have the same text, whatever the order of their members. */
function writeOut(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(writeOut).join()}]`;
  if (!isObject(value)) return typeof value === "number" ? String(value) : JSON.stringify(value);
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}:${writeOut(member)}`);
  return `{${members.sort().join()}}`;
}
