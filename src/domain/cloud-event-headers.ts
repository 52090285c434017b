import { err, type Result } from "../kernel/result.ts";
import { type AttributeError, type CloudEvent, readAttributes } from "./cloud-event.ts";

const PREFIX = "ce-";

/** Reads a CloudEvent in binary mode: its attributes are headers (HTTP binding §3.1.3), its data is the body as it is. */
export function readEventHeaders(headers: Iterable<[string, string]>): Result<CloudEvent, AttributeError> {
  const attributes = new Map<string, string>();
  for (const [header, encoded] of headers) {
    if (!header.startsWith(PREFIX)) continue;
    const attribute = header.slice(PREFIX.length);
    // HTTP binding §3.1.1.
    if (attribute === "datacontenttype") return err({ attribute, message: "is said by Content-Type" });
    const value = decodeValue(encoded);
    if (value === null) return err({ attribute, message: "is not percent-encoded UTF-8" });
    attributes.set(attribute, value);
  }
  return readAttributes(attributes);
}

/** HTTP binding §3.1.3.2: a quoted string is unquoted first, and then percent-encoding is undone, once. null: it cannot be. */
function decodeValue(value: string): string | null {
  const quoted = /^"(.*)"$/s.exec(value)?.[1];
  try {
    return decodeURIComponent(quoted === undefined ? value : quoted.replaceAll(/\\(.)/gs, "$1"));
  } catch {
    return null;
  }
}
