import type { FeedEvent } from "./feed.ts";

/** One reading of a log from its end backwards, for one subscription. */
export type TailCall = {
  subscription: string;
  /** Only what stands before this place; null: from the log's end. */
  before: number | null;
  /** The last event of each partition key in each concrete channel (events without a key are left out), or of each concrete channel. */
  lastOf: "key" | "channel";
  /** Only what was published to these concrete paths; null: to any. */
  channels: string[] | null;
  eventsMax: number;
};

export type TailPage = {
  /** The newest first. No page knows of the ones before: a key that was there may come again, with an older event. */
  events: FeedEvent[];
  /** From this place on, everything before the one that was asked for has been looked at. */
  downTo: number;
  /** What is before it is kept no longer: a page that has come down to it is the last. */
  firstSeq: number;
  /** The subscription was removed, or is not active. */
  isEnded: boolean;
  /** The page may be sent on for so long after it was asked for: then a consent may have been withdrawn. */
  validMs: number;
};

/** What a reading is to tell apart: two events with the same name are one key's, or one channel's. null: it is left out. */
export function nameOfTail(
  { channel, partitionKey }: { channel: string; partitionKey: string | null },
  lastOf: TailCall["lastOf"],
): string | null {
  if (lastOf === "channel") return channel;
  // No channel has a line end.
  return partitionKey === null ? null : `${channel}\n${partitionKey}`;
}
