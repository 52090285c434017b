import { escapePointer } from "./json-value.ts";
import { VALIDATION_DEPTH_MAX, VIOLATION_POINTER_CHARS_MAX, VIOLATIONS_MAX } from "./limits.ts";
import { type StepBudget, textSteps } from "./step-budget.ts";

/** What is wrong with a value. `pointer` leads to the place in the value (RFC 6901), `message` is for people. */
export type Violation = { pointer: string; keyword: string; message: string };

/** A place in the value that is checked; undefined is the value itself. */
export type Place = { parent: Place; key: string | number } | undefined;

/** Whether a value has a form. It says why not to `run`, where that is asked for. */
export type Check<T = unknown> = (value: T, run: Run, at: Place) => boolean;

/** A schema that was chosen for a value by its discriminator, and is being checked. */
type Choice = { schema: object; value: unknown; outer: Choice } | undefined;

/** One check of one value: what it may still cost, and what it has found. */
export class Run implements StepBudget {
  steps: number;
  /** undefined: only the answer matters. */
  violations: Violation[] | undefined;
  #choice: Choice;
  #depth = 0;

  constructor(steps: number, violations: Violation[] | undefined) {
    this.steps = steps;
    this.violations = violations;
  }

  /** Begins one schema; false when that is one too many or too deep, and then the run is exhausted. */
  enter(value: unknown): boolean {
    this.#depth += 1;
    this.steps -= typeof value === "string" ? textSteps(value) : 1;
    if (this.#depth > VALIDATION_DEPTH_MAX) this.steps = -1;
    return this.steps >= 0;
  }

  leave(): void {
    this.#depth -= 1;
  }

  /** Whether a value that is known to be invalid is looked at further. */
  get goesOn(): boolean {
    return this.violations !== undefined && this.violations.length < VIOLATIONS_MAX && this.steps >= 0;
  }

  /** The place of a member; made only where somebody will read it. */
  within(at: Place, key: string | number): Place {
    return this.violations && { parent: at, key };
  }

  fail(at: Place, keyword: string, message: string): false {
    if (!this.violations) return false; // most often nobody asks, and then it costs nothing
    return this.report({ pointer: pointerTo(at), keyword, message });
  }

  /** A schema may apply to a value more than once: through a reference here, a choice there. It is said once. */
  report({ pointer, keyword, message }: Violation): false {
    const isKnown = this.violations?.some((known) => known.pointer === pointer && known.message === message);
    if (this.goesOn && !isKnown) this.violations?.push({ pointer, keyword, message });
    return false;
  }

  /** Asks without taking note of violations. */
  ask(check: Check, value: unknown): boolean {
    return this.collect(undefined, check, value, undefined);
  }

  /** Checks a value with a list of violations of its own. */
  collect(violations: Violation[] | undefined, check: Check, value: unknown, at: Place): boolean {
    const outer = this.violations;
    this.violations = violations;
    const isValid = check(value, this, at);
    this.violations = outer;
    return isValid;
  }

  /** Checks a value against the schema that its discriminator names. That one may inherit the discriminator, and be named again. */
  choose(schema: object, check: Check, value: unknown, at: Place): boolean {
    const outer = this.#choice;
    for (let choice = outer; choice; choice = choice.outer) {
      this.steps -= 1;
      if (choice.schema === schema && choice.value === value) return true;
    }
    this.#choice = { schema, value, outer };
    const isValid = check(value, this, at);
    this.#choice = outer;
    return isValid;
  }
}

/** As long as its bound allows: a pointer that is cut between two keys leads to what contains the place. */
export function pointerTo(at: Place): string {
  const tokens: string[] = [];
  for (let place = at; place; place = place.parent) tokens.push(`/${escapePointer(place.key)}`);
  let pointer = "";
  for (const token of tokens.reverse()) {
    if (pointer.length + token.length > VIOLATION_POINTER_CHARS_MAX) break;
    pointer += token;
  }
  return pointer;
}
