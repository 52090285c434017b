import { describe, expect, it } from "vitest";
import { newMultipleTest } from "../../../src/json-schema/keywords/multiple-of.ts";

const isMultiple = (value: number, divisor: number): boolean => newMultipleTest(divisor)(value, { steps: 1_000 });

/** Whole numbers of the smallest decimal place that either has. */
function isMultipleByDigits(value: number, divisor: number, places: number): boolean {
  const digitsOf = (number: number) => BigInt(number.toFixed(places).replace(".", ""));
  return digitsOf(value) % digitsOf(divisor) === 0n;
}

describe("a multiple", () => {
  it("is one of the decimals as they are written", () => {
    const divisors = [0.01, 0.001, 0.1, 0.05, 0.25, 0.3, 1, 2.5, 7, 0.007, 1.1, 19.99];
    for (const divisor of divisors) {
      for (let n = -2_000; n <= 2_000; n += 7) {
        const multiple = Number((n * divisor).toFixed(4));
        expect(isMultiple(multiple, divisor), `${multiple} of ${divisor}`).toBe(true);
        const other = Number((multiple + 0.0013).toFixed(4));
        expect(isMultiple(other, divisor), `${other} of ${divisor}`).toBe(isMultipleByDigits(other, divisor, 4));
      }
    }
  });

  it.each([
    [1e15, 0.1, true],
    [999_999_999_999.99, 0.01, true],
    [9_007_199_254_740_992, 2, true],
    [123_456_789_012_345_680, 0.01, true],
    [0.1 + 0.2, 0.1, false], // 0.30000000000000004, which is what its JSON says
    [1e308, 0.123456789, false],
    [1e308, 0.5, true],
    [1e308, 1e-300, true],
    [5e-324, 5e-324, true],
    [1.5e-323, 5e-324, true],
    [1e-323, 1.5e-323, false],
    [1e21, 7, false],
    [7e21, 7, true],
    [0, 1e308, true],
    [-0, 3, true],
    [Number.POSITIVE_INFINITY, 2, true],
    [Number.NEGATIVE_INFINITY, 0.3, false],
  ])("%d of %d: %s", (value, divisor, expected) => {
    expect(isMultiple(value, divisor)).toBe(expected);
  });
});
