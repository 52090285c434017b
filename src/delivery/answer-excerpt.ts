import { RESPONSE_KEPT_BYTES_MAX, RESPONSE_READ_BYTES_MAX } from "../kernel/limits.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const REPLACEMENT_BYTES = 3; // U+FFFD, which may stand for a single byte

/**
 * The first bytes of an answer as text, for the delivery log. Reads on for a while beyond what it keeps, because a connection whose
 * answer was read to its end can be used again, and lets go of the rest. Ends early when `enough` settles. Never throws: where the
 * answer breaks off, what came counts.
 */
export async function readExcerpt(answer: Response, enough: Promise<"over">): Promise<string> {
  const { body } = answer;
  if (body === null || answer.headers.get("content-length") === "0") return "";
  return answer.ok && isShort(answer.headers) ? readWhole(answer, enough) : readBeginning(body, enough);
}

/** Closes an answer nobody reads. Not waited for: a receiver could hold that up, too. */
export function discard(answer: { cancel(): Promise<void> } | null): void {
  answer?.cancel().catch(() => {});
}

/** Encoded answers do not count: a short one may unpack to anything. */
function isShort(headers: Headers): boolean {
  const length = headers.get("content-length");
  return length !== null && Number(length) <= RESPONSE_READ_BYTES_MAX && headers.get("content-encoding") === null;
}

/**
 * Most attempts end here, so it takes the runtime's cheapest way to read. Of a success that breaks off nothing is kept, and where it
 * stalls, `enough` has to abort the request.
 */
async function readWhole(answer: Response, enough: Promise<"over">): Promise<string> {
  try {
    const bytes = await Promise.race([answer.arrayBuffer(), enough]);
    if (bytes === "over") return "";
    const head = new Uint8Array(bytes, 0, Math.min(bytes.byteLength, RESPONSE_KEPT_BYTES_MAX));
    return excerptText(head, bytes.byteLength > head.length);
  } catch {
    return "";
  }
}

async function readBeginning(body: ReadableStream, enough: Promise<"over">): Promise<string> {
  const reader = body.getReader();
  const head = new Uint8Array(RESPONSE_KEPT_BYTES_MAX);
  let bytes = 0;
  let ended = false;
  try {
    while (bytes < RESPONSE_READ_BYTES_MAX) {
      const step = await Promise.race([reader.read(), enough]);
      if (step === "over") break;
      ended = step.done;
      if (step.done) break;
      const chunk: Uint8Array = step.value;
      if (bytes < head.length) head.set(chunk.subarray(0, head.length - bytes), bytes);
      bytes += chunk.length;
    }
  } catch {
    ended = true;
  }
  if (!ended) discard(reader);
  return excerptText(head.subarray(0, bytes), bytes > head.length);
}

/**
 * Bytes as text of at most as many bytes in UTF-8. A character cut in two at the end is left out, other broken UTF-8 is replaced
 * (with more bytes than it had, hence the second cut), and so is NUL, where SQLite's text functions stop.
 */
export function excerptText(bytes: Uint8Array, isCut: boolean): string {
  const decoded = isCut ? new TextDecoder().decode(bytes, { stream: true }) : decoder.decode(bytes);
  const text = decoded.replaceAll("\0", "\ufffd");
  if (bytes.length * REPLACEMENT_BYTES <= RESPONSE_KEPT_BYTES_MAX) return text;
  const { read } = encoder.encodeInto(text, new Uint8Array(RESPONSE_KEPT_BYTES_MAX));
  return text.slice(0, read);
}
