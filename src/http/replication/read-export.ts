import type { FeedEvent, FeedPage } from "../../domain/feed.ts";
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
  const seats = plan.places.map((place) => ({ ...place }));
  const joined = new Set(seats.map(logOf));
  const endSeqs = new Map(plan.ends.map((place) => [logOf(place), place.seq]));
  for (const ofTopic of Map.groupBy(seats, ({ topic }) => topic.topicId).values()) {
    // Shards join at the list's end while it is walked: so a key's events in its earlier log come first.
    for (const seat of ofTopic) {
      const endSeq = endSeqs.get(logOf(seat)) ?? 0;
      do {
        if (deps.reads.areUsedUp) return yield endLine({ cursor: cursorOf(seats), more: true });
        const page = await readOn(deps, seat, plan);
        let lines = "";
        for (const event of page.events) {
          if (event.seq > endSeq) break;
          seat.seq = event.seq;
          if (isAskedFor(seat, event)) lines += eventLine(event, cursorOf(seats));
        }
        seat.seq = Math.max(seat.seq, Math.min(Math.max(page.upTo, page.firstSeq - 1), endSeq));
        for (const place of successorsOf(seat, page)) {
          if (joined.has(logOf(place)) || !endSeqs.has(logOf(place))) continue;
          joined.add(logOf(place));
          seats.push(place);
          ofTopic.push(place);
        }
        if (lines !== "") yield lines;
      } while (seat.seq < endSeq);
    }
  }
  yield endLine({ cursor: cursorOf(seats), more: false });
}

/** Where the logs begin that have taken keys over, once all that this one had of them has been read. */
const successorsOf = ({ topic, seq }: PlaceOfTopic, { successors }: FeedPage): PlaceOfTopic[] =>
  successors.filter(({ sealSeq }) => seq >= sealSeq).map(({ shard }) => ({ topic, shard, seq: 0 }));

async function readOn({ logs, reads }: Deps, place: PlaceOfTopic, plan: ExportPlan): Promise<FeedPage> {
  const { topic, seq } = place;
  const call = { hub: null, subscriptions: [topic.subscriptionId], after: seq };
  const page = await reads.take(() => logs.readFeed(logOf(place), call));
  if (page.ended.length > 0) throw new Error("the subscription was paused or has ended");
  if (seq < page.firstSeq - 1 && !plan.isFromEarliest) throw new Error("events behind the cursor were forgotten");
  return page;
}

/** Resumes behind these places, in whichever order they were come to. */
export function cursorOf(places: readonly PlaceOfTopic[]): string {
  const written = places.map(({ topic, shard, seq }) => ({ topicNumber: topic.topicNumber, shard, seq }));
  return writeCursor(written.sort((a, b) => a.topicNumber - b.topicNumber || a.shard - b.shard));
}

export const logOf = ({ topic, shard }: PlaceOfTopic): string => logName(topic.topicId, shard);

const isAskedFor = ({ topic: { channels } }: PlaceOfTopic, { channel }: FeedEvent): boolean =>
  channels === null || channels.includes(channel);
