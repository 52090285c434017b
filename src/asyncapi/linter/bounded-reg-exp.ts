import { compilePattern } from "../../json-schema/patterns/pattern.ts";
import { PatternMemory } from "../../json-schema/patterns/pattern-memory.ts";
import { payForPattern } from "../counted-patterns.ts";
import { LINT_STEPS_MAX } from "../limits.ts";
import { spendSteps } from "../lint-steps.ts";

/** What Ajv needs of a regular expression. `code` would name it in code that is kept, which none is. */
type RegExpEngine = {
  (source: string, flags: string): { test(text: string): boolean };
  code: string;
};

/**
 * Makes the patterns of schemas without the platform's engine, which backtracks. What is no pattern throws as it does
 * there; one that cannot be matched within bounds matches everything, and a rule of the relay says so. All share one memory.
 */
export function newRegExpEngine(): RegExpEngine {
  const memory = new PatternMemory();
  const compile = (source: string, native: RegExp) => {
    const pattern = compilePattern(source, memory, native.unicode);
    payForPattern(pattern);
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
  };
  const known = new Map<string, ReturnType<typeof compile>>();
  const engine = (source: string, flags: string) => {
    const native = new RegExp(source, flags);
    const pattern = known.get(String(native)) ?? compile(source, native);
    known.set(String(native), pattern);
    return pattern;
  };
  return Object.assign(engine, { code: "new RegExp" });
}
