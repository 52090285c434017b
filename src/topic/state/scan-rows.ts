import { SCAN_ROWS_MAX } from "../../kernel/limits.ts";
import type { ChannelRow, EventRow } from "../store/event-rows.ts";
import type { LogState } from "./log-state.ts";

const FIRST_PAGE_BACK = 100;

/** Rows behind a place, read in pages that grow: mostly the first one, of so many rows, is enough. At most as many as one call may look at. */
export function* scanRows(log: LogState, place: number, firstPage: number): Generator<EventRow> {
  let after = place;
  let looked = 0;
  for (let page = firstPage; looked < SCAN_ROWS_MAX; page = Math.min(SCAN_ROWS_MAX - looked, page * 4)) {
    const rows = log.events.rowsAfter(after, page);
    yield* rows;
    looked += rows.length;
    if (rows.length < page) return;
    after = rows.at(-1)?.seq ?? after;
  }
}

/** Rows before a place, the newest first, as `scanRows` reads those behind it. */
export function* scanRowsBack(log: LogState, place: number): Generator<ChannelRow> {
  let before = place;
  let looked = 0;
  for (let page = FIRST_PAGE_BACK; looked < SCAN_ROWS_MAX; page = Math.min(SCAN_ROWS_MAX - looked, page * 4)) {
    const rows = log.events.channelRowsBefore(before, page);
    yield* rows;
    looked += rows.length;
    if (rows.length < page) return;
    before = rows.at(-1)?.seq ?? before;
  }
}
