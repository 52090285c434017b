import { nameOfTail } from "../../domain/tail.ts";
import type { PlaceOfTopic } from "../../hub/places.ts";
import { FEED_PAGE_EVENTS_MAX, SNAPSHOT_KEY_BYTES } from "../../kernel/limits.ts";
import { endLine, eventLine } from "../../stream/ndjson/lines.ts";
import type { TopicLogs } from "../../topic/client.ts";
import type { PageReads } from "./page-reads.ts";
import { cursorOf, logOf } from "./read-export.ts";

type Deps = {
  logs: Pick<TopicLogs, "readTail">;
  reads: PageReads;
  /** What the keys of one topic may take. */
  keyBytesMax: number;
};

/**
 * The lines of a snapshot as of these ends: the last event of each key, then the cursor to go on from. Read backwards, from the
 * highest shard down: the newest events of a key are in the log that took it over last.
 */
export async function* readSnapshot(deps: Deps, ends: PlaceOfTopic[]): AsyncGenerator<string> {
  for (const ofTopic of Map.groupBy(ends, ({ topic }) => topic.topicId).values()) {
    const keys = new Keys(deps.keyBytesMax);
    for (const end of ofTopic.toSorted((a, b) => b.shard - a.shard)) yield* readBack(deps, end, keys);
  }
  yield endLine({ cursor: cursorOf(ends) });
}

async function* readBack({ logs, reads }: Deps, end: PlaceOfTopic, keys: Keys): AsyncGenerator<string> {
  const { subscriptionId, channels } = end.topic;
  const call = { subscription: subscriptionId, lastOf: "key" as const, channels, eventsMax: FEED_PAGE_EVENTS_MAX };
  for (let before = end.seq + 1, firstSeq = 1; before > firstSeq; ) {
    const page = await reads.take(() => logs.readTail(logOf(end), { ...call, before }));
    if (page.isEnded) throw new Error("the subscription was paused or has ended");
    const news = page.events.filter((event) => keys.add(nameOfTail(event, "key") ?? ""));
    if (news.length > 0) yield news.map((event) => eventLine(event, null)).join("");
    before = page.downTo;
    firstSeq = page.firstSeq;
  }
}

/** The keys that a snapshot has: as many as there is room for. */
class Keys {
  readonly #names = new Set<string>();
  #bytesLeft: number;

  constructor(bytesMax: number) {
    this.#bytesLeft = bytesMax;
  }

  /** False: it is known. Throws where there is no room. */
  add(name: string): boolean {
    if (this.#names.has(name)) return false;
    this.#bytesLeft -= 2 * name.length + SNAPSHOT_KEY_BYTES;
    if (this.#bytesLeft < 0) throw new Error("there are more keys than a snapshot may have");
    this.#names.add(name);
    return true;
  }
}
