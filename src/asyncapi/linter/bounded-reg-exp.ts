import { compilePattern } from "../../json-schema/patterns/pattern.ts";
import { PatternMemory } from "../../json-schema/patterns/pattern-memory.ts";
import { LINT_STEPS_MAX } from "../limits.ts";
import { spendSteps } from "./interpreter/interpret-function.ts";

/** What Ajv needs of a regular expression. `code` would name it in code that is kept, which none is. */
type RegExpEngine = {
  (source: string, flags: string): { test(text: string): boolean };
  code: string;
};

/**
 * Makes the patterns of a document's schemas without the platform's engine, which backtracks. What is no pattern throws as it does
 * there; one that cannot be matched within bounds matches everything, and a rule of the relay says so.
 */
export const boundedRegExp: RegExpEngine = Object.assign(
  (source: string, flags: string) => {
    const native = new RegExp(source, flags);
    const pattern = compilePattern(source, new PatternMemory(), flags.includes("u"));
    return {
      test: (text: string) => {
        if (!pattern.ok) return true;
        const budget = { steps: LINT_STEPS_MAX };
        const matches = pattern.value.matches(text, budget);
        spendSteps(LINT_STEPS_MAX - budget.steps);
        return matches;
      },
      // Ajv tells patterns apart by this.
      toString: () => String(native),
    };
  },
  { code: "new RegExp" },
);
