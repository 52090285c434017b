import { err, type Result } from "../../kernel/result.ts";
import { PATTERN_CELL_BYTES, PATTERN_STATE_BYTES, SCHEMA_PATTERN_STATES_MAX, SCHEMA_PATTERNS_MAX } from "../limits.ts";
import { compilePattern, type Pattern } from "./pattern.ts";
import { PatternMemory } from "./pattern-memory.ts";
import type { PatternFault } from "./pattern-syntax.ts";

/** Regular expressions, each compiled once, within one bound of size and one of memory. Schemas that live and die together may share it. */
export class PatternPool {
  readonly #memory = new PatternMemory();
  readonly #known = new Map<string, Result<Pattern, PatternFault>>();
  #states = 0;

  compile(source: string): Result<Pattern, PatternFault> {
    const pattern = this.#known.get(source) ?? this.#compileNew(source);
    this.#known.set(source, pattern);
    return pattern;
  }

  /** About how much memory it takes now; what it remembers of texts comes and goes. */
  get bytes(): number {
    return this.#states * PATTERN_STATE_BYTES + this.#memory.cells * PATTERN_CELL_BYTES;
  }

  #compileNew(source: string): Result<Pattern, PatternFault> {
    if (this.#known.size >= SCHEMA_PATTERNS_MAX) {
      return err({ reason: "pattern_too_large", message: `is one of more than ${SCHEMA_PATTERNS_MAX}` });
    }
    // A pattern that was compiled stays in the memory's hands, used or not: the first one too many is the last.
    if (this.#isFull) return TOO_MUCH;
    const pattern = compilePattern(source, this.#memory);
    if (!pattern.ok) return pattern;
    this.#states += pattern.value.states;
    return this.#isFull ? TOO_MUCH : pattern;
  }

  get #isFull(): boolean {
    return this.#states > SCHEMA_PATTERN_STATES_MAX;
  }
}

const TOO_MUCH = err({
  reason: "pattern_too_large",
  message: `is too much: all of the schema's have more than ${SCHEMA_PATTERN_STATES_MAX} characters, written out`,
} as const);
