import type { Packet } from "mqtt-packet";
import type { ListenedTopic, ListenFrom, LiveEvent } from "../../domain/live.ts";
import type { Result } from "../../kernel/result.ts";
import type { MqttMessage, PublishRefusal } from "./message.ts";
import type { Reason } from "./reason-codes.ts";

/** Who has connected: the credentials of an API, which publish, or of an app, which subscribe. */
export type MqttClient = {
  kind: "publisher" | "app";
  /** The API or the app. */
  ownerId: string;
  /** The credentials: an API key. */
  clientId: string;
};

export type LoginRefusal = Extract<Reason, "badUserOrPassword" | "connectionRateExceeded" | "serverUnavailable">;

export type LinkRefusal = Extract<Reason, "serverUnavailable" | "quotaExceeded">;

/** A topic that an app may listen to, of so many logs. Its address may have `{parameters}`. */
export type AppTopic = Omit<ListenedTopic, "channels"> & { address: string; shards: number };

/** A topic for its last events: `channels` as those of what is listened to. */
export type RetainedTopic = AppTopic & Pick<ListenedTopic, "channels">;

/** What the events of a session come through. */
export type EventLink = {
  /** What was kept of the session when it was here last; null: nothing. */
  readonly kept: { state: string } | null;
  /** Answers when what is accepted from now on will come. A topic that it listens to goes on where it is, for its channels of now. */
  listen(topics: ListenedTopic[], start: { after: null; from: ListenFrom }): Promise<void>;
  leave(topicIds: string[]): void;
  ack(cursor: string): void;
  keep(state: string, expirySeconds: number): void;
  forget(): void;
  close(): void;
};

/** What a link says. `onEnd` gets a close code of the relay's WebSockets. */
export type LinkListener = { onEvent(event: LiveEvent): void; onEnd(end: { code: number }): void };

/** The world of one connection. */
export type MqttPorts = {
  now(): number;
  newId(): string;
  /** Calls `tick` after so many milliseconds, and not at the time that was asked for before. */
  tickAfter(ms: number): void;
  send(bytes: Uint8Array): void;
  close(code: number, reason: string): void;
  /** Work that goes on behind the connection's end. */
  background(work: Promise<unknown>): void;
  login(credentials: { user: string; password: string }): Promise<Result<MqttClient, LoginRefusal>>;
  /** Opens the link of a session by its name; another connection's to the same one ends. It is sent `aheadMax` events ahead. */
  openLink(
    named: { client: MqttClient; session: string; aheadMax: number },
    listener: LinkListener,
  ): Promise<Result<EventLink, LinkRefusal>>;
  /** What a client may have of these APIs (null: of all), at most so many topics. null: that cannot be told now. */
  findTopics(client: MqttClient, apiIds: string[] | null, limit: number): Promise<AppTopic[] | null>;
  /** The last event of each concrete channel of these topics, some of them where there are many. */
  lastEvents(topics: RetainedTopic[]): Promise<LiveEvent[]>;
  publish(client: MqttClient, message: MqttMessage): Promise<Result<{ eventId: string }, PublishRefusal>>;
  /** A bug was met; the connection ends. */
  failed(error: unknown): void;
};

/** What handles a client's packets: answers, and ends the connection. */
export type Wire = {
  readonly version: 4 | 5;
  write(packet: Packet): Uint8Array;
  send(bytes: Uint8Array): void;
  /** Sends an answer. `reasonString` is for people: left out where the client does not want it, or takes no packet so large. */
  answer(packet: Packet, reasonString?: string): void;
  end(reason: Reason): void;
};
