import type { LiveEvent } from "../../domain/live.ts";
import { utf8Bytes } from "../../kernel/encoding.ts";

const RETRY_MS = 2_000;
const LINE_END = /\r\n|\r|\n/;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true, fatal: false });

/**
 * The beginning of an event stream (WHATWG HTML §9.2): how long to wait before the next try, and the id that a client resumes with
 * that has got no event yet. A block without data dispatches nothing.
 */
export const openingBlock = (cursor: string): Uint8Array => utf8Bytes(`retry: ${RETRY_MS}\nid: ${cursor}\n\n`);

/** A comment: keeps proxies from closing a connection that is idle. */
export const heartbeat = (): Uint8Array => utf8Bytes(": \n\n");

/** One event. Each line of its body is a field of its own, so that no body can write a field. */
export function eventBlock({ cursor, channel, body }: LiveEvent): Uint8Array {
  const data = decoder.decode(body).split(LINE_END);
  // Channels have no line ends: they are refused at publish.
  return utf8Bytes(`id: ${cursor}\nevent: ${channel}\n${data.map((line) => `data: ${line}\n`).join("")}\n`);
}
