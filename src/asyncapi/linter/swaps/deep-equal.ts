import stockEqual from "fast-deep-equal";
import { STEPS_PER_COMPARED_OBJECT } from "../../limits.ts";
import { spendSteps } from "../../lint-steps.ts";

/** Stands in for the `equal` of ajv. Values are compared with many others: here each is written out once, and texts are compared. */
export default function equal(left: unknown, right: unknown): boolean {
  spendSteps(1);
  if (left === right) return true;
  if (!isObject(left) || !isObject(right)) return Number.isNaN(left) && Number.isNaN(right);
  spendSteps(STEPS_PER_COMPARED_OBJECT);
  const [one, other] = [writeOut(left), writeOut(right)];
  if (!isOdd(left) && !isOdd(right)) return one === other;
  spendSteps(Math.min(one.length, other.length));
  return stockEqual(left, right);
}

const texts = new WeakMap<object, string>();
const odd = new WeakMap<object, boolean>();

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

// Members that the stock comparison takes for those which every object has. A text that looks like one is no harm.
const ODD_MEMBER = /"(?:constructor|valueOf|toString)":/;

/** Whether what the stock comparison does with a value depends on more than what it holds. */
export function isOdd(value: unknown): boolean {
  if (!isObject(value)) return false;
  const known = odd.get(value) ?? ODD_MEMBER.test(writeOut(value));
  odd.set(value, known);
  return known;
}

/** Equal values have the same text, whatever the order of their members. It is as long as a value with all references written out. */
export function writeOut(value: unknown): string {
  if (!isObject(value)) return typeof value === "number" ? String(value) : JSON.stringify(value);
  const text = texts.get(value) ?? writeOutMembers(value);
  texts.set(value, text);
  return text;
}

function writeOutMembers(value: object): string {
  const members = Array.isArray(value)
    ? value.map(writeOut)
    : Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}:${writeOut(member)}`);
  for (const { length } of members) spendSteps(1 + length);
  return Array.isArray(value) ? `[${members.join()}]` : `{${members.sort().join()}}`;
}
