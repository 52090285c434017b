import { z } from "zod";
import { utf8Bytes } from "../kernel/encoding.ts";
import { isUuid } from "../kernel/ids.ts";
import {
  CLOUDEVENT_ATTRIBUTES_BYTES_MAX,
  CLOUDEVENT_EXTENSIONS_MAX,
  PARTITION_KEY_BYTES_MAX,
} from "../kernel/limits.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import { readTraceContext, type TraceContext } from "./trace-context.ts";

/** What the attributes of a CloudEvent (version 1.0) say to the relay. */
export type CloudEvent = {
  source: string;
  id: string;
  /** `datacontenttype`. */
  contentType: string | null;
  partitionKey: string | null;
  dataOwnerId: string | null;
  /** Of the distributed tracing extension, whose attributes stay in `kept` as they are. */
  trace: TraceContext;
  /** JSON text of an object of strings: what receivers may see. Not the source: the relay hides it, and names itself. */
  kept: string;
};

/** What the relay stores and sends as the data of an event that was published without any. */
export const NO_DATA = utf8Bytes("null");

/** The attribute that breaks a rule; empty: all of them together. */
export type AttributeError = { attribute: string; message: string };

type Rule = (value: string) => string | null;

const NAME = /^[a-z0-9]+$/;
// CloudEvents §3 forbids them in texts; in a header they would be an injection at the receivers.
const CONTROL = /\p{Cc}/u;
const ABSOLUTE_URI = /^[a-z][a-z0-9+.-]*:[^\s"<>\\^`{|}]+$/i; // RFC 3986 §4.3, as far as it protects receivers
const DateTime = z.iso.datetime({ offset: true });

const notEmpty: Rule = (value) => (value === "" ? "must not be empty" : null);

/** The attributes that the relay reads, extensions of its own among them. */
const RULES = new Map<string, Rule>([
  ["specversion", (value) => (value === "1.0" ? null : 'must be "1.0"')],
  ["id", notEmpty],
  ["source", notEmpty],
  ["type", notEmpty],
  ["subject", notEmpty],
  ["time", (value) => (DateTime.safeParse(value.toUpperCase()).success ? null : "must be a time of RFC 3339")],
  ["dataschema", (value) => (ABSOLUTE_URI.test(value) ? null : "must be an absolute URI")],
  ["datacontenttype", notEmpty],
  [
    "partitionkey",
    (value) => (sizeOf(value) > PARTITION_KEY_BYTES_MAX ? `must be at most ${PARTITION_KEY_BYTES_MAX} bytes` : null),
  ],
  ["dataowner", (value) => (value === "" || isUuid(value) ? null : "must be a UUID")],
]);

const REQUIRED = ["specversion", "id", "source", "type"];
const SAID_BY_THE_RELAY = new Set(["specversion", "id", "source", "datacontenttype", "partitionkey", "dataowner"]);
const KEPT_ATTRIBUTES = new Set(["type", "time", "subject", "dataschema"]);

/** CloudEvents HTTP binding §3.1.3.2: all but printable ASCII, and of that space, `"` and `%`. */
const TO_ENCODE = /[^\x21-\x7e]|["%]/gu;

/** A value as a header has it. */
export const encodeAttribute = (value: string): string => value.toWellFormed().replace(TO_ENCODE, encodeURIComponent);

/** Reads the attributes of a CloudEvent; each has a name and the text that stands for its value (CloudEvents §3.1.1). */
export function readAttributes(given: ReadonlyMap<string, string>): Result<CloudEvent, AttributeError> {
  let bytes = 0;
  for (const [attribute, value] of given) {
    const message = checkAttribute(attribute, value);
    if (message !== null) return err({ attribute, message });
    bytes += attribute.length + encodeAttribute(value).length;
  }
  const missing = REQUIRED.find((name) => !given.has(name));
  if (missing) return err({ attribute: missing, message: "is missing" });
  if (bytes > CLOUDEVENT_ATTRIBUTES_BYTES_MAX) {
    return err({
      attribute: "",
      message: `has more than ${CLOUDEVENT_ATTRIBUTES_BYTES_MAX} bytes of attributes, percent-encoded`,
    });
  }
  const kept = [...given].filter(([name]) => !SAID_BY_THE_RELAY.has(name));
  if (kept.filter(([name]) => !KEPT_ATTRIBUTES.has(name)).length > CLOUDEVENT_EXTENSIONS_MAX) {
    return err({ attribute: "", message: `has more than ${CLOUDEVENT_EXTENSIONS_MAX} extensions` });
  }
  return ok({
    source: given.get("source") ?? "",
    id: given.get("id") ?? "",
    contentType: given.get("datacontenttype") ?? null,
    partitionKey: given.get("partitionkey") || null,
    dataOwnerId: given.get("dataowner")?.toLowerCase() || null,
    trace: readTraceContext(given.get("traceparent") ?? null, given.get("tracestate") ?? null),
    kept: JSON.stringify(Object.fromEntries(kept)),
  });
}

/** Whether an attribute is one of those whose value is a text, and nothing else. */
export const isTextAttribute = (name: string): boolean => RULES.has(name);

function checkAttribute(name: string, value: string): string | null {
  if (!NAME.test(name) || name === "data") return "is no name of an attribute: these are of a to z and 0 to 9";
  if (CONTROL.test(value)) return "must not hold control characters";
  if (!value.isWellFormed()) return "must not hold half a character";
  return RULES.get(name)?.(value) ?? null;
}

const sizeOf = (text: string): number => utf8Bytes(text).length;
