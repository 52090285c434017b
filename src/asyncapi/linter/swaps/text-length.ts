import ucs2length from "ajv/dist/runtime/ucs2length";
import { ITEMS_PER_STEP } from "../../limits.ts";
import { spendSteps } from "../../lint-steps.ts";

/** Stands in for the `ucs2length` of ajv, which counts all characters of a text anew for each bound of its length. */
export default function countedLength(text: string): number {
  spendSteps(text.length / ITEMS_PER_STEP);
  return ucs2length(text);
}
