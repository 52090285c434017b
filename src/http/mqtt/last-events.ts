import { isTemplate } from "../../domain/channel-address.ts";
import type { FeedEvent } from "../../domain/feed.ts";
import type { LiveEvent } from "../../domain/live.ts";
import { logName } from "../../domain/topic.ts";
import {
  MQTT_RETAINED_BYTES_MAX,
  MQTT_RETAINED_MAX,
  MQTT_RETAINED_READS_MAX,
  MQTT_STALE_MS,
  POKE_RETRY_MS_MIN,
} from "../../kernel/limits.ts";
import type { RetainedTopic } from "../../stream/mqtt/ports.ts";
import type { TopicLogs } from "../../topic/client.ts";

type Deps = { logs: Pick<TopicLogs, "readTail">; nowMs(): number };

/** What one answer may still read. Consents were asked when a page was read: what takes long is not read any more. */
type Budget = { reads: number; untilMs: number };

/**
 * The last event of each concrete channel of these topics: as many as there is room and time for. What a log does not say now is left out:
 * nobody is promised a retained message.
 */
export async function readLastEvents(deps: Deps, topics: RetainedTopic[]): Promise<LiveEvent[]> {
  const budget = { reads: MQTT_RETAINED_READS_MAX, untilMs: deps.nowMs() + MQTT_STALE_MS };
  const found: LiveEvent[] = [];
  let bytes = 0;
  for (const topic of topics) {
    for (const event of await readTopic(deps, topic, budget)) {
      bytes += event.body.length;
      if (found.length === MQTT_RETAINED_MAX || bytes > MQTT_RETAINED_BYTES_MAX) return found;
      found.push({ ...event, cursor: "", apiId: topic.apiId });
    }
  }
  return found;
}

async function readTopic(deps: Deps, topic: RetainedTopic, budget: Budget): Promise<FeedEvent[]> {
  const last = new Map<string, FeedEvent>();
  for (let shard = topic.shards - 1; shard >= 0; shard--) {
    for (const event of await readLog(deps, topic, logName(topic.topicId, shard), budget)) {
      // An event's id begins with when it was accepted.
      if (event.id > (last.get(event.channel)?.id ?? "")) last.set(event.channel, event);
    }
  }
  return [...last.values()];
}

async function readLog(deps: Deps, topic: RetainedTopic, log: string, budget: Budget): Promise<FeedEvent[]> {
  const { subscriptionId: subscription, channels } = topic;
  const eventsMax = isTemplate(topic.address) ? (channels?.length ?? MQTT_RETAINED_MAX) : 1;
  const events: FeedEvent[] = [];
  let before: number | null = null;
  while (events.length < eventsMax && budget.reads-- > 0 && deps.nowMs() < budget.untilMs) {
    const askedMs = deps.nowMs();
    const answer = await deps.logs.readTail(log, { subscription, before, lastOf: "channel", channels, eventsMax });
    if (!answer.ok || deps.nowMs() - askedMs > answer.value.validMs - POKE_RETRY_MS_MIN) break;
    const page = answer.value;
    events.push(...page.events);
    if (page.downTo <= page.firstSeq) break;
    before = page.downTo;
  }
  return events;
}
