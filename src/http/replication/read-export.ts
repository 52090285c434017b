import type { FeedEvent } from "../../domain/feed.ts";
import { writeCursor } from "../../domain/stream-cursor.ts";
import { logName } from "../../domain/topic.ts";
import type { PlaceOfTopic } from "../../hub/places.ts";
import { endLine, eventLine } from "../../stream/ndjson/lines.ts";
import type { TopicLogs } from "../../topic/client.ts";
import type { PageReads } from "./page-reads.ts";

export type ExportPlan = {
  /** Where it begins; shards that took keys over from these join when it has come past the seal. */
  places: PlaceOfTopic[];
  /** The end of each log when it began. */
  ends: PlaceOfTopic[];
  /** It begins where the logs do, so that what is forgotten under way is no gap. */
  isFromEarliest: boolean;
};

type Deps = { logs: Pick<TopicLogs, "readFeed">; reads: PageReads };

/** The lines of an export, a page's at once; the next page is read when they have been taken. Throws where it can't go on. */
export async function* readExport(deps: Deps, plan: ExportPlan): AsyncGenerator<string> {
  const seats = new Map(plan.places.map((place) => [logOf(place), { ...place }]));
  const endSeqs = new Map(plan.ends.map((place) => [logOf(place), place.seq]));
  const cursor = (): string => cursorOf([...seats.values()]);
  // Shards join at the map's end while it is walked: so a key's events in its earlier log come first.
  for (const [log, seat] of seats) {
    const endSeq = endSeqs.get(log) ?? 0;
    do {
      if (deps.reads.areUsedUp) return yield endLine({ cursor: cursor(), more: true });
      const page = await readOn(deps, log, seat, plan);
      let lines = "";
      for (const event of page.events) {
        if (event.seq > endSeq) break;
        seat.seq = event.seq;
        if (isAskedFor(seat, event)) lines += eventLine(event, cursor());
      }
      seat.seq = Math.max(seat.seq, Math.min(Math.max(page.upTo, page.firstSeq - 1), endSeq));
      for (const { shard, sealSeq } of page.successors) {
        const place = { topic: seat.topic, shard, seq: 0 };
        const next = logOf(place);
        if (seat.seq >= sealSeq && endSeqs.has(next) && !seats.has(next)) seats.set(next, place);
      }
      if (lines !== "") yield lines;
    } while (seat.seq < endSeq);
  }
  yield endLine({ cursor: cursor(), more: false });
}

async function readOn({ logs, reads }: Deps, log: string, { topic, seq }: PlaceOfTopic, plan: ExportPlan) {
  const call = { hub: null, subscriptions: [topic.subscriptionId], after: seq };
  const page = await reads.take(() => logs.readFeed(log, call));
  if (page.ended.length > 0) throw new Error("the subscription was paused or has ended");
  if (seq < page.firstSeq - 1 && !plan.isFromEarliest) throw new Error("events behind the cursor were forgotten");
  return page;
}

/** Resumes behind these places. */
export const cursorOf = (places: readonly PlaceOfTopic[]): string =>
  writeCursor(places.map(({ topic, shard, seq }) => ({ topicNumber: topic.topicNumber, shard, seq })));

export const logOf = ({ topic, shard }: PlaceOfTopic): string => logName(topic.topicId, shard);

const isAskedFor = ({ topic: { channels } }: PlaceOfTopic, { channel }: FeedEvent): boolean =>
  channels === null || channels.includes(channel);
