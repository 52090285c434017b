import { expect, it } from "vitest";
import { keepNewest } from "../../../src/kernel/bounded-map.ts";

it("a bounded map lets the entry go that was put there longest ago", () => {
  const map = new Map<string, number>();
  for (const [i, key] of ["a", "b", "c", "a", "d"].entries()) keepNewest(map, key, i, 3);
  expect([...map]).toEqual([
    ["c", 2],
    ["a", 3],
    ["d", 4],
  ]);
});
