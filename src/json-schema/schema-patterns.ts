import type { Pattern } from "./patterns/pattern.ts";
import { PatternPool } from "./patterns/pattern-pool.ts";
import type { SchemaFault, SchemaFaults } from "./schema-fault.ts";

/** The regular expressions of one schema. */
export class SchemaPatterns {
  /** Where patterns are that will not be checked. */
  readonly unchecked: SchemaFault[] = [];
  readonly #faults: SchemaFaults;
  readonly #leavesUnchecked: boolean;
  readonly #pool: PatternPool;

  constructor(faults: SchemaFaults, leavesUnchecked: boolean, pool = new PatternPool()) {
    this.#faults = faults;
    this.#leavesUnchecked = leavesUnchecked;
    this.#pool = pool;
  }

  /** undefined where the pattern cannot be checked, and `faults` or `unchecked` say so. */
  compile(source: string, pointer: string): Pattern | undefined {
    const pattern = this.#pool.compile(source);
    if (pattern.ok) return pattern.value;
    const { reason, message } = pattern.error;
    if (this.#leavesUnchecked) this.unchecked.push({ reason, pointer, message: `the pattern ${message}` });
    else this.#faults.add(reason, pointer, `the pattern ${message}`);
    return undefined;
  }
}
