import type { EventPage, EventQuery, StoredEvent } from "../../domain/event.ts";
import { readEventId } from "../../kernel/ids.ts";
import type { LogState } from "../state/log-state.ts";

/** Events of the log, newest first. */
export function listEvents({ events }: LogState, query: EventQuery): EventPage {
  const after = query.fromMs === null ? events.firstSeq - 1 : events.seqBefore(query.fromMs);
  const endSeq = query.toMs === null ? events.lastSeq + 1 : events.seqBefore(query.toMs) + 1;
  const range = { after, before: Math.min(endSeq, query.beforeSeq ?? endSeq) };
  const { found, lookedDownTo } = events.search(range, query);
  const isMore = lookedDownTo > after + 1;
  return { events: found, more: isMore ? events.placeOf(lookedDownTo) : null };
}

/** Where the event with this id is; null: the log does not hold it, or not any more. */
export const findEvent = ({ events }: LogState, eventId: string): number | null =>
  events.findId(eventId, readEventId(eventId).mintedMs);

/** As `findEvent`, with all that is kept of it. */
export function readEvent(log: LogState, eventId: string): StoredEvent | null {
  const seq = findEvent(log, eventId);
  return seq === null ? null : log.events.read(seq);
}
