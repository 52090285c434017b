import { refuse } from "../problem.ts";

/** How a publish carries its event: JSON alone, or a CloudEvent in one of the three content modes of its HTTP binding. */
export type PublishForm = "plain" | "binary" | "structured" | "batch";

/** What `formOf` says null of. */
export const NO_EVENT = refuse(
  "media_type_unsupported",
  "Events are application/json in UTF-8, or CloudEvents of that.",
);

// It is stored with the event and sent to its receivers.
const PLAIN_TYPE = /^[\x20-\x7e]{1,200}$/;
const PLAIN_JSON = "application/json";
const UTF8 = /^charset="?utf-8"?$/;
const MANY_KINDS_OF_JSON = /^(?:application\/json|[\w.!#$&^-]+\/[\w.!#$&^-]+\+json)$/;

/** null: the relay does not take such a body. A media type of CloudEvents counts before headers of them (HTTP binding §3). */
export function formOf(headers: Headers): PublishForm | null {
  const type = jsonTypeOf(headers.get("Content-Type") ?? "");
  if (type === "application/cloudevents+json") return "structured";
  if (type === "application/cloudevents-batch+json") return "batch";
  if (type === null || isEventType(type)) return null;
  if (headers.has("ce-specversion")) return "binary";
  return type === PLAIN_JSON ? "plain" : null;
}

/** Whether an event that comes without HTTP is JSON alone, as `formOf` has it. */
export const isPlainJson = (contentType: string): boolean => jsonTypeOf(contentType) === PLAIN_JSON;

/**
 * Whether data of a CloudEvent is JSON by its `datacontenttype`, and no CloudEvent itself: sent in binary mode under such a type,
 * it would be read as the event, and its attributes as those that the relay answers for.
 */
export function isJsonData(contentType: string): boolean {
  const type = jsonTypeOf(contentType);
  return type !== null && !isEventType(type);
}

const isEventType = (type: string): boolean => type.startsWith("application/cloudevents");

/** RFC 8259 §8.1: JSON between systems is UTF-8; a charset that says otherwise is refused. null: it is no JSON at all. */
function jsonTypeOf(contentType: string): string | null {
  if (!PLAIN_TYPE.test(contentType)) return null;
  const [type = "", ...parameters] = contentType.split(";").map((part) => part.trim().toLowerCase());
  if (!MANY_KINDS_OF_JSON.test(type)) return null;
  return parameters.every((parameter) => !parameter.startsWith("charset=") || UTF8.test(parameter)) ? type : null;
}
