import { z } from "zod";

/** A topic that an app has an active subscription to, as far as it may see it. */
export type SubscribedTopic = {
  apiId: string;
  subscriptionId: string;
  topicId: string;
  topicNumber: number;
  address: string;
};

const Row = z
  .object({
    api_id: z.string(),
    subscription_id: z.string(),
    topic_id: z.string(),
    topic_number: z.number(),
    address: z.string(),
  })
  .transform(
    (row): SubscribedTopic => ({
      apiId: row.api_id,
      subscriptionId: row.subscription_id,
      topicId: row.topic_id,
      topicNumber: row.topic_number,
      address: row.address,
    }),
  );

/** The topics of an app's active subscriptions to one API, those of its oldest subscription first. */
export async function listSubscribedTopics(db: D1Database, appId: string, apiId: string): Promise<SubscribedTopic[]> {
  const { results } = await db
    .prepare(
      `SELECT subscription.api_id, subscription.id AS subscription_id, topic.id AS topic_id, topic.number AS topic_number,
         topic.address
       FROM subscription
       JOIN subscription_sight ON subscription_sight.subscription_id = subscription.id AND may_see
       JOIN topic ON topic.api_id = subscription.api_id AND topic.retired_ms IS NULL
       WHERE subscription.app_id = ? AND subscription.api_id = ? AND subscription.status = 'active'
         AND (subscription.channels IS NULL
           OR EXISTS (SELECT 1 FROM json_each(subscription.channels) WHERE json_each.value = topic.address))
       ORDER BY subscription.seq`,
    )
    .bind(appId, apiId)
    .all();
  return z.array(Row).parse(results);
}
