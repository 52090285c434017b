import type { StoredEvent } from "../../domain/event.ts";
import type { FeedCall, FeedEvent, FeedPage, FeedStart } from "../../domain/feed.ts";
import { FEED_PAGE_BYTES_MAX, FEED_PAGE_EVENTS_MAX, FEED_PAGE_VALID_MS } from "../../kernel/limits.ts";
import { FilteredEvent } from "../state/filters.ts";
import type { Held } from "../state/listeners.ts";
import { type LogState, newSearchBudget, type SearchBudget } from "../state/log-state.ts";
import { transact } from "../state/open-log.ts";
import { scanRows } from "../state/scan-rows.ts";
import type { EventRow } from "../store/event-rows.ts";
import type { Subscription } from "../store/subscription.ts";

/**
 * Reads on behind a place, for live listeners. Consents and filters decide as they are now; a subscription that is paused or gone
 * gets nothing. A page may end before the log does, with or without events: the reader goes on behind `upTo`.
 */
export function readFeed(log: LogState, call: FeedCall): FeedPage {
  const { hub, subscriptions } = call;
  if (hub === null) {
    const page = readPage(log, call);
    log.listeners.pass(heldBy(log, subscriptions, page.events));
    return page;
  }
  return transact(log, () => {
    const page = readPage(log, call);
    page.reading = log.listeners.read(hub, page.upTo, heldBy(log, subscriptions, page.events));
    return page;
  });
}

function readPage(log: LogState, { subscriptions, after: start }: FeedCall): FeedPage {
  const { events, succession } = log;
  const readers = subscriptions.map((id) => log.subscriptions.get(id));
  const after = placeOf(log, start);
  const page: FeedPage = {
    ...{ events: [], after, upTo: after, lastSeq: events.lastSeq, firstSeq: events.firstSeq },
    successors: succession.successors.map((shard) => ({ shard, sealSeq: succession.sealSeqOf(shard) ?? 0 })),
    ended: readers.flatMap((s, position) => (s && isEnded(s) ? [position] : [])),
    reading: 0,
    validMs: FEED_PAGE_VALID_MS,
  };
  // Who asks for nobody wants to know where the log stands.
  if (readers.length > 0) fillPage(log, page, readers);
  return page;
}

export const isEnded = (s: Subscription): boolean => s.removed || !s.config.active;

function fillPage(log: LogState, page: FeedPage, readers: (Subscription | undefined)[]): void {
  const { events } = log;
  const budget = newSearchBudget();
  let bytes = 0;
  for (const row of scanRows(log, Math.max(page.after, events.firstSeq - 1), FEED_PAGE_EVENTS_MAX)) {
    if (page.events.length === FEED_PAGE_EVENTS_MAX) return;
    // Whatever the first event costs, it is looked at: else nobody would ever come past it.
    const wanted = readersOf(log, readers, row, page.upTo === page.after ? null : budget);
    if (wanted === "unknown") return;
    const event = wanted.length > 0 ? events.read(row.seq) : null;
    if (event && bytes > 0 && bytes + row.bytes > FEED_PAGE_BYTES_MAX) return;
    if (event) {
      page.events.push(toFeedEvent(event, wanted));
      bytes += row.bytes;
    }
    page.upTo = row.seq;
  }
}

/** The positions of those that may have an event; "unknown": the budget is used up. */
export function readersOf(
  log: LogState,
  readers: (Subscription | undefined)[],
  row: EventRow,
  shared: SearchBudget | null,
): number[] | "unknown" {
  const now = log.platform.clock.now();
  const event = new FilteredEvent(row, () => log.events.read(row.seq));
  const wanted: number[] = [];
  for (const [position, s] of readers.entries()) {
    if (!s || isEnded(s) || !log.subscriptions.matches(s, row, now)) continue;
    // Where nothing is shared, a look that costs all of its budget leaves the next one its own.
    if (log.filters.rulesOut(s.config, event, shared ?? newSearchBudget())) continue;
    const answer = log.filters.passes(s.config, event, shared ?? newSearchBudget());
    if (answer === "unknown") return "unknown";
    if (answer === "yes") wanted.push(position);
  }
  return wanted;
}

/** Whose events a page holds for whom, where a withdrawal may have to wait for it. */
export function heldBy(log: LogState, subscriptions: string[], events: FeedEvent[]): Held[] {
  if (log.subscriptions.topic?.access !== "consent") return [];
  return events.flatMap(({ dataOwnerId, readers }) =>
    dataOwnerId === null
      ? []
      : { owner: dataOwnerId, readers: readers.map((position) => subscriptions[position] ?? "") },
  );
}

/** The relay's own fields of an event stay here. */
export const toFeedEvent = (event: StoredEvent, readers: number[]): FeedEvent => ({
  ...{ seq: event.seq, id: event.id, channel: event.channel, partitionKey: event.partitionKey },
  ...{ dataOwnerId: event.dataOwnerId, acceptedMs: event.acceptedMs, contentType: event.contentType, body: event.body },
  readers,
});

function placeOf({ events }: LogState, start: FeedStart): number {
  if (start === "latest") return events.lastSeq;
  return start === "earliest" ? events.firstSeq - 1 : start;
}
