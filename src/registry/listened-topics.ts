import { z } from "zod";

/** A topic of an active subscription, as far as the subscriber may see it. */
export type SubscribedTopic = {
  apiId: string;
  subscriptionId: string;
  topicId: string;
  topicNumber: number;
  /** Of the channel; it may have `{parameters}`. */
  address: string;
  /** So many logs the channel has. */
  shards: number;
};

const SubscribedTopicRow = z
  .object({
    api_id: z.string(),
    subscription_id: z.string(),
    topic_id: z.string(),
    topic_number: z.number(),
    address: z.string(),
    shards: z.number(),
  })
  .transform(
    (row): SubscribedTopic => ({
      apiId: row.api_id,
      subscriptionId: row.subscription_id,
      topicId: row.topic_id,
      topicNumber: row.topic_number,
      address: row.address,
      shards: row.shards,
    }),
  );

const COLUMNS = `subscription.api_id, subscription.id AS subscription_id, topic.id AS topic_id, topic.number AS topic_number,
  topic.address, topic.shards`;

const TOPICS = `JOIN subscription_sight ON subscription_sight.subscription_id = subscription.id AND may_see
  JOIN topic ON topic.api_id = subscription.api_id AND topic.retired_ms IS NULL
    AND (subscription.channels IS NULL
      OR EXISTS (SELECT 1 FROM json_each(subscription.channels) WHERE json_each.value = topic.address))`;

const TOPICS_MAX = 2_000; // an API has 200 channels, and hardly an app subscribes to one ten times

/** The topics of an app's active subscriptions to one API, those of its oldest subscription first. */
export async function listSubscribedTopics(db: D1Database, appId: string, apiId: string): Promise<SubscribedTopic[]> {
  const { results } = await db
    .prepare(
      `SELECT ${COLUMNS} FROM subscription ${TOPICS}
       WHERE subscription.app_id = ? AND subscription.api_id = ? AND subscription.status = 'active'
       ORDER BY subscription.seq LIMIT ?`,
    )
    .bind(appId, apiId, TOPICS_MAX)
    .all();
  return z.array(SubscribedTopicRow).parse(results);
}

/**
 * What an app's credentials may listen to now, each topic by the app's oldest active subscription that has it, at most `limit`: of these
 * APIs, or of all (null). None where the credentials were revoked, or are not an app's.
 */
export async function listClientTopics(
  db: D1Database,
  clientId: string,
  { apiIds, limit }: { apiIds: string[] | null; limit: number },
): Promise<SubscribedTopic[]> {
  const { results } = await db
    .prepare(
      // Of the rows of a group, SQLite takes the others' columns from the one that has the minimum.
      `SELECT min(subscription.seq), ${COLUMNS} FROM client
       JOIN subscription ON subscription.app_id = client.app_id AND subscription.status = 'active' ${TOPICS}
       WHERE client.id = ?1 AND client.revoked_ms IS NULL
         AND (?2 IS NULL OR subscription.api_id IN (SELECT value FROM json_each(?2)))
         AND (client.channels IS NULL
           OR EXISTS (SELECT 1 FROM json_each(client.channels) WHERE json_each.value = topic.address))
       GROUP BY topic.id LIMIT ?3`,
    )
    .bind(clientId, apiIds && JSON.stringify(apiIds), limit)
    .all();
  return z.array(SubscribedTopicRow).parse(results);
}
