import { err, ok, type Result } from "../kernel/result.ts";
import { SchemaCompiler } from "./compiler.ts";
import { VALIDATION_STEPS_MAX } from "./limits.ts";
import { measureSchema } from "./measure-schema.ts";
import type { PatternPool } from "./patterns/pattern-pool.ts";
import { type Check, Run, type Violation } from "./run.ts";
import { type SchemaFault, SchemaFaults } from "./schema-fault.ts";
import { SchemaPatterns } from "./schema-patterns.ts";
import type { StepBudget } from "./step-budget.ts";

export type SchemaOptions = {
  /** Patterns that cannot be checked in linear time, or at all: are they a fault of the schema, or left unchecked and listed? */
  badPatterns?: "refuse" | "leave";
  /** Where its patterns are kept; a pool of its own, unless others share it. */
  patterns?: PatternPool;
};

/** `exhausted`: the check would have cost more than it may. Nothing is known of the value then. */
export type Verdict = { outcome: "valid" } | { outcome: "invalid"; violations: Violation[] } | { outcome: "exhausted" };

/**
 * Compiles a schema (JSON Schema draft-07, with AsyncAPI's `discriminator`) into closures; no code is generated. `schema` is a
 * JSON value that does not change any more. Formats are checked, references never leave the schema, `definitions` that nothing
 * refers to are not looked at.
 */
export function compileSchema(schema: unknown, options: SchemaOptions = {}): Result<Validator, SchemaFault> {
  const faults = new SchemaFaults();
  measureSchema(schema, faults);
  if (faults.first) return err(faults.first);
  const patterns = new SchemaPatterns(faults, options.badPatterns === "leave", options.patterns);
  const check = new SchemaCompiler(schema, patterns, faults).compileRoot();
  return faults.first ? err(faults.first) : ok(new Validator(check, patterns.unchecked));
}

/** A compiled schema. Values are what `JSON.parse` makes. */
export class Validator {
  /** The patterns that are not checked, with the place of each: none, unless the schema was compiled so. */
  readonly uncheckedPatterns: SchemaFault[];
  readonly #check: Check;

  constructor(check: Check, uncheckedPatterns: SchemaFault[]) {
    this.#check = check;
    this.uncheckedPatterns = uncheckedPatterns;
  }

  /** Whether a value has the schema's form, and nothing more. What that costs is taken from the budget, which values may share. */
  matches(value: unknown, budget: StepBudget = { steps: VALIDATION_STEPS_MAX }): Verdict["outcome"] {
    const run = new Run(budget.steps, undefined);
    const isValid = this.#check(value, run, undefined);
    budget.steps = run.steps;
    if (run.steps < 0) return "exhausted";
    return isValid ? "valid" : "invalid";
  }

  /** Whether a value has the schema's form, and what is wrong with it. */
  validate(value: unknown, budget: StepBudget = { steps: VALIDATION_STEPS_MAX }): Verdict {
    const { steps } = budget;
    const outcome = this.matches(value, budget);
    if (outcome !== "invalid") return { outcome };
    const violations: Violation[] = [];
    const run = new Run(steps, violations);
    this.#check(value, run, undefined);
    budget.steps -= steps - run.steps;
    // Saying why may cost more than knowing that.
    if (violations.length === 0) violations.push({ pointer: "", keyword: "", message: "does not match the schema" });
    return { outcome, violations };
  }
}
