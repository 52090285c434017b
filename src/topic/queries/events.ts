import type { EventPage, EventQuery, StoredEvent, StoredEventPage } from "../../domain/event.ts";
import { readEventId } from "../../kernel/ids.ts";
import { LISTED_BYTES_MAX } from "../../kernel/limits.ts";
import type { LogState } from "../state/log-state.ts";

/** Events of the log, newest first. */
export function listEvents(log: LogState, query: EventQuery): EventPage {
  const { events } = log;
  const range = rangeOf(log, query);
  const { found, lookedDownTo } = events.search(range, query);
  const isMore = lookedDownTo > range.after + 1;
  return { events: found, more: isMore ? events.placeOf(lookedDownTo) : null };
}

/** As `listEvents`, with all that is kept of each event: no more of them than one answer may carry, but one at least. */
export function listStoredEvents(log: LogState, query: EventQuery): StoredEventPage {
  const page = listEvents(log, query);
  const events: StoredEvent[] = [];
  let bytes = 0;
  for (const { seq, acceptedMs } of page.events) {
    const event = log.events.read(seq);
    if (!event) continue;
    bytes += event.body.byteLength;
    if (events.length > 0 && bytes > LISTED_BYTES_MAX) return { events, more: { seq: seq + 1, acceptedMs } };
    events.push(event);
  }
  return { events, more: page.more };
}

/** The places that a question is about: between the two, neither included. */
export function rangeOf(
  { events }: LogState,
  { fromMs, toMs, beforeSeq }: Pick<EventQuery, "fromMs" | "toMs" | "beforeSeq">,
): { after: number; before: number } {
  const after = fromMs === null ? events.firstSeq - 1 : events.seqBefore(fromMs);
  const endSeq = toMs === null ? events.lastSeq + 1 : events.seqBefore(toMs) + 1;
  return { after, before: Math.min(endSeq, beforeSeq ?? endSeq) };
}

/** Where the event with this id is; null: the log does not hold it, or not any more. */
export const findEvent = ({ events }: LogState, eventId: string): number | null =>
  events.findId(eventId, readEventId(eventId).mintedMs);

/** As `findEvent`, with all that is kept of it. */
export function readEvent(log: LogState, eventId: string): StoredEvent | null {
  const seq = findEvent(log, eventId);
  return seq === null ? null : log.events.read(seq);
}
