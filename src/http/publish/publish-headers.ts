import type { NewEvent } from "../../domain/event.ts";
import { readTraceContext, type TraceContext } from "../../domain/trace-context.ts";
import { utf8Bytes } from "../../kernel/encoding.ts";
import { isUuid } from "../../kernel/ids.ts";
import { CORRELATION_ID_CHARS_MAX, IDEMPOTENCY_KEY_CHARS_MAX, PARTITION_KEY_BYTES_MAX } from "../../kernel/limits.ts";
import { err, ok, type Result } from "../../kernel/result.ts";

export type FromHeaders = Pick<
  NewEvent,
  "partitionKey" | "dataOwnerId" | "subscriptionId" | "originRequestId" | "hops"
> &
  TraceContext & { idempotencyKey: string | null };

export type HeaderError = { reason: "header_invalid"; detail: string };

type Rule = (value: string) => string | null;

// Control characters would be header injection at the receivers.
const CONTROL = /\p{Cc}/u;

const count: Rule = (value) => (/^\d{1,9}$/.test(value) ? null : "must be a whole number of at most nine digits");
const uuid: Rule = (value) => (isUuid(value) ? null : "must be a UUID");
const text =
  (max: number): Rule =>
  (value) => {
    if (CONTROL.test(value)) return "must not hold control characters";
    return utf8Bytes(value).length > max ? `must be at most ${max} bytes` : null;
  };

/** Reads what a publish says in its headers. An empty header says nothing. */
export function readPublishHeaders(headers: Headers): Result<FromHeaders, HeaderError> {
  const partitionKey = oneOf(headers, "partitionKey", "Partition-Key", text(PARTITION_KEY_BYTES_MAX));
  const dataOwnerId = read(headers, "Data-Owner-Id", uuid);
  const subscriptionId = read(headers, "Subscription-Id", uuid);
  const originRequestId = read(headers, "Origin-Request-Id", text(CORRELATION_ID_CHARS_MAX));
  const idempotencyKey = read(headers, "Idempotency-Key", text(IDEMPOTENCY_KEY_CHARS_MAX));
  const hops = read(headers, "Event-Hops", count);
  for (const header of [partitionKey, dataOwnerId, subscriptionId, originRequestId, idempotencyKey, hops]) {
    if (!header.ok) return header;
  }
  return ok({
    partitionKey: textOf(partitionKey),
    dataOwnerId: textOf(dataOwnerId)?.toLowerCase() ?? null,
    subscriptionId: textOf(subscriptionId)?.toLowerCase() ?? null,
    originRequestId: textOf(originRequestId),
    idempotencyKey: textOf(idempotencyKey),
    hops: Number(textOf(hops)),
    ...readTraceContext(headers.get("traceparent"), headers.get("tracestate")),
  });
}

type Read = Result<string | null, HeaderError>;

const textOf = (header: Read): string | null => (header.ok ? header.value : null);

function read(headers: Headers, name: string, rule: Rule): Read {
  const value = headers.get(name);
  if (value === null || value === "") return ok(null);
  const broken = rule(value);
  return broken === null ? ok(value) : err({ reason: "header_invalid", detail: `${name} ${broken}.` });
}

/** A header with two names, which must not contradict each other. */
function oneOf(headers: Headers, name: string, alias: string, rule: Rule): Read {
  const first = read(headers, name, rule);
  const second = read(headers, alias, rule);
  if (!first.ok || !second.ok) return first.ok ? second : first;
  if (first.value !== null && second.value !== null && first.value !== second.value) {
    return err({ reason: "header_invalid", detail: `${name} and ${alias} say different things.` });
  }
  return ok(first.value ?? second.value);
}
