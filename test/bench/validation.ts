import { compileSchema } from "../../src/json-schema/compile-schema.ts";
import { VALIDATION_STEPS_MAX } from "../../src/json-schema/limits.ts";
import order from "../fixtures/json-schema/order.json" with { type: "json" };

/** What one order event of 20 items costs, in microseconds of CPU: the median of many rounds. */
export type ValidationResult = {
  eventBytes: number;
  steps: number;
  matchMicros: number;
  /** A wrong event, with its violations. */
  explainMicros: number;
  /** The same event through JSON.parse, for comparison. */
  parseMicros: number;
  compileMicros: number;
};

const ROUNDS = 60;
const ROUND_MS = 25;
const MICROSECONDS_PER_MS = 1_000;

/** Measures what checking an event against its message's schema costs a publish. */
export function measureValidation(): ValidationResult {
  const text = JSON.stringify(order.event);
  const event: unknown = JSON.parse(text);
  const wrong: unknown = JSON.parse(text.replace('"quantity":20', '"quantity":0'));
  const compiled = compileSchema(order.schema);
  if (!compiled.ok) throw new Error(`the schema of the bench is wrong: ${compiled.error.message}`);
  const validator = compiled.value;
  const budget = { steps: VALIDATION_STEPS_MAX };
  if (validator.matches(event, budget) !== "valid") throw new Error("the event of the bench does not match");
  if (validator.matches(wrong) !== "invalid") throw new Error("the wrong event of the bench matches");
  return {
    eventBytes: Buffer.byteLength(text),
    steps: VALIDATION_STEPS_MAX - budget.steps,
    matchMicros: measure(() => validator.matches(event)),
    explainMicros: measure(() => validator.validate(wrong)),
    parseMicros: measure(() => JSON.parse(text)),
    compileMicros: measure(() => compileSchema(order.schema)),
  };
}

export function renderValidation(result: ValidationResult): string {
  const micros = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} µs`;
  return [
    `validation  an order of 20 items, ${result.eventBytes} bytes, ${result.steps} steps: ${micros(result.matchMicros)} an event;`,
    `            a wrong one, explained: ${micros(result.explainMicros)}; JSON.parse of it: ${micros(result.parseMicros)};`,
    `            compiling its schema: ${micros(result.compileMicros)}`,
  ].join("\n");
}

/** The median of rounds that are long enough for the clock, after one that warms up. */
function measure(work: () => unknown): number {
  const calls = Math.max(1, Math.round(ROUND_MS / timeOf(work, 20)));
  timeOf(work, calls);
  const times = Array.from({ length: ROUNDS }, () => timeOf(work, calls)).sort((a, b) => a - b);
  return (times[ROUNDS / 2] ?? Number.NaN) * MICROSECONDS_PER_MS;
}

/** Milliseconds of CPU a call: what else the machine does counts little then. */
function timeOf(work: () => unknown, calls: number): number {
  const begin = process.cpuUsage();
  for (let n = 0; n < calls; n++) work();
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / MICROSECONDS_PER_MS / calls;
}

if (import.meta.main) console.log(renderValidation(measureValidation()));
