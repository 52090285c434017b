import { z } from "zod";
import { logName } from "../domain/topic.ts";
import { SubscriptionStatus } from "./subscriptions.ts";

/** A channel that an app subscribes to, as a client of the app may consume it. */
export type PulledChannel = {
  appId: string;
  subscriptionId: string;
  status: SubscriptionStatus;
  /** It is delivered to a webhook, and to nobody else. */
  hasEndpoint: boolean;
  /** The client's credentials are not limited to other channels. */
  isAllowed: boolean;
  topicId: string;
  topicNumber: number;
  /** The names of its logs. */
  logs: string[];
};

const PulledChannelRow = z
  .object({
    app_id: z.string(),
    id: z.string(),
    status: SubscriptionStatus,
    has_endpoint: z.number(),
    is_allowed: z.number(),
    topic_id: z.string(),
    topic_number: z.number(),
    shards: z.number(),
  })
  .transform(
    (row): PulledChannel => ({
      appId: row.app_id,
      subscriptionId: row.id,
      status: row.status,
      hasEndpoint: row.has_endpoint === 1,
      isAllowed: row.is_allowed === 1,
      topicId: row.topic_id,
      topicNumber: row.topic_number,
      logs: Array.from({ length: row.shards }, (_, shard) => logName(row.topic_id, shard)),
    }),
  );

const SUBSCRIPTIONS_MAX = 100; // of one app to one channel: the oldest come first

/**
 * An app's subscriptions to the channel of an API that has this address, by one of the app's clients that is not revoked; the oldest
 * first. A channel that is gone still has what it has taken.
 */
export async function listPulledChannels(
  db: D1Database,
  { clientId, apiId, address }: { clientId: string; apiId: string; address: string },
): Promise<PulledChannel[]> {
  const { results } = await db
    .prepare(
      `SELECT subscription.app_id, subscription.id, subscription.status,
         subscription.endpoint IS NOT NULL AS has_endpoint,
         client.channels IS NULL
           OR EXISTS (SELECT 1 FROM json_each(client.channels) WHERE json_each.value = topic.address) AS is_allowed,
         topic.id AS topic_id, topic.number AS topic_number, topic.shards
       FROM client JOIN subscription ON subscription.app_id = client.app_id AND subscription.api_id = ?2
       JOIN subscription_sight ON subscription_sight.subscription_id = subscription.id AND may_see
       JOIN topic ON topic.api_id = subscription.api_id AND topic.address = ?3
       WHERE client.id = ?1 AND client.revoked_ms IS NULL
         AND (subscription.channels IS NULL
           OR EXISTS (SELECT 1 FROM json_each(subscription.channels) WHERE json_each.value = topic.address))
       ORDER BY subscription.seq LIMIT ?4`,
    )
    .bind(clientId, apiId, address, SUBSCRIPTIONS_MAX)
    .all();
  return results.map((row) => PulledChannelRow.parse(row));
}
