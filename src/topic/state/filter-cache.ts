import type { Filter } from "../../domain/filter.ts";
import { FILTER_CACHE_BYTES_MAX, FILTER_CHAR_BYTES, FILTER_HELD_BYTES_MAX } from "../../kernel/limits.ts";

/** Compiled filters by their text, within one bound of memory; null: a text that cannot be compiled. */
export class FilterCache {
  readonly #held = new Map<string, { filter: Filter | null; bytes: number }>();
  #bytes = 0;

  /** undefined: not here. */
  get(text: string): Filter | null | undefined {
    return this.#held.get(text)?.filter;
  }

  /** Keeps a filter at the weight it has now. One whose patterns remember too much is let go, and begins anew. */
  keep(text: string, filter: Filter | null): void {
    const bytes = text.length * FILTER_CHAR_BYTES + (filter?.patternBytes ?? 0);
    const held = this.#held.get(text);
    if (held?.bytes === bytes) return;
    this.#held.set(text, { filter, bytes });
    this.#bytes += bytes - (held?.bytes ?? 0);
    if (bytes > FILTER_HELD_BYTES_MAX) this.#drop(text);
    for (const oldest of this.#held.keys()) {
      if (this.#bytes <= FILTER_CACHE_BYTES_MAX) return;
      this.#drop(oldest);
    }
  }

  #drop(text: string): void {
    this.#bytes -= this.#held.get(text)?.bytes ?? 0;
    this.#held.delete(text);
  }
}
