import { compileSchema, type Validator, type Verdict } from "../json-schema/compile-schema.ts";
import { PatternPool } from "../json-schema/patterns/pattern-pool.ts";
import type { SchemaFault } from "../json-schema/schema-fault.ts";
import type { StepBudget } from "../json-schema/step-budget.ts";
import { FILTER_PATTERN_BYTES_MAX } from "../kernel/limits.ts";
import { err, ok, type Result } from "../kernel/result.ts";

/** What a subscription's filter says a form of. `key` and `owner` are always there: null where the event has none. */
export type FilterInput = { channel: string; key: string | null; owner: string | null; data: unknown };

/**
 * Compiles the schema by which a subscriber chooses events. What cannot be checked in linear time is refused: a filter
 * with a pattern that is left unchecked would choose what nobody asked for.
 */
export function compileFilter(schema: unknown): Result<Filter, SchemaFault> {
  const patterns = new PatternPool();
  const validator = compileSchema(schema, { badPatterns: "refuse", patterns });
  if (!validator.ok) return validator;
  if (patterns.bytes <= FILTER_PATTERN_BYTES_MAX) return ok(new Filter(validator.value, patterns));
  return err({
    reason: "pattern_too_large",
    pointer: "",
    message: "its patterns are too large, repetitions written out",
  });
}

/** A compiled filter. */
export class Filter {
  readonly #validator: Validator;
  readonly #patterns: PatternPool;

  constructor(validator: Validator, patterns: PatternPool) {
    this.#validator = validator;
    this.#patterns = patterns;
  }

  /** The memory its patterns take: they remember of texts what makes the next one quicker, so it grows with what they see. */
  get patternBytes(): number {
    return this.#patterns.bytes;
  }

  matches(input: FilterInput, budget: StepBudget): Verdict["outcome"] {
    return this.#validator.matches(input, budget);
  }
}
