import { checkThat } from "../checks.ts";
import type { Check } from "../run.ts";
import type { Keywords } from "./keywords.ts";
import { newMultipleTest } from "./multiple-of.ts";

/** What only numbers are asked. */
export function compileNumberChecks(keywords: Keywords): Check<number>[] {
  const checks: Check<number>[] = [];
  const compile = (
    keyword: string,
    says: (limit: number) => string,
    newTest: (limit: number) => (value: number) => boolean,
  ): void => {
    const limit = keywords.number(keyword);
    if (limit === undefined) return;
    checks.push(checkThat(keyword, says(limit), newTest(limit)));
  };
  compile(
    "minimum",
    (limit) => `must be ${limit} or more`,
    (limit) => (value) => value >= limit,
  );
  compile(
    "maximum",
    (limit) => `must be ${limit} or less`,
    (limit) => (value) => value <= limit,
  );
  compile(
    "exclusiveMinimum",
    (limit) => `must be more than ${limit}`,
    (limit) => (value) => value > limit,
  );
  compile(
    "exclusiveMaximum",
    (limit) => `must be less than ${limit}`,
    (limit) => (value) => value < limit,
  );
  const divisor = keywords.number("multipleOf");
  if (divisor !== undefined && !(divisor > 0)) keywords.fault("multipleOf", "more than 0");
  else if (divisor !== undefined) {
    const isMultiple = newMultipleTest(divisor);
    const message = `must be a multiple of ${divisor}`;
    checks.push((value, run, at) => isMultiple(value, run) || run.fail(at, "multipleOf", message));
  }
  return checks;
}
