import { z } from "zod";
import { compileFilter } from "../../domain/filter.ts";
import { utf8Bytes } from "../../kernel/encoding.ts";
import { FILTER_BYTES_MAX } from "../../kernel/limits.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import type { FieldError } from "../problem.ts";

/** The API's own words, as subscribers have to know when a change holds. */
export const Filter = z.record(z.string(), z.unknown()).meta({
  description:
    "A JSON Schema (draft-07) over {channel, key, owner, data}; key and owner are null where the event has none. Only " +
    "events that pass are delivered, also of those that are sent to this subscription alone; what does not pass, or " +
    "costs too much to check, holds nothing up. A change holds for everything that is accepted afterwards, and for what " +
    "is not delivered yet: a failing event that does not pass any more frees its key when its next try is due. Nothing is " +
    "promised of what was refused before the change. As in every JSON Schema, a member that is not there passes unless it " +
    "is `required`.",
  example: {
    properties: { data: { properties: { status: { enum: ["ready", "closed"] } }, required: ["status"] } },
  },
});

// What only a schema has: a filter without any of them is a misunderstanding.
const KEYWORDS = new Set([
  ...["$ref", "type", "const", "enum", "allOf", "anyOf", "oneOf", "not", "if", "then", "else"],
  ...["properties", "required", "additionalProperties", "patternProperties", "propertyNames"],
  ...["dependencies", "minProperties", "maxProperties", "discriminator"],
  ...["$schema", "$id", "$comment", "title", "description", "definitions"],
]);

/** The text by which a filter is kept. It has been compiled once then: what its logs cannot check is refused here. */
export function readFilter(filter: z.infer<typeof Filter> | null): Result<string | null, FieldError> {
  if (filter === null) return ok(null);
  const members = Object.keys(filter);
  if (members.length > 0 && !members.some((member) => KEYWORDS.has(member))) {
    const message = "has no keyword of JSON Schema, such as properties: it would let everything pass";
    return err({ path: "filter", message });
  }
  const compiled = compileFilter(filter);
  if (!compiled.ok) return err({ path: `filter${compiled.error.pointer}`, message: compiled.error.message });
  const text = JSON.stringify(filter);
  if (utf8Bytes(text).byteLength <= FILTER_BYTES_MAX) return ok(text);
  return err({ path: "filter", message: `at most ${FILTER_BYTES_MAX} bytes of JSON` });
}
