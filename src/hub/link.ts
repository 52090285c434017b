import type { ListenedTopic, LiveEvent } from "../domain/live.ts";
import type { ListenStart } from "./connect.ts";

/** Why a link ended: one of `domain/close-codes.ts`. */
export type LinkEnd = { code: number; reason: string };

/** What a hub says to a protocol's adapter. */
export type LinkEvents = {
  onEvent(event: LiveEvent): void;
  /** Something may be there to lease, of that subscription. Only where `hintsOnly` was asked for. */
  onHint(subscriptionId: string): void;
  onEnd(end: LinkEnd): void;
};

/** What a hub keeps for a named consumer, beside its cursor. */
export type KeptConsumer = { state: string };

/**
 * One adapter's connection to a hub: where an SSE, MQTT or AMQP connection gets its events from. They come in the order of their
 * logs. At most `LINK_EVENTS_UNACKED_MAX` are sent ahead of what was acknowledged.
 */
export type HubLink = {
  /** Of the consumer that was named when the link was opened; null: it is new. */
  readonly kept: KeptConsumer | null;
  /** Resumes where it begins. */
  readonly cursor: string;
  /**
   * Adds topics: from the consumer's kept cursor on where it knows the topic, else as `start` says. One that it listens to goes on where it
   * is, for its channels of now. Answers when what is accepted from now on will come, or the link has ended.
   */
  listen(topics: ListenedTopic[], start: ListenStart): Promise<void>;
  /** No more events of these topics; their cursor is forgotten. */
  leave(topicIds: string[]): void;
  /** Everything up to and with this event has been processed. Kept durably where the consumer is named. */
  ack(cursor: string): void;
  /** Keeps the adapter's own words about the named consumer; `expirySeconds` count from the link's end. */
  keep(state: string, expirySeconds: number): void;
  /** Forgets the named consumer. */
  forget(): void;
  close(): void;
};
