import type { FeedStart } from "../domain/feed.ts";
import type { ListenedTopic } from "../domain/live.ts";
import { type Place, readCursor } from "../domain/stream-cursor.ts";
import { logName } from "../domain/topic.ts";
import { LISTENED_LOGS_MAX } from "../kernel/limits.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import type { TopicLogs } from "../topic/client.ts";
import type { HubConnect, ListenStart, PlacesRefusal } from "./connect.ts";

export type PlaceOfTopic = { topic: ListenedTopic; shard: number; seq: number };

type Opening = Pick<HubConnect, "onGap"> & {
  logs: Pick<TopicLogs, "readFeed">;
  topics: ListenedTopic[];
  start: ListenStart;
  /** The cursor of a named consumer. */
  kept: string | null;
};

/** Finds where a connection begins in each log of its topics. Shards that it has not come to yet join when it does. */
export async function findPlaces(opening: Opening): Promise<Result<PlaceOfTopic[], PlacesRefusal>> {
  const { start, topics } = opening;
  const asked = start.after === null ? [] : readCursor(start.after);
  if (asked === null) return err({ reason: "cursor_invalid" });
  const kept = (opening.kept && readCursor(opening.kept)) || [];
  const found = await Promise.all(
    topics.map((topic) => {
      const isOfTopic = ({ topicNumber }: Place): boolean => topicNumber === topic.topicNumber;
      const own = asked.filter(isOfTopic);
      // A cursor that says nothing of a topic is one of another stream.
      if (start.after !== null && own.length === 0) return err({ reason: "cursor_invalid" } as const);
      const places = start.after === null ? kept.filter(isOfTopic) : own;
      const known = new Map(places.map(({ shard, seq }) => [shard, seq]));
      return findInTopic(opening, topic, known);
    }),
  );
  const places: PlaceOfTopic[] = [];
  for (const topic of found) {
    if (!topic.ok) return topic;
    places.push(...topic.value);
  }
  return places.length > LISTENED_LOGS_MAX ? err({ reason: "too_many_logs" }) : ok(places);
}

/**
 * From the first log on, which says what others there are: no log is called into being by a cursor that somebody made up.
 * `known`: places by shard; none: it begins as `start.from` says.
 */
async function findInTopic(
  { logs, onGap, start }: Opening,
  topic: ListenedTopic,
  known: Map<number, number>,
): Promise<Result<PlaceOfTopic[], PlacesRefusal>> {
  const isNew = known.size === 0;
  const places: PlaceOfTopic[] = [];
  const waiting = [0];
  for (let shard = waiting.shift(); shard !== undefined; shard = waiting.shift()) {
    const after: FeedStart | undefined = isNew ? start.from : known.get(shard);
    if (after === undefined) return err({ reason: "cursor_invalid" });
    const looked = await logs.readFeed(logName(topic.topicId, shard), { hub: null, subscriptions: [], after });
    if (!looked.ok) return err({ reason: "log_unavailable" });
    const { upTo, firstSeq, lastSeq, successors } = looked.value;
    if (upTo > lastSeq) return err({ reason: "cursor_invalid" });
    if (upTo < firstSeq - 1 && onGap === "refuse") return err({ reason: "cursor_expired" });
    places.push({ topic, shard, seq: Math.max(upTo, firstSeq - 1) });
    known.delete(shard);
    // From the earliest event on, a successor's come when its predecessor's have been read.
    const isWanted = (next: number): boolean => (isNew ? start.from === "latest" : known.has(next));
    waiting.push(...successors.map((next) => next.shard).filter(isWanted));
    if (places.length > LISTENED_LOGS_MAX) return err({ reason: "too_many_logs" });
  }
  return known.size > 0 ? err({ reason: "cursor_invalid" }) : ok(places);
}
