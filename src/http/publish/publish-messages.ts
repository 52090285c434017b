import type { Context } from "hono";
import { type AttributeError, type CloudEvent, NO_DATA } from "../../domain/cloud-event.ts";
import { readEventHeaders } from "../../domain/cloud-event-headers.ts";
import { type JsonEvent, readJsonEvent, readJsonEvents } from "../../domain/cloud-event-json.ts";
import type { NewEvent } from "../../domain/event.ts";
import { sha256 } from "../../kernel/digest.ts";
import { CLOUDEVENT_NAME_CHARS_MAX, EVENT_BODY_BYTES_MAX, HOPS_MAX } from "../../kernel/limits.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import type { AppEnv } from "../app-env.ts";
import { readBytes } from "../body.ts";
import { areHeadersTooLarge, HEADERS_TOO_LARGE } from "../header-size.ts";
import { type Problem, refuse } from "../problem.ts";
import { combineProblems } from "./batch-problem.ts";
import { isJsonData, type PublishForm } from "./publish-form.ts";
import { type FromHeaders, readPublishHeaders } from "./publish-headers.ts";

/** An event apart from where it goes. */
export type Message = Omit<NewEvent, "id" | "channel" | "invalid" | "idempotency"> & {
  /** What the same event has again when it is repeated, within its channel; `name` is what people call it. */
  identity: { name: "Idempotency-Key" | "source and id"; parts: (string | number)[]; bodyDigest: string } | null;
};

type Body = Uint8Array<ArrayBuffer>;

/** Reads what a publish carries: one message, of a batch as many as there are. */
export async function readMessages(c: Context<AppEnv>, form: PublishForm): Promise<Result<Message[], Problem>> {
  const { headers } = c.req.raw;
  // Plain events are spared the sum: each header that is read has a bound of its own.
  if (form !== "plain" && areHeadersTooLarge(headers)) return err(HEADERS_TOO_LARGE);
  const said = readPublishHeaders(headers);
  if (!said.ok) return said;
  const { hops } = said.value;
  if (hops > HOPS_MAX) return refuse("loop_detected", `The event has been through relays ${hops} times.`);
  const body = await readBytes(c.req.raw, EVENT_BODY_BYTES_MAX);
  if (!body.ok) return body;
  const publish = { ...said.value, requestId: c.var.requestId, contentType: headers.get("Content-Type") ?? "" };
  switch (form) {
    case "plain":
      return ok([await plainMessage(publish, body.value)]);
    case "binary":
      return one(await readBinary(publish, headers, body.value));
    case "structured":
      return one(await readStructured(publish, body.value));
    case "batch":
      return readBatch(publish, body.value);
  }
}

const one = (message: Result<Message, Problem>): Result<Message[], Problem> =>
  message.ok ? ok([message.value]) : message;

/** What is said of all that a publish carries, by its headers or by what stands for them. */
type Publish = FromHeaders & { requestId: string; contentType: string };

/** An event that is JSON alone. */
export async function plainMessage({ idempotencyKey: key, ...publish }: Publish, body: Body): Promise<Message> {
  const identity =
    key === null ? null : { name: "Idempotency-Key" as const, parts: [key], bodyDigest: await sha256(body) };
  return { ...publish, cloudEvent: null, body, identity };
}

/** HTTP binding §3.1.2: an event without data has an empty body. */
async function readBinary(publish: Publish, headers: Headers, body: Body): Promise<Result<Message, Problem>> {
  const event = readEventHeaders(headers);
  if (!event.ok) return err(describeAttribute(event.error, ""));
  return toMessage(publish, { ...event.value, data: body.length === 0 ? NO_DATA : body }, null);
}

async function readStructured(publish: Publish, body: Body): Promise<Result<Message, Problem>> {
  const event = readJsonEvent(body);
  if (!event.ok) return event;
  if (!event.value.ok) return err(describeAttribute(event.value.error, ""));
  return toMessage(publish, withContentType(event.value.value), null);
}

async function readBatch(publish: Publish, body: Body): Promise<Result<Message[], Problem>> {
  const events = readJsonEvents(body);
  if (!events.ok) {
    const { reason, detail } = events.error;
    return refuse(reason === "batch_invalid" ? "cloudevent_invalid" : reason, detail);
  }
  const read = await Promise.all(
    events.value.map(async (event, i) =>
      event.ok ? toMessage(publish, withContentType(event.value), i) : err(describeAttribute(event.error, `/${i}`)),
    ),
  );
  const problem = combineProblems(read.map((message) => (message.ok ? null : message.error)));
  return problem ? err(problem) : ok(read.flatMap((message) => (message.ok ? message.value : [])));
}

/** JSON format §3.1: data of an event in JSON is JSON, unless it says otherwise. */
const withContentType = (event: JsonEvent): JsonEvent => ({
  ...event,
  contentType: event.contentType ?? "application/json",
});

/** `position`: its place in a batch. */
async function toMessage(
  { idempotencyKey: key, ...publish }: Publish,
  event: CloudEvent & { data: Body },
  position: number | null,
): Promise<Result<Message, Problem>> {
  const at = position === null ? "" : `/${position}`;
  const contentType = event.contentType ?? publish.contentType;
  if (!isJsonData(contentType)) {
    const detail = "Data of events is application/json in UTF-8.";
    return err({
      reason: "media_type_unsupported",
      detail,
      errors: [{ path: `${at}/datacontenttype`, message: "is no type of JSON data" }],
    });
  }
  const contradiction = findContradiction(publish, event);
  if (contradiction) return err(describeAttribute(contradiction, at));
  const bodyDigest = await sha256(event.data);
  return ok({
    ...publish,
    // The header is of the last hop; the events of a batch have theirs only in themselves.
    ...(publish.traceparent === null && event.trace),
    contentType,
    partitionKey: publish.partitionKey ?? event.partitionKey,
    dataOwnerId: publish.dataOwnerId ?? event.dataOwnerId,
    cloudEvent: event.kept,
    body: event.data,
    identity:
      key === null
        ? { name: "source and id", parts: [event.source, event.id], bodyDigest }
        : { name: "Idempotency-Key", parts: position === null ? [key] : [key, position], bodyDigest },
  });
}

function findContradiction(publish: Omit<Publish, "idempotencyKey">, event: CloudEvent): AttributeError | null {
  const differ = (a: string | null, b: string | null): boolean => a !== null && b !== null && a !== b;
  if (differ(publish.partitionKey, event.partitionKey)) {
    return { attribute: "partitionkey", message: "says another thing than the header partitionKey" };
  }
  if (differ(publish.dataOwnerId, event.dataOwnerId)) {
    return { attribute: "dataowner", message: "says another thing than the header Data-Owner-Id" };
  }
  return null;
}

/** Names are as long as somebody likes, where they are not those of attributes. */
function describeAttribute({ attribute, message }: AttributeError, at: string): Problem {
  const name = attribute.slice(0, CLOUDEVENT_NAME_CHARS_MAX).toWellFormed();
  const path = name === "" ? at : `${at}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
  const subject = path === "" ? "The event" : path;
  return { reason: "cloudevent_invalid", detail: `${subject} ${message}.`, errors: [{ path, message }] };
}
