import { findChannel, isTemplate, normalizeAddress } from "../../domain/channel-address.ts";
import type { ListenedTopic } from "../../domain/live.ts";
import { CHANNEL_CHARS_MAX, LISTENED_TOPICS_MAX } from "../../kernel/limits.ts";
import { ok, type Result } from "../../kernel/result.ts";
import { listSubscribedTopics, type SubscribedTopic } from "../../registry/listened-topics.ts";
import { type Problem, refuse } from "../problem.ts";
import type { StreamCaller } from "./stream-caller.ts";

export type StreamWish = {
  apiId: string;
  /** Concrete paths, or addresses as the document has them; none: all that the app has subscribed to. */
  channels: string[];
  /** Which of the app's subscriptions; null: the oldest that has the channel. */
  subscriptionId: string | null;
};

/** The topics that an app may listen to as it wishes. Who has no subscription is not told what there is. */
export async function findListenedTopics(
  db: D1Database,
  { appId, channels: allowed }: StreamCaller,
  { apiId, channels, subscriptionId }: StreamWish,
): Promise<Result<ListenedTopic[], Problem>> {
  const subscribed = (await listSubscribedTopics(db, appId, apiId)).filter(
    (topic) => subscriptionId === null || topic.subscriptionId === subscriptionId,
  );
  if (subscribed.length === 0)
    return refuse("subscription_required", "The app has no active subscription of this API.");
  const chosen = new Map<string, ListenedTopic>();
  const isAllowed = ({ address }: SubscribedTopic): boolean => allowed === null || allowed.includes(address);
  const wishes = channels.length > 0 ? channels : subscribed.filter(isAllowed).map(({ address }) => address);
  for (const wish of wishes) {
    const topic = findTopic(subscribed, wish);
    if (!topic) return refuse("channel_unknown", `The app's subscription has no channel ${JSON.stringify(wish)}.`);
    if (!isAllowed(topic)) return refuse("channel_forbidden", "These credentials are limited to other channels.");
    add(chosen, topic, wish);
  }
  if (chosen.size > LISTENED_TOPICS_MAX) {
    return refuse("bad_request", `One connection listens to ${LISTENED_TOPICS_MAX} channels at most: name some.`);
  }
  return ok([...chosen.values()]);
}

function findTopic(topics: SubscribedTopic[], wish: string): SubscribedTopic | null {
  const channel = normalizeAddress(wish);
  if (channel.length > CHANNEL_CHARS_MAX) return null;
  return topics.find(({ address }) => address === channel) ?? findChannel(topics, channel) ?? null;
}

/** Two paths of one address are one topic; the address itself is all of them. */
function add(
  chosen: Map<string, ListenedTopic>,
  { address, shards: _, ...topic }: SubscribedTopic,
  wish: string,
): void {
  const path = normalizeAddress(wish);
  const known = chosen.get(topic.topicId);
  const isWhole = path === address || !isTemplate(address) || known?.channels === null;
  const channels = isWhole ? null : [...new Set([...(known?.channels ?? []), path])];
  chosen.set(topic.topicId, { ...topic, channels });
}
