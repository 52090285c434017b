import { describe, expect, it } from "vitest";
import { compileFilter } from "../../../src/domain/filter.ts";
import { admits, guardOf } from "../../../src/domain/filter-guard.ts";

const input = (data: unknown) => ({ channel: "orders", key: "k", owner: null, data });
const ofStore = (store: unknown) => ({ properties: { data: { properties: { store } } } });

const FILTERS: unknown[] = [
  ofStore({ const: "a" }),
  ofStore({ const: null }),
  ofStore({ const: { deep: 1 } }),
  ofStore({ enum: ["a", 1, true] }),
  ofStore({ enum: ["a", ["b"]] }),
  ofStore({ type: "string" }),
  ofStore({ $ref: "#/definitions/a", const: "b" }),
  { properties: { owner: { const: null } } },
  { properties: { data: { const: "a" } } },
  { properties: { key: { minLength: 1 }, channel: { enum: ["orders", "bills"] } } },
  { properties: { data: { properties: { hasOwnProperty: { const: 1 } } } } },
  { not: ofStore({ const: "a" }) },
  { anyOf: [ofStore({ const: "a" })] },
  true,
  {},
];
const VALUES: unknown[] = ["a", "b", 1, 1.5, true, null, ["a"], { deep: 1 }];
const EVENTS: unknown[] = [
  {},
  [],
  ...VALUES,
  ...VALUES.flatMap((value) => [{ store: value }, { store: { store: value } }, { hasOwnProperty: value }]),
];

describe("a filter's guard", () => {
  it.each(FILTERS.map((filter): [string, unknown] => [JSON.stringify(filter), filter]))(
    "turns nothing away that the filter lets through: %s",
    (_text, filter) => {
      const guard = guardOf(filter);
      const compiled = compileFilter({ definitions: { a: {} }, ...(filter === true ? {} : (filter as object)) });
      if (!compiled.ok) throw new Error(compiled.error.message);
      const passing = EVENTS.map(input).filter((one) => compiled.value.matches(one, { steps: 10_000 }) === "valid");
      expect(passing.length).toBeGreaterThan(0);
      expect(passing.filter((one) => guard && !admits(guard, one))).toEqual([]);
    },
  );

  it("turns away what has another value", () => {
    const guard = guardOf(ofStore({ enum: ["a", "b"] }));
    const turnedAway = [{ store: "c" }, { store: ["a"] }, { store: null }];
    expect(turnedAway.map((data) => guard && admits(guard, input(data)))).toEqual([false, false, false]);
  });

  it("is not there where no member has to have one of some values", () => {
    expect(FILTERS.map((filter) => guardOf(filter) !== null)).toEqual([
      ...[true, true, false, true, false, false, false],
      ...[true, true, true, true, false, false, false, false],
    ]);
  });
});
