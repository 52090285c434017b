import { PATTERN_MEMORY_CELLS_MAX } from "../limits.ts";

/**
 * What patterns remember from one text to the next, as one bounded pool: when it is used up, nothing more
 * is remembered until the next text, for which all begin anew. So a hostile text slows down no other.
 */
export class PatternMemory {
  readonly #forget: (() => void)[] = [];
  #cells = PATTERN_MEMORY_CELLS_MAX;

  register(forget: () => void): void {
    this.#forget.push(forget);
  }

  /** Takes cells for something that is to be remembered; false when it may not be. */
  take(cells: number): boolean {
    this.#cells -= cells;
    return this.#cells >= 0;
  }

  /** How many cells are taken. */
  get cells(): number {
    return PATTERN_MEMORY_CELLS_MAX - Math.max(0, this.#cells);
  }

  /** Called between texts. */
  tidy(): void {
    if (this.#cells >= 0) return;
    for (const forget of this.#forget) forget();
    this.#cells = PATTERN_MEMORY_CELLS_MAX;
  }
}
