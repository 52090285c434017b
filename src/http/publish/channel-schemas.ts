import { compileSchema, type Validator } from "../../json-schema/compile-schema.ts";
import { VALIDATION_STEPS_MAX } from "../../json-schema/limits.ts";
import { PatternPool } from "../../json-schema/patterns/pattern-pool.ts";
import type { Violation } from "../../json-schema/run.ts";
import { COMPILED_BYTES_PER_CHAR } from "../../kernel/limits.ts";
import type { TopicSchemas } from "../../registry/topics.ts";

/** How an event fails to be any message of its channel; `message` is the one that it comes closest to. */
export type Misfit = { kind: "invalid"; message: string; violations: Violation[] } | { kind: "exhausted" };

/** What the checks of one publish may cost, and the explanations of what they find. */
export type CheckBudget = { checks: { steps: number }; explanations: { steps: number } };

export const newCheckBudget = (): CheckBudget => ({
  checks: { steps: VALIDATION_STEPS_MAX },
  explanations: { steps: VALIDATION_STEPS_MAX },
});

type Message = { name: string; validator: Validator };

/**
 * The schemas of one channel, compiled. A schema that cannot be checked (another language, not well-formed, too large), and a
 * pattern that cannot, leave open what they would have said.
 */
export function compileChannel({ messages, parameters, chars }: TopicSchemas): ChannelSchemas {
  const patterns = new PatternPool();
  const compile = (schema: unknown): Validator | null => {
    const validator = schema === null ? null : compileSchema(schema, { badPatterns: "leave", patterns });
    return validator?.ok ? validator.value : null;
  };
  const checked = messages.flatMap(({ name, schema }): Message[] => {
    const validator = compile(schema);
    return validator ? [{ name, validator }] : [];
  });
  return new ChannelSchemas(
    // A message that may be anything lets everything pass.
    checked.length === messages.length ? checked : [],
    new Map(parameters.map(({ name, schema }) => [name, compile(schema)])),
    () => chars * COMPILED_BYTES_PER_CHAR + patterns.bytes,
  );
}

export class ChannelSchemas {
  readonly #messages: Message[];
  readonly #parameters: Map<string, Validator | null>;
  readonly #measure: () => number;

  constructor(messages: Message[], parameters: Map<string, Validator | null>, measure: () => number) {
    this.#messages = messages;
    this.#parameters = parameters;
    this.#measure = measure;
  }

  /** About how much memory they take now: patterns remember what they have seen. */
  get bytes(): number {
    return this.#measure();
  }

  /** null: the value is one of the channel's messages. All of them share what a check may cost. */
  findMisfit(value: unknown, { checks, explanations }: CheckBudget = newCheckBudget()): Misfit | null {
    for (const { validator } of this.#messages) {
      const outcome = validator.matches(value, checks);
      if (outcome === "valid") return null;
      if (outcome === "exhausted") return { kind: "exhausted" };
    }
    return this.#messages.length > 0 ? this.#explain(value, explanations) : null;
  }

  /** The first parameter that has a value which its schema does not allow; null: none has. */
  findWrongParameter(values: ReadonlyMap<string, string>): string | null {
    const budget = { steps: VALIDATION_STEPS_MAX };
    for (const [name, text] of values) {
      const validator = this.#parameters.get(name);
      if (validator && !readingsOf(text).some((value) => validator.matches(value, budget) === "valid")) return name;
    }
    return null;
  }

  #explain(value: unknown, budget: CheckBudget["explanations"]): Misfit {
    let closest: Extract<Misfit, { kind: "invalid" }> | undefined;
    for (const { name, validator } of this.#messages) {
      const verdict = validator.validate(value, budget);
      if (verdict.outcome !== "invalid") break;
      const { violations } = verdict;
      if (!closest || distance(violations) < distance(closest.violations)) {
        closest = { kind: "invalid", message: name, violations };
      }
    }
    return closest ?? { kind: "exhausted" };
  }
}

const OTHER_KIND = 1_000; // more than a message can have violations

/** How far a value is from a message: a constant that it has not says more than all else, as that is how kinds are told apart. */
function distance(violations: Violation[]): number {
  const ofOtherKind = violations.filter(({ keyword }) => keyword === "const" || keyword === "discriminator");
  return ofOtherKind.length * OTHER_KIND + violations.length;
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;

/** A part of a path is a text; where the schema is for numbers or booleans, it may be the text that denotes one. */
function readingsOf(text: string): unknown[] {
  if (NUMBER.test(text)) return [text, Number(text)];
  return text === "true" || text === "false" ? [text, text === "true"] : [text];
}
