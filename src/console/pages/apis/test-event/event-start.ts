import { compileSchema } from "../../../../json-schema/compile-schema.ts";
import { isRecord } from "../../../../json-schema/json-value.ts";
import { sampleValue } from "../../../../json-schema/samples/sample-value.ts";
import type { Message } from "../api-types.ts";

/** What a test event begins with: an example of its message that is one, else a value made of its schema. */
export function startingData(message: Message | undefined): unknown {
  if (!message) return {};
  const { schema, examples } = message;
  if (schema === null) return examples[0] ?? {};
  const compiled = compileSchema(schema, { badPatterns: "leave" });
  const example = examples.find((one) => !compiled.ok || compiled.value.matches(one) !== "invalid");
  return example === undefined ? sampleValue(schema) : example;
}

/** Whether a form can be made of a schema: it describes members or items, or chooses among such. */
export const canBeForm = (schema: unknown): boolean =>
  isRecord(schema) &&
  ["properties", "items", "$ref", "allOf", "oneOf", "anyOf"].some((keyword) => Object.hasOwn(schema, keyword)) &&
  !namesByPattern(schema) &&
  compileSchema(schema, { badPatterns: "leave" }).ok;

/** The form would run its patterns in the browser, where one can take longer than anybody waits. */
const namesByPattern = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  (Object.hasOwn(value, "patternProperties") || Object.values(value).some(namesByPattern));

/** The JSON of an event as people write it, and what is wrong where it is none. */
export function readJson(text: string): { ok: true; value: unknown } | { ok: false; fault: string } {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    return { ok: false, fault: error instanceof Error ? error.message : "This is no JSON." };
  }
}

export const writeJson = (value: unknown): string => JSON.stringify(value, null, 2) ?? "";
