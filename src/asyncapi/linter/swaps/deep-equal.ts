import stockEqual from "fast-deep-equal";
import { spendSteps } from "../interpreter/interpret-function.ts";

/**
 * Stands in for the `equal` of ajv. In a list of unique items each is compared with all others: here each is written out once, and
 * texts are compared.
 */
export default function equal(left: unknown, right: unknown): boolean {
  spendSteps(1);
  if (left === right) return true;
  if (!isObject(left) || !isObject(right)) return Number.isNaN(left) && Number.isNaN(right);
  const [one, other] = [writtenOut(left), writtenOut(right)];
  if (!one.isOdd && !other.isOdd) return one.text === other.text;
  spendSteps(Math.min(one.text.length, other.text.length));
  return stockEqual(left, right);
}

/** `isOdd`: what the stock comparison does with the value depends on more than what it holds. */
type Written = { text: string; isOdd: boolean };

const known = new WeakMap<object, Written>();

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

function writtenOut(value: object): Written {
  const before = known.get(value);
  if (before) return before;
  const text = writeOut(value);
  const written = { text, isOdd: ODD_MEMBER.test(text) };
  known.set(value, written);
  return written;
}

// Members that the stock comparison takes for those which every object has. A text that looks like one is no harm.
const ODD_MEMBER = /"(?:constructor|valueOf|toString)":/;

/** Equal values have the same text, whatever the order of their members. */
function writeOut(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(writeOut).join()}]`;
  if (!isObject(value)) return typeof value === "number" ? String(value) : JSON.stringify(value);
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}:${writeOut(member)}`);
  return `{${members.sort().join()}}`;
}
