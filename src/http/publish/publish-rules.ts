import { utf8Bytes } from "../../kernel/encoding.ts";
import { isUuid } from "../../kernel/ids.ts";
import { CORRELATION_ID_CHARS_MAX, IDEMPOTENCY_KEY_CHARS_MAX, PARTITION_KEY_BYTES_MAX } from "../../kernel/limits.ts";
import { err, ok, type Result } from "../../kernel/result.ts";

/** What is wrong with a value; null: nothing. */
export type Rule = (value: string) => string | null;

export type FieldFault = { reason: "header_invalid"; detail: string };

/** null: the field says nothing. */
export type ReadField = Result<string | null, FieldFault>;

// Control characters would be header injection at the receivers.
const CONTROL = /\p{Cc}/u;

const text =
  (max: number): Rule =>
  (value) => {
    if (CONTROL.test(value)) return "must not hold control characters";
    // Half of a pair has no bytes of its own: it would be another text where it is stored than where it was hashed.
    if (!value.isWellFormed()) return "must be well-formed Unicode";
    return utf8Bytes(value).length > max ? `must be at most ${max} bytes` : null;
  };

/** What may stand beside an event, in the headers of a publish or in the fields of a live connection's message. */
export const RULES = {
  count: (value) => (/^\d{1,9}$/.test(value) ? null : "must be a whole number of at most nine digits"),
  uuid: (value) => (isUuid(value) ? null : "must be a UUID"),
  partitionKey: text(PARTITION_KEY_BYTES_MAX),
  correlationId: text(CORRELATION_ID_CHARS_MAX),
  idempotencyKey: text(IDEMPOTENCY_KEY_CHARS_MAX),
} satisfies Record<string, Rule>;

/** Reads a field by its rule. An empty one says nothing. */
export function readField(name: string, value: string | null, rule: Rule): ReadField {
  if (value === null || value === "") return ok(null);
  const broken = rule(value);
  return broken === null ? ok(value) : err({ reason: "header_invalid", detail: `${name} ${broken}.` });
}
