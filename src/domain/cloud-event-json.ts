import { fromBase64 } from "../kernel/encoding.ts";
import { CLOUDEVENT_BATCH_EVENTS_MAX, CLOUDEVENT_MEMBERS_MAX, EVENT_JSON_DEPTH_MAX } from "../kernel/limits.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import { type AttributeError, type CloudEvent, isTextAttribute, NO_DATA, readAttributes } from "./cloud-event.ts";
import { itemsOf, type Member, membersOf, type Span, spanAt } from "./json-spans.ts";
import { type JsonTextError, parseJsonBytes } from "./json-text.ts";

/** A CloudEvent in JSON, and its data as the bytes that were published. */
export type JsonEvent = CloudEvent & { data: Uint8Array<ArrayBuffer> };

/** A batch as a whole is none. */
export type BatchError = { reason: "batch_invalid"; detail: string };

const [DATA, DATA_BASE64] = ["data", "data_base64"];

/** Reads a CloudEvent in structured mode (JSON format §3). An event without data has `null` as its data. */
export function readJsonEvent(bytes: Uint8Array): Result<Result<JsonEvent, AttributeError>, JsonTextError> {
  const json = parseJsonBytes(bytes, EVENT_JSON_DEPTH_MAX + 1);
  return json.ok ? ok(readEvent(bytes, spanAt(bytes, 0), json.value)) : json;
}

/** Reads a batch of CloudEvents (JSON format §4): each one, or what is wrong with it, in order. */
export function readJsonEvents(
  bytes: Uint8Array,
): Result<Result<JsonEvent, AttributeError>[], JsonTextError | BatchError> {
  const json = parseJsonBytes(bytes, EVENT_JSON_DEPTH_MAX + 2);
  if (!json.ok) return json;
  const values = json.value;
  if (!Array.isArray(values)) return err({ reason: "batch_invalid", detail: "A batch is a JSON array." });
  const spans = itemsOf(bytes, spanAt(bytes, 0), CLOUDEVENT_BATCH_EVENTS_MAX);
  if (!spans) {
    return err({ reason: "batch_invalid", detail: `A batch has at most ${CLOUDEVENT_BATCH_EVENTS_MAX} events.` });
  }
  return ok(spans.map((span, i) => readEvent(bytes, span, values[i])));
}

function readEvent(bytes: Uint8Array, span: Span, value: unknown): Result<JsonEvent, AttributeError> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return refuse("", "must be a JSON object");
  const members = membersOf(bytes, span, CLOUDEVENT_MEMBERS_MAX);
  if (!members) return refuse("", `has more than ${CLOUDEVENT_MEMBERS_MAX} members`);
  const repeated = findRepeated(members);
  if (repeated !== null) return refuse(repeated, "stands there twice");
  const attributes = readValues(Object.entries(value));
  if (!attributes.ok) return attributes;
  const event = readAttributes(attributes.value);
  if (!event.ok) return event;
  const data = readData(bytes, members, value);
  return data.ok ? ok({ ...event.value, data: data.value }) : data;
}

/** JSON says nothing of what a name that stands there twice means; whoever takes the last one and whoever takes the first would disagree. */
function findRepeated(members: Member[]): string | null {
  const seen = new Set<string>();
  for (const { name } of members) {
    if (seen.has(name)) return name;
    seen.add(name);
  }
  return null;
}

/** JSON format §2.2 to §2.4: booleans and whole numbers of 32 bits are values of extensions; null is as good as absent. */
function readValues(entries: [string, unknown][]): Result<Map<string, string>, AttributeError> {
  const attributes = new Map<string, string>();
  for (const [name, value] of entries) {
    if (name === DATA || name === DATA_BASE64 || value === null) continue;
    if (typeof value === "string") attributes.set(name, value);
    else if (isTextAttribute(name)) return refuse(name, "must be a text");
    else if (typeof value === "boolean" || isInt32(value)) attributes.set(name, String(value));
    else return refuse(name, "must be a text, a boolean or a whole number of 32 bits");
  }
  return ok(attributes);
}

const isInt32 = (value: unknown): value is number => typeof value === "number" && (value | 0) === value;

/** The bytes between the commas, as they came: numbers, escapes and white space within stay what they are. */
function readData(
  bytes: Uint8Array,
  members: Member[],
  value: object,
): Result<Uint8Array<ArrayBuffer>, AttributeError> {
  const data = members.find(({ name }) => name === DATA);
  const encoded: unknown = Object.hasOwn(value, DATA_BASE64) ? (value as { data_base64: unknown }).data_base64 : null;
  if (encoded === null)
    return ok(data ? (bytes.slice(data.value.start, data.value.end) as Uint8Array<ArrayBuffer>) : NO_DATA);
  if (data) return refuse(DATA_BASE64, "stands beside data");
  if (typeof encoded !== "string") return refuse(DATA_BASE64, "must be a text");
  try {
    return ok(fromBase64(encoded));
  } catch {
    return refuse(DATA_BASE64, "is not base64");
  }
}

const refuse = (attribute: string, message: string): Result<never, AttributeError> => err({ attribute, message });
