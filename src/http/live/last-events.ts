import type { ListenedTopic, LiveEvent } from "../../domain/live.ts";
import type { TailPage } from "../../domain/tail.ts";
import { logName } from "../../domain/topic.ts";
import { findPlaces, type PlaceOfTopic } from "../../hub/places.ts";
import {
  LAST_EVENTS_BYTES_MAX,
  LAST_EVENTS_MAX,
  LAST_EVENTS_READS_MAX,
  POKE_RETRY_MS_MIN,
  SEARCH_ROWS_MAX,
} from "../../kernel/limits.ts";
import type { TopicLogs } from "../../topic/client.ts";
import { forEachBounded } from "../bounded.ts";

type Deps = { logs: Pick<TopicLogs, "readFeed" | "readTail">; nowMs(): number };

/**
 * The last event of each concrete channel of these topics, as far as it is among the last `SEARCH_ROWS_MAX` of its log, and there are not
 * too many. They are no part of a stream, and have no cursor. A log that does not answer has none.
 */
export async function lastEvents(deps: Deps, topics: ListenedTopic[]): Promise<LiveEvent[]> {
  const reads = { left: LAST_EVENTS_READS_MAX };
  const found: LiveEvent[] = [];
  let bytes = 0;
  await forEachBounded(topics, async (topic) => {
    for (const event of await lastOfTopic(deps, topic, reads)) {
      bytes += event.body.byteLength;
      if (found.length < LAST_EVENTS_MAX && bytes <= LAST_EVENTS_BYTES_MAX) found.push(event);
    }
  });
  return found;
}

/** A channel may be spread over several logs: the event that was accepted last is its last. */
async function lastOfTopic(deps: Deps, topic: ListenedTopic, reads: { left: number }): Promise<LiveEvent[]> {
  const start = { after: null, from: "latest" } as const;
  const ends = await findPlaces({ logs: deps.logs, topics: [topic], start, onGap: "skip", kept: null });
  if (!ends.ok) return [];
  const last = new Map<string, LiveEvent>();
  for (const end of ends.value) {
    for (const event of await lastOfLog(deps, end, reads)) {
      const known = last.get(event.channel);
      if (!known || known.acceptedMs < event.acceptedMs) last.set(event.channel, event);
    }
  }
  return [...last.values()];
}

/** Newest first; a channel may be there again, older. */
async function lastOfLog(
  { logs, nowMs }: Deps,
  { topic, shard, seq }: PlaceOfTopic,
  reads: { left: number },
): Promise<LiveEvent[]> {
  const found: LiveEvent[] = [];
  const floor = seq - SEARCH_ROWS_MAX;
  for (let before = seq + 1; before > floor && reads.left-- > 0; ) {
    const askedMs = nowMs();
    const answer = await logs.readTail(logName(topic.topicId, shard), {
      ...{ subscription: topic.subscriptionId, before, lastOf: "channel", channels: topic.channels },
      eventsMax: LAST_EVENTS_MAX,
    });
    if (!answer.ok || isStale(answer.value, nowMs() - askedMs)) return found;
    const page = answer.value;
    found.push(...page.events.map((event) => toLiveEvent(topic, event)));
    if (page.downTo <= page.firstSeq || hasAll(topic, found)) return found;
    before = page.downTo;
  }
  return found;
}

/** A consent may have been withdrawn since. */
const isStale = ({ validMs }: TailPage, ageMs: number): boolean => ageMs > validMs - POKE_RETRY_MS_MIN;

const hasAll = ({ channels }: ListenedTopic, found: LiveEvent[]): boolean =>
  channels?.every((channel) => found.some((event) => event.channel === channel)) ?? false;

const toLiveEvent = ({ apiId }: ListenedTopic, event: TailPage["events"][number]): LiveEvent => ({
  ...{ cursor: "", apiId, id: event.id, channel: event.channel, partitionKey: event.partitionKey },
  ...{ dataOwnerId: event.dataOwnerId, acceptedMs: event.acceptedMs, body: event.body },
});
