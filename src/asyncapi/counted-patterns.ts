import { PATTERN_STATES_MAX } from "../json-schema/limits.ts";
import type { Pattern } from "../json-schema/patterns/pattern.ts";
import { PatternPool } from "../json-schema/patterns/pattern-pool.ts";
import type { PatternFault } from "../json-schema/patterns/pattern-syntax.ts";
import type { Result } from "../kernel/result.ts";
import { STEPS_PER_PATTERN_STATE } from "./limits.ts";
import { spendSteps } from "./lint-steps.ts";

type Compiled = Result<Pattern, PatternFault>;

/** Takes what compiling a pattern has cost: one that is refused may have been written out until then. */
export function payForPattern(compiled: Compiled): void {
  spendSteps((compiled.ok ? compiled.value.states : PATTERN_STATES_MAX) * STEPS_PER_PATTERN_STATE);
}

/** The patterns of a schema, each of which is paid for. */
export class CountedPatterns extends PatternPool {
  readonly #paid = new Set<string>();

  override compile(source: string): Compiled {
    const compiled = super.compile(source);
    if (!this.#paid.has(source)) payForPattern(compiled);
    this.#paid.add(source);
    return compiled;
  }
}
