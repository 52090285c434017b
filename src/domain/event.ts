/** One published message, as the publish route hands it to the topic's log. Plain data: it crosses an RPC. */
export type NewEvent = {
  /** UUID v7 that names its log (`newEventId`). */
  id: string;
  /** The concrete path it was published to, `{parameters}` filled in. */
  channel: string;
  /** Events of one key arrive in order; null: no order is promised. */
  partitionKey: string | null;
  /** The organization the event is about. */
  dataOwnerId: string | null;
  /** Deliver to this subscription only. */
  subscriptionId: string | null;
  requestId: string;
  originRequestId: string | null;
  traceparent: string | null;
  /** Callers of an older version do not say. */
  tracestate?: string | null;
  contentType: string;
  /** The CloudEvents attributes that it was published with, those apart that the relay sets itself: JSON text of an object of strings. */
  cloudEvent: string | null;
  /** How often it has been through a relay before. */
  hops: number;
  /** The bytes as published; never re-encoded. */
  body: Uint8Array;
  idempotency: { key: string; bodyDigest: string } | null;
  /**
   * It has not the form of its channel's messages, as far as the caller knows: "marked" events are stored with a mark, "refused"
   * ones are not stored. Absent: nothing was found, or nothing checked.
   */
  invalid?: "marked" | "refused";
};

/** An event in the log. `seq` orders the log; it never leaves the relay. */
export type StoredEvent = Omit<NewEvent, "subscriptionId" | "idempotency" | "invalid"> & {
  seq: number;
  acceptedMs: number;
};

/** What is said of an event where its payload is of no concern. */
export type EventHeader = Omit<StoredEvent, "body" | "cloudEvent" | "hops" | "tracestate">;

/** A question for the events of one log, newest first. */
export type EventQuery = {
  /** The concrete path it was published to. */
  channel: string | null;
  partitionKey: string | null;
  dataOwnerId: string | null;
  /** The publisher's `X-Request-Id`, or its `Origin-Request-Id`. */
  requestId: string | null;
  /** Accepted at or after this, and before that. */
  fromMs: number | null;
  toMs: number | null;
  /** Only events before this one; null: from the newest on. */
  beforeSeq: number | null;
  limit: number;
};

/** How far back a log has been looked through: up to this event, which was accepted then. */
export type LogPlace = { seq: number; acceptedMs: number };

/** `more`: only events before it are left; null: that was all. A page may be short, as the look through a log is bounded. */
export type EventPage = { events: EventHeader[]; more: LogPlace | null };

/** The same, with all that is kept of each event. */
export type StoredEventPage = { events: StoredEvent[]; more: LogPlace | null };
