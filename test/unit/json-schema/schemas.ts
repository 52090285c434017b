import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import {
  compileSchema,
  type SchemaOptions,
  type Validator,
  type Verdict,
} from "../../../src/json-schema/compile-schema.ts";
import type { Violation } from "../../../src/json-schema/run.ts";
import type { SchemaFault } from "../../../src/json-schema/schema-fault.ts";

export function compileGood(schema: unknown, options?: SchemaOptions): Validator {
  const compiled = compileSchema(schema, options);
  if (!compiled.ok) expect.unreachable(JSON.stringify(compiled.error));
  return compiled.value;
}

export function faultOf(schema: unknown, options?: SchemaOptions): SchemaFault {
  const compiled = compileSchema(schema, options);
  if (compiled.ok) expect.unreachable("the schema is taken");
  return compiled.error;
}

export const outcomeOf = (schema: unknown, value: unknown): Verdict["outcome"] => compileGood(schema).matches(value);

export function violationsOf(schema: unknown, value: unknown): Violation[] {
  const verdict = compileGood(schema).validate(value);
  if (verdict.outcome !== "invalid") expect.unreachable(`the value is ${verdict.outcome}`);
  return verdict.violations;
}

/** Written so because an object with a member `then` is what `await` takes for a promise. */
export const ifThen = (condition: unknown, consequence: unknown): Record<string, unknown> =>
  Object.fromEntries(new Map([["if", condition]]).set("then", consequence));

type Group = {
  description: string;
  schema: unknown;
  tests: { description: string; data: unknown; valid: boolean }[];
};

/** The cases of draft-07, in the shape of the official JSON Schema test suite. */
export function readGroups(): Group[] {
  const path = fileURLToPath(import.meta.resolve("../../fixtures/json-schema/draft-07.json"));
  return JSON.parse(readFileSync(path, "utf8")) as Group[];
}
