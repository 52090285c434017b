import type { StoredEvent } from "./event.ts";

/** Where a reader of a log begins: behind a place, behind its last event, or before the first one that is kept. */
export type FeedStart = number | "latest" | "earliest";

/** One reading of a log, for as many subscriptions as listen to it at the reader's. */
export type FeedCall = {
  /** The hub that reads: from now on it is told of what comes. null: somebody who reads and goes. */
  hub: string | null;
  subscriptions: string[];
  after: FeedStart;
};

/** An event, and which of the subscriptions asked for may have it now: their positions in the call. */
export type FeedEvent = Pick<
  StoredEvent,
  "seq" | "id" | "channel" | "partitionKey" | "dataOwnerId" | "acceptedMs" | "contentType" | "body"
> & { readers: number[] };

/** What a hub answers to a poke: up to which of its readings it has sent all; "nobody": no one listens to this log there. */
export type PokeAnswer = number | "nobody";

export type FeedPage = {
  /** In the order of the log. */
  events: FeedEvent[];
  /** The page begins behind this place, and everything up to that one has been looked at. */
  after: number;
  upTo: number;
  /** The end of the log; and what is before `firstSeq` is kept no longer. */
  lastSeq: number;
  firstSeq: number;
  /** Shards that have taken keys over from this one: their events come after those up to the seal. */
  successors: { shard: number; sealSeq: number }[];
  /** Positions in the call of subscriptions that were removed, or are not active. */
  ended: number[];
  /** Of a hub's readings, the how manieth: the hub says so when it has sent it. */
  reading: number;
  /** The page may be sent on for so long after it was asked for: then a consent may have been withdrawn. */
  validMs: number;
};
