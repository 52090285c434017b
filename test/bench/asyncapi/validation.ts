import { compileSchema } from "../../../src/json-schema/compile-schema.ts";
import { median } from "./median.ts";
import { COMPONENTS, ORDER, ORDER_SCHEMA } from "./order.ts";

const EVENTS_PER_ROUND = { full: 20_000, quick: 2_000 };
const ROUNDS = 7;

export type ValidationMeasured = { microsecondsPerEvent: number; parseMicroseconds: number };

/** In this process, whose engine is workerd's too: no clock moves in workerd while it computes. */
export function measureValidation(quick: boolean): ValidationMeasured {
  const compiled = compileSchema({ ...ORDER_SCHEMA, components: COMPONENTS });
  if (!compiled.ok) throw new Error(compiled.error.message);
  const text = JSON.stringify(ORDER);
  const events = EVENTS_PER_ROUND[quick ? "quick" : "full"];
  const validate = (): void => {
    if (compiled.value.matches(ORDER) !== "valid") throw new Error("the order is not valid");
  };
  return {
    microsecondsPerEvent: microsecondsOf(validate, events),
    parseMicroseconds: microsecondsOf(() => JSON.parse(text), events),
  };
}

/** Median over the rounds, the first of which warms up. */
function microsecondsOf(work: () => void, times: number): number {
  const rounds = Array.from({ length: ROUNDS }, () => {
    const startMs = performance.now();
    for (let n = 0; n < times; n++) work();
    return ((performance.now() - startMs) * 1000) / times;
  });
  return median(rounds.slice(1));
}
