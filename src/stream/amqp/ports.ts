import type { StoredEvent } from "../../domain/event.ts";
import type { LiveEvent } from "../../domain/live.ts";
import type { PullOutcome } from "../../domain/pull.ts";
import type { Result } from "../../kernel/result.ts";
import type { AmqpError } from "./errors.ts";

/** What a message says of an event. `offset`: where a link resumes behind it, if it can. */
export type SentEvent = Pick<
  StoredEvent & LiveEvent,
  "id" | "channel" | "partitionKey" | "dataOwnerId" | "acceptedMs" | "body"
> & {
  contentType: string;
  requestId: string | null;
  offset: string | null;
};

/** An event that a link may send: which lease of which log holds it, and how often it was tried before. */
export type LeasedEvent = {
  log: string;
  slot: number;
  leaseId: number;
  /** The lane's: events of one key go out in their order. */
  key: string;
  event: SentEvent;
  attemptsBefore: number;
};

/** `retryMs`: when to ask again at the latest, where nothing tells before. */
export type Leased =
  | { kind: "events"; events: LeasedEvent[] }
  | { kind: "nothing"; retryMs: number }
  | { kind: "ended"; error: AmqpError };

export type SettledEvent = { leased: LeasedEvent; outcome: PullOutcome };

/** The logs that a link's events come from. */
export type EventSource = {
  lease(max: number): Promise<Leased>;
  /** False: not all of it was heard; the same again does no harm. */
  settle(events: SettledEvent[]): Promise<boolean>;
  /** Keeps these events the link's own. */
  renew(events: LeasedEvent[]): Promise<void>;
  /** Has `call` called when something may be there; one caller. */
  onHint(call: () => void): void;
  close(): void;
};

/** A timer; the answer stops it. */
export type Later = (run: () => void, ms: number) => () => void;

/** A channel as an address names it: a path that is published to, or the address of the channel itself. */
export type ChannelAddress = { apiId: string; channel: string };

/** Where a link reads from that has a reading of its own: behind an offset, or from a time on. */
export type ReadFrom = { offset: string } | { acceptedMs: number };

/**
 * What a client asks for when it attaches as a receiver. `subscriptionId`: where its app has several that fit. `from`: null where it
 * takes part in what the subscription's consumers share.
 */
export type SourceRequest = ChannelAddress & { subscriptionId: string | null; from: ReadFrom | null };
export type OpenSource = (request: SourceRequest) => Promise<Result<EventSource, AmqpError>>;

/** An event as a client sent it. */
export type PublishedMessage = {
  partitionKey: string | null;
  dataOwnerId: string | null;
  idempotencyKey: string | null;
  contentType: string;
  body: Uint8Array<ArrayBuffer>;
};

/** Why an event was not taken. `retryAfterMs`: the same event may be taken later; null: it never will. */
export type PublishRefusal = { error: AmqpError; retryAfterMs: number | null };

/** Answers once the event is durable. */
export type Publish = (message: PublishedMessage) => Promise<Result<null, PublishRefusal>>;
export type OpenTarget = (address: ChannelAddress) => Promise<Result<Publish, AmqpError>>;
