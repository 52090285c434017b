import type { NewEvent } from "../../domain/event.ts";
import { readTraceContext, type TraceContext } from "../../domain/trace-context.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import { type FieldFault, type ReadField, RULES, type Rule, readField } from "./publish-rules.ts";

export type FromHeaders = Pick<
  NewEvent,
  "partitionKey" | "dataOwnerId" | "subscriptionId" | "originRequestId" | "hops"
> &
  TraceContext & { idempotencyKey: string | null };

/** Reads what a publish says in its headers. An empty header says nothing. */
export function readPublishHeaders(headers: Headers): Result<FromHeaders, FieldFault> {
  const partitionKey = oneOf(headers, "partitionKey", "Partition-Key", RULES.partitionKey);
  const dataOwnerId = read(headers, "Data-Owner-Id", RULES.uuid);
  const subscriptionId = read(headers, "Subscription-Id", RULES.uuid);
  const originRequestId = read(headers, "Origin-Request-Id", RULES.correlationId);
  const idempotencyKey = read(headers, "Idempotency-Key", RULES.idempotencyKey);
  const hops = read(headers, "Event-Hops", RULES.count);
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

const textOf = (header: ReadField): string | null => (header.ok ? header.value : null);

const read = (headers: Headers, name: string, rule: Rule): ReadField => readField(name, headers.get(name), rule);

/** A header with two names, which must not contradict each other. */
function oneOf(headers: Headers, name: string, alias: string, rule: Rule): ReadField {
  const first = read(headers, name, rule);
  const second = read(headers, alias, rule);
  if (!first.ok || !second.ok) return first.ok ? second : first;
  if (first.value !== null && second.value !== null && first.value !== second.value) {
    return err({ reason: "header_invalid", detail: `${name} and ${alias} say different things.` });
  }
  return ok(first.value ?? second.value);
}
