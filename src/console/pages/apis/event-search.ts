import { toLocal, toMoment } from "../../parts/local-time.ts";

/** What the log can be searched by, as an address names it. */
export const EVENT_SEARCH = ["channel", "partitionKey", "dataOwnerId", "requestId", "from", "to"] as const;

/** Times in the address are UTC; the fields of the search show them in this place's own time. */
export type SearchDraft = Record<(typeof EVENT_SEARCH)[number], string>;
export type EventSearch = Partial<SearchDraft>;

export const isSearch = (search: EventSearch): boolean => EVENT_SEARCH.some((name) => search[name] !== undefined);

/** What the relay is asked for. What is no time is left out, as an address may be anybody's. */
export function toQuery(search: EventSearch): EventSearch {
  const { from, to, ...rest } = search;
  return { ...rest, ...(isTime(from) && { from }), ...(isTime(to) && { to }) };
}

const isTime = (text: string | undefined): text is string => text !== undefined && !Number.isNaN(Date.parse(text));

export const draftOfSearch = (search: EventSearch): SearchDraft => ({
  channel: search.channel ?? "",
  partitionKey: search.partitionKey ?? "",
  dataOwnerId: search.dataOwnerId ?? "",
  requestId: search.requestId ?? "",
  from: toLocal(search.from),
  to: toLocal(search.to),
});

export function searchOfDraft(draft: SearchDraft): EventSearch {
  const times = { from: toMoment(draft.from) ?? "", to: toMoment(draft.to) ?? "" };
  const entries = EVENT_SEARCH.map((name) => [name, { ...draft, ...times }[name]?.trim()]).filter(([, text]) => text);
  return Object.fromEntries(entries);
}
