import leven from "leven";
import { spendSteps } from "../../lint-steps.ts";

/** Stands in for leven, which compares each character of one text with each of the other. */
export default function boundedDistance(left: string, right: string): number {
  spendSteps(left.length * right.length);
  return leven(left, right);
}
