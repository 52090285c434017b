import type { FeedEvent } from "../../domain/feed.ts";

export const MEDIA_TYPE = "application/x-ndjson";

const LINE_ENDS = /[\r\n]+/g;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true, fatal: false });

/**
 * An event as a line: its fields, then what was published. JSON has line ends between its tokens only, never in a string (RFC 8259 §7),
 * so that without them it is the same value.
 */
export function eventLine(event: Omit<FeedEvent, "seq" | "readers">, cursor: string | null): string {
  const { id, channel, partitionKey, dataOwnerId, acceptedMs, contentType, body } = event;
  const acceptedAt = new Date(acceptedMs).toISOString();
  const place = cursor === null ? {} : { cursor };
  const fields = JSON.stringify({ ...place, id, channel, partitionKey, dataOwnerId, acceptedAt, contentType });
  return `${fields.slice(0, -1)},"data":${decoder.decode(body).replace(LINE_ENDS, "")}}\n`;
}

/** The last line: nothing was left out, and this is where to go on. `more`: there is something behind it already. */
export const endLine = (end: { cursor: string; more?: boolean }): string => `${JSON.stringify(end)}\n`;
