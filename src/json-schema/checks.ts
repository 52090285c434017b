import { MESSAGE_CHARS_MAX } from "./limits.ts";
import type { Check } from "./run.ts";

/** What the schema `true` says. It costs a step, as all schemas do: one may have thousands of them, for each of many values. */
export const ALWAYS: Check = (_, run) => {
  run.steps -= 1;
  return true;
};

/** What the schema `false` says, for the keyword that it stands under. */
export const never =
  (keyword: string): Check =>
  (_, run, at) => {
    run.steps -= 1;
    return run.fail(at, keyword, "is not allowed");
  };

/** A check with one message. */
export function checkThat<T>(keyword: string, message: string, holds: (value: T) => boolean): Check<T> {
  const shown = message.slice(0, MESSAGE_CHARS_MAX);
  return (value, run, at) => holds(value) || run.fail(at, keyword, shown);
}

/** All of the checks; undefined where there are none. Those after one that fails are made for their violations only. */
export function all<T>(checks: Check<T>[]): Check<T> | undefined {
  if (checks.length <= 1) return checks[0];
  return (value, run, at) => {
    let isValid = true;
    for (const check of checks) {
      if (check(value, run, at)) continue;
      if (!run.goesOn) return false;
      isValid = false;
    }
    return isValid;
  };
}
