import type { ListenedTopic, ListenFrom, LiveEvent } from "../domain/live.ts";

/** Why a link ended: the codes that WebSocket clients see too (`src/domain/close-codes.ts`). */
export type LinkEnd = { code: number; reason: string };

/** What a hub says to a protocol's adapter. */
export type LinkEvents = {
  onEvent(event: LiveEvent): void;
  /** Something may be there to lease, of that subscription. Only where `hintsOnly` was asked for. */
  onHint(subscriptionId: string): void;
  onEnd(end: LinkEnd): void;
};

/** What a hub has kept of a named consumer: null where it knows none of that name. */
export type KeptConsumer = { state: string } | null;

/**
 * One adapter's connection to a hub: where an SSE, MQTT or AMQP connection, whose wire is spoken in the Worker, gets its events from.
 * Events come in the order of their logs. At most `LINK_EVENTS_UNACKED_MAX` are sent ahead of what was acknowledged.
 */
export type HubLink = {
  /** Of the consumer that was named when the link was opened. */
  readonly kept: KeptConsumer;
  /** Adds topics. Begins at the consumer's kept cursor where it has one for the topic, else at `after`, else at `from`. */
  listen(topics: ListenedTopic[], start: { after?: string; from?: ListenFrom }): void;
  /** No more events of these topics; their cursor is forgotten. */
  leave(topicIds: string[]): void;
  /** Everything up to and with this event has been processed. Kept durably where the consumer is named. */
  ack(cursor: string): void;
  /** Keeps the adapter's own words about the named consumer (at most `CONSUMER_STATE_BYTES_MAX`); `expirySeconds` count from the link's end. */
  keep(state: string, expirySeconds: number): void;
  /** Forgets the named consumer. */
  forget(): void;
  close(): void;
};
