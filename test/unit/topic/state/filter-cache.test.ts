import { describe, expect, it } from "vitest";
import type { Filter } from "../../../../src/domain/filter.ts";
import {
  FILTER_BYTES_MAX,
  FILTER_CACHE_BYTES_MAX,
  FILTER_CHAR_BYTES,
  FILTER_HELD_BYTES_MAX,
} from "../../../../src/kernel/limits.ts";
import { FilterCache } from "../../../../src/topic/state/filter-cache.ts";

const LARGE_COUNT = Math.ceil(FILTER_CACHE_BYTES_MAX / (FILTER_BYTES_MAX * FILTER_CHAR_BYTES));

const large = (n: number): string => `${n}`.padEnd(FILTER_BYTES_MAX);

/** All that the cache asks of a filter. */
const filterOf = (patternBytes: number) => ({ patternBytes }) as Filter;

describe("the cache of compiled filters", () => {
  it("knows what is not there from what cannot be compiled", () => {
    const cache = new FilterCache();
    cache.keep("broken", null);
    expect(cache.get("broken")).toBeNull();
    expect(cache.get("other")).toBeUndefined();
  });

  it("lets the oldest go when all of them are too large, and keeps what was kept twice once", () => {
    const cache = new FilterCache();
    for (let n = 0; n < LARGE_COUNT; n++) {
      cache.keep(large(n), filterOf(0));
      cache.keep(large(n), filterOf(0));
    }
    const kept = Array.from({ length: LARGE_COUNT }, (_, n) => cache.get(large(n)) !== undefined);
    expect(kept).toEqual([false, ...new Array(LARGE_COUNT - 1).fill(true)]);
  });

  it("lets a filter go whose patterns remember too much", () => {
    const cache = new FilterCache();
    const filter = { patternBytes: 0 };
    cache.keep("a", filter as Filter);
    cache.keep("b", filterOf(0));
    filter.patternBytes = FILTER_HELD_BYTES_MAX;
    cache.keep("a", filter as Filter);
    expect([cache.get("a"), cache.get("b")]).toEqual([undefined, expect.anything()]);
  });

  it("weighs a filter that grows once", () => {
    const cache = new FilterCache();
    cache.keep("stays", filterOf(0));
    for (let bytes = 0; bytes < FILTER_HELD_BYTES_MAX / 2; bytes += 1024) cache.keep("grows", filterOf(bytes));
    expect([cache.get("stays"), cache.get("grows")]).toEqual([expect.anything(), expect.anything()]);
  });

  it("forgets the weight of what it lets go", () => {
    const cache = new FilterCache();
    for (let n = 0; n < 1_000; n++) {
      cache.keep("grows", filterOf(FILTER_HELD_BYTES_MAX));
      cache.keep("stays", filterOf(0));
    }
    expect(cache.get("stays")).toBeDefined();
  });
});
