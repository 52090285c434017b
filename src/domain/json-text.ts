import { EVENT_JSON_DEPTH_MAX } from "../kernel/limits.ts";
import { err, ok, type Result } from "../kernel/result.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export type JsonTextError = { reason: "body_not_utf8" | "body_too_deep" | "body_not_json"; detail: string };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Reads one JSON value in UTF-8 (RFC 8259; a byte order mark is refused, §8.1). The depth is measured before anything is parsed. */
export function parseJsonBytes(bytes: Uint8Array, depthMax = EVENT_JSON_DEPTH_MAX): Result<unknown, JsonTextError> {
  if (depthOf(bytes) > depthMax) {
    return err({ reason: "body_too_deep", detail: `The body is nested deeper than ${depthMax} levels.` });
  }
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return err({ reason: "body_not_utf8", detail: "The body is not UTF-8." });
  }
  try {
    return ok(JSON.parse(text));
  } catch {
    return err({ reason: "body_not_json", detail: "The body is not one JSON value." });
  }
}

/** The deepest nesting of arrays and objects, brackets in strings left out. Needs no stack, whatever the depth. */
function depthOf(bytes: Uint8Array): number {
  let depth = 0;
  let deepest = 0;
  let isInString = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    if (isInString) {
      if (byte === BACKSLASH) i++;
      else if (byte === QUOTE) isInString = false;
    } else if (byte === QUOTE) isInString = true;
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) deepest = Math.max(deepest, ++depth);
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) depth--;
  }
  return deepest;
}
