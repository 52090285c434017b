import type { ListenedTopic } from "../domain/live.ts";
import { utf8Bytes } from "../kernel/encoding.ts";
import type { HubConnect } from "./connect.ts";

export type ListenerAbout = Pick<
  HubConnect,
  "form" | "clientId" | "consumer" | "acknowledges" | "aheadMax" | "hintsOnly" | "onGap"
>;

/** What of a connection stays as it is while events come. */
export type Standing = {
  about: ListenerAbout;
  topics: ListenedTopic[];
  /** Of each seat the topic, by its position, and the shard. */
  seats: [number, number][];
};

/**
 * What of a connection survives hibernation: a socket holds 16 KiB. The places change with every event, for every socket; the rest is
 * written once.
 */
export type Attachment = {
  standing: Uint8Array;
  /** Of each seat in turn, its places. */
  places: [seq: number, acked: number, sent: number][];
  /** Sent and not acknowledged. */
  ahead: { events: number; bytes: number };
  blockedSinceMs: number | null;
};

type TopicRow = [string, string, string, number, string[] | null];

const decoder = new TextDecoder();

export function writeStanding({ about, topics, seats }: Standing): Uint8Array {
  const { form, clientId, consumer, acknowledges, aheadMax, hintsOnly, onGap } = about;
  // A connection comes described by more than has to be kept.
  const kept: ListenerAbout = {
    form,
    clientId,
    consumer,
    acknowledges,
    hintsOnly,
    onGap,
    ...(aheadMax && { aheadMax }),
  };
  const rows = topics.map((topic): TopicRow => {
    const { apiId, subscriptionId, topicId, topicNumber, channels } = topic;
    return [apiId, subscriptionId, topicId, topicNumber, channels];
  });
  return utf8Bytes(JSON.stringify([kept, rows, seats]));
}

export function readStanding(bytes: Uint8Array): Standing {
  const [about, rows, seats] = JSON.parse(decoder.decode(bytes)) as [ListenerAbout, TopicRow[], [number, number][]];
  const topics = rows.map(([apiId, subscriptionId, topicId, topicNumber, channels]) => ({
    ...{ apiId, subscriptionId, topicId, topicNumber, channels },
  }));
  return { about, topics, seats };
}
