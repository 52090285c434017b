import type { StepBudget } from "../step-budget.ts";

const EXACT_MAX = 1e15; // up to here, a decimal of as many digits and the double next to it stand for each other

const EXACT_STEPS = 50; // what arithmetic with hundreds of digits costs

/** A decimal number, exactly: `digits` × 10^`exponent`. */
type Decimal = { digits: bigint; exponent: number };

/**
 * Whether numbers are multiples of a divisor, as the decimals they are written as: 0.03 is one of 0.01, whatever their doubles
 * make of it. A number that was too large for a double is a multiple of every whole divisor, as every double of that size.
 */
export function newMultipleTest(divisor: number): (value: number, budget: StepBudget) => boolean {
  const decimal = toDecimal(divisor);
  const places = Math.max(0, -decimal.exponent);
  const scale = 10 ** places;
  const scaledDivisor = Math.round(divisor * scale);
  const isPlain = places <= 15 && scaledDivisor <= EXACT_MAX;
  return (value, budget) => {
    if (!Number.isFinite(value)) return Number.isInteger(divisor);
    const scaled = isPlain ? Math.round(value * scale) : Number.POSITIVE_INFINITY;
    if (Math.abs(scaled) <= EXACT_MAX) return scaled / scale === value && scaled % scaledDivisor === 0;
    budget.steps -= EXACT_STEPS;
    return isMultiple(toDecimal(value), decimal);
  };
}

function isMultiple(value: Decimal, divisor: Decimal): boolean {
  const exponent = Math.min(value.exponent, divisor.exponent);
  return scaleTo(value, exponent) % scaleTo(divisor, exponent) === 0n;
}

const scaleTo = ({ digits, exponent }: Decimal, lower: number): bigint => digits * 10n ** BigInt(exponent - lower);

/** The shortest decimal that stands for the number: what was written, in all but odd cases. */
function toDecimal(value: number): Decimal {
  const [mantissa = "0", exponent = "0"] = String(value).split("e");
  const [whole = "0", fraction = ""] = mantissa.split(".");
  return { digits: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}
