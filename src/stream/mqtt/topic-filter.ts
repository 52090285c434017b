import { matchesAddress } from "../../domain/channel-address.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import type { Reason } from "./reason-codes.ts";

/** `{apiId}/{channel…}` with `+` for one level and `#` for all that follow, read into its levels. */
export type TopicFilter = { text: string; levels: string[] };

/** The name of an event's topic. A channel may hold characters that a name may not [MQTT-3.3.2-2, 1.5.4-2]: they are percent-encoded. */
export const topicName = (apiId: string, channel: string): string =>
  `${apiId}/${channel.replace(/[+#\0]/g, (character) => encodeURIComponent(character))}`;

/** Reads `topicName`'s form: null where there is no channel, or a wildcard [MQTT-3.3.2-2]. */
export function readTopicName(name: string): { apiId: string; channel: string } | null {
  const slash = name.indexOf("/");
  if (slash <= 0 || slash === name.length - 1 || /[+#]/.test(name)) return null;
  return { apiId: name.slice(0, slash), channel: name.slice(slash + 1) };
}

/** Whether `#` and `+` stand alone in their levels, `#` in the last one [MQTT-4.7.1-1, 4.7.1-2]. */
export function readTopicFilter(text: string, charsMax: number): Result<TopicFilter, Reason> {
  if (text.startsWith("$share/")) return err("sharedSubscriptionsUnsupported");
  const levels = text.split("/");
  const isValid =
    text !== "" &&
    text.length <= charsMax &&
    levels.every((level, i) => {
      if (level === "#") return i === levels.length - 1;
      return level === "+" || !/[+#]/.test(level);
    });
  return isValid ? ok({ text, levels }) : err("topicFilterInvalid");
}

/** The channel that a filter names alone; null: it may match several. */
export const channelOf = ({ text, levels }: TopicFilter): string | null =>
  levels.some(isWildcard) || text.includes("%") ? null : text.slice(text.indexOf("/") + 1);

const isWildcard = (level: string | undefined): boolean => level === "+" || level === "#";

/** The API that a filter names; null: a wildcard stands there. */
export const apiIdOf = ({ levels }: TopicFilter): string | null => (isWildcard(levels[0]) ? null : (levels[0] ?? null));

/** Whether a filter matches the name of an event's topic. */
export const matchesName = (filter: TopicFilter, name: string): boolean =>
  matchesLevels(filter, name.split("/"), (wanted, level) => wanted === level);

/**
 * Whether a filter may match some path of an address with `{parameters}`. An address in which one parameter stands twice has fewer paths
 * than this sees; their names are compared again when an event comes.
 */
export const mayMatch = (filter: TopicFilter, topic: { apiId: string; address: string }): boolean =>
  matchesLevels(filter, topicName(topic.apiId, topic.address).split("/"), (wanted, level) =>
    matchesAddress(level, wanted),
  );

function matchesLevels(
  { levels: filter }: TopicFilter,
  name: string[],
  matchesLevel: (wanted: string, level: string) => boolean,
): boolean {
  // [MQTT-4.7.2-1]: names that begin with a dollar are the server's own.
  if (isWildcard(filter[0]) && name[0]?.startsWith("$")) return false;
  for (const [i, wanted] of filter.entries()) {
    if (wanted === "#") return true;
    const level = name[i];
    if (level === undefined) return false;
    if (wanted !== "+" && !matchesLevel(wanted, level)) return false;
  }
  return filter.length === name.length;
}
