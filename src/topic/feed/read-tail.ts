import { nameOfTail, type TailCall, type TailPage } from "../../domain/tail.ts";
import { FEED_PAGE_BYTES_MAX, FEED_PAGE_EVENTS_MAX, FEED_PAGE_VALID_MS } from "../../kernel/limits.ts";
import { type LogState, newSearchBudget } from "../state/log-state.ts";
import { scanRowsBack } from "../state/scan-rows.ts";
import type { Subscription } from "../store/subscription.ts";
import { heldBy, isEnded, readersOf, toFeedEvent } from "./read-feed.ts";

/**
 * Reads backwards for the newest event of each key, or of each channel, that a subscription may have. Consents and its filter decide
 * as they are now: where the newest is not for it, an older one may be. A page may end before the log does, with or without events.
 */
export function readTail(log: LogState, call: TailCall): TailPage {
  const { events } = log;
  const s = log.subscriptions.get(call.subscription);
  const page: TailPage = {
    ...{ events: [], downTo: Math.min(call.before ?? Number.POSITIVE_INFINITY, events.lastSeq + 1) },
    ...{ firstSeq: events.firstSeq, isEnded: s !== undefined && isEnded(s), validMs: FEED_PAGE_VALID_MS },
  };
  // Nothing is for whom the log does not know.
  if (!s || page.isEnded) page.downTo = page.firstSeq;
  else fillPage(log, page, s, call);
  log.listeners.pass(heldBy(log, [call.subscription], page.events));
  return page;
}

function fillPage(log: LogState, page: TailPage, s: Subscription, { lastOf, channels, eventsMax }: TailCall): void {
  const budget = newSearchBudget();
  const seen = new Set<string>();
  const before = page.downTo;
  let bytes = 0;
  for (const row of scanRowsBack(log, before)) {
    if (page.events.length === Math.min(eventsMax, FEED_PAGE_EVENTS_MAX)) return;
    const name = nameOfTail({ channel: row.channel, partitionKey: row.key }, lastOf);
    if (name !== null && !seen.has(name) && (channels === null || channels.includes(row.channel))) {
      // Whatever the first event costs, it is looked at: else nobody would ever come past it.
      const wanted = readersOf(log, [s], row, page.downTo === before ? null : budget);
      if (wanted === "unknown") return;
      const event = wanted.length > 0 ? log.events.read(row.seq) : null;
      if (event && bytes > 0 && bytes + row.bytes > FEED_PAGE_BYTES_MAX) return;
      if (event) {
        page.events.push(toFeedEvent(event, wanted));
        seen.add(name);
        bytes += row.bytes;
      }
    }
    page.downTo = row.seq;
  }
}
