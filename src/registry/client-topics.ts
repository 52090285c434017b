import { z } from "zod";
import { ClientKind } from "./clients.ts";
import { nullableRow } from "./rows.ts";

const OwnerRow = z
  .object({ kind: ClientKind, owner_id: z.string() })
  .transform((row) => ({ kind: row.kind, ownerId: row.owner_id }));

/** Whose credentials these are, of an API or of an app; null: they were revoked. */
export async function findClientOwner(
  db: D1Database,
  clientId: string,
): Promise<{ kind: ClientKind; ownerId: string } | null> {
  const row = await db
    .prepare("SELECT kind, coalesce(api_id, app_id) AS owner_id FROM client WHERE id = ? AND revoked_ms IS NULL")
    .bind(clientId)
    .first();
  return nullableRow(OwnerRow, row);
}

/** A topic that an app's credentials may listen to, by its oldest active subscription that has it. */
export type ClientTopic = {
  apiId: string;
  subscriptionId: string;
  topicId: string;
  topicNumber: number;
  /** Of the channel; it may have `{parameters}`. */
  address: string;
  /** So many logs the channel has. */
  shards: number;
};

const ClientTopicRow = z
  .object({
    api_id: z.string(),
    subscription_id: z.string(),
    topic_id: z.string(),
    topic_number: z.number(),
    address: z.string(),
    shards: z.number(),
  })
  .transform(
    (row): ClientTopic => ({
      apiId: row.api_id,
      subscriptionId: row.subscription_id,
      topicId: row.topic_id,
      topicNumber: row.topic_number,
      address: row.address,
      shards: row.shards,
    }),
  );

/**
 * What an app's credentials may listen to now, at most `limit` topics: of these APIs, or of all (null). None where the credentials were
 * revoked, or are not an app's.
 */
export async function listClientTopics(
  db: D1Database,
  clientId: string,
  { apiIds, limit }: { apiIds: string[] | null; limit: number },
): Promise<ClientTopic[]> {
  const { results } = await db
    .prepare(
      // Of the rows of a group, SQLite takes the others' columns from the one that has the minimum.
      `SELECT min(subscription.seq), subscription.api_id, subscription.id AS subscription_id, topic.id AS topic_id,
         topic.number AS topic_number, topic.address, topic.shards
       FROM client
       JOIN subscription ON subscription.app_id = client.app_id AND subscription.status = 'active'
       JOIN subscription_sight ON subscription_sight.subscription_id = subscription.id AND may_see
       JOIN topic ON topic.api_id = subscription.api_id AND topic.retired_ms IS NULL
       WHERE client.id = ?1 AND client.revoked_ms IS NULL
         AND (?2 IS NULL OR subscription.api_id IN (SELECT value FROM json_each(?2)))
         AND (subscription.channels IS NULL
           OR EXISTS (SELECT 1 FROM json_each(subscription.channels) WHERE json_each.value = topic.address))
         AND (client.channels IS NULL
           OR EXISTS (SELECT 1 FROM json_each(client.channels) WHERE json_each.value = topic.address))
       GROUP BY topic.id LIMIT ?3`,
    )
    .bind(clientId, apiIds && JSON.stringify(apiIds), limit)
    .all();
  return results.map((row) => ClientTopicRow.parse(row));
}
