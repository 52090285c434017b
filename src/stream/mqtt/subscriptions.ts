import type { ListenedTopic, LiveEvent } from "../../domain/live.ts";
import { MQTT_CHANNELS_CHARS_MAX } from "../../kernel/limits.ts";
import type { Grant } from "./outgoing.ts";
import type { AppTopic, RetainedTopic } from "./ports.ts";
import { channelOf, matchesName, mayMatch, type TopicFilter, topicName } from "./topic-filter.ts";

/** A filter that was granted; `identifier` is MQTT 5's subscription identifier. */
export type GrantedFilter = { filter: TopicFilter; qos: 0 | 1; identifier: number | null };

/** What has to be told to the stream after a change of the filters. */
export type TopicChange = { listen: ListenedTopic[]; leave: string[] };

/** The filters of a session, and the topics that it listens to for them. */
export class Subscriptions {
  readonly #filters = new Map<string, GrantedFilter>();
  /** What the app may have of what the filters name. */
  readonly #known = new Map<string, AppTopic>();
  readonly #listened = new Map<string, ListenedTopic>();

  get filters(): GrantedFilter[] {
    return [...this.#filters.values()];
  }

  /** How many topics the filters name, together with these. */
  countWith(topics: AppTopic[]): number {
    return new Set([...this.#known.keys(), ...topics.map(({ topicId }) => topicId)]).size;
  }

  has(text: string): boolean {
    return this.#filters.has(text);
  }

  /** Sets a filter; one of the same text is replaced [MQTT-3.8.4-3]. */
  set(granted: GrantedFilter): void {
    this.#filters.set(granted.filter.text, granted);
  }

  /** Whether there was such a filter. */
  remove(text: string): boolean {
    return this.#filters.delete(text);
  }

  /** Takes note of topics that the app may have, and a filter names. */
  learn(topics: AppTopic[]): void {
    for (const topic of topics) this.#known.set(topic.topicId, topic);
  }

  /** The topics that a filter may match, for what it matches of them. */
  topicsOf(filter: TopicFilter): RetainedTopic[] {
    const channel = channelOf(filter);
    const channels = channel === null ? null : [channel];
    return [...this.#known.values()]
      .filter((topic) => mayMatch(filter, topic))
      .map((topic) => ({ ...topic, channels }));
  }

  /** How an event is wanted: as the best of the filters that match it says, once however many they are [MQTT-3.3.4-3]; null: not at all. */
  grantFor({ apiId, channel }: LiveEvent): Grant | null {
    const name = topicName(apiId, channel);
    const matching = this.filters.filter(({ filter }) => matchesName(filter, name));
    if (matching.length === 0) return null;
    return {
      qos: matching.some(({ qos }) => qos === 1) ? 1 : 0,
      identifiers: [...new Set(matching.flatMap(({ identifier }) => identifier ?? []))],
    };
  }

  /** Makes what is listened to what the filters want, and says what has changed. */
  update(): TopicChange {
    const change: TopicChange = { listen: [], leave: [] };
    for (const topic of this.#known.values()) {
      const { topicId } = topic;
      const filters = this.filters.filter(({ filter }) => mayMatch(filter, topic));
      if (filters.length === 0) {
        this.#known.delete(topicId);
        if (this.#listened.delete(topicId)) change.leave.push(topicId);
        continue;
      }
      const channels = channelsOf(filters);
      const before = this.#listened.get(topicId);
      if (before && areSame(before.channels, channels)) continue;
      const { apiId, subscriptionId, topicNumber } = topic;
      const listened = { apiId, subscriptionId, topicId, topicNumber, channels };
      this.#listened.set(topicId, listened);
      change.listen.push(listened);
    }
    return change;
  }
}

/** The channels of a topic that filters name; null: all of them, or so many that it is cheaper to pass some over than to name each. */
function channelsOf(filters: GrantedFilter[]): string[] | null {
  const named = filters.map(({ filter }) => channelOf(filter));
  const channels = [...new Set(named.filter((channel) => channel !== null))];
  const isFew = channels.join("").length <= MQTT_CHANNELS_CHARS_MAX;
  return isFew && named.every((channel) => channel !== null) ? channels : null;
}

const areSame = (a: string[] | null, b: string[] | null): boolean => JSON.stringify(a) === JSON.stringify(b);
