import { z } from "zod";
import { jsonColumn } from "./rows.ts";
import { SubscriptionStatus } from "./subscriptions.ts";

/** A channel that an app subscribes to, as a client of the app may consume it. */
export type PulledChannel = {
  subscriptionId: string;
  status: SubscriptionStatus;
  /** It is delivered to a webhook, and to nobody else. */
  hasEndpoint: boolean;
  /** The client's credentials are not limited to other channels. */
  isAllowed: boolean;
  /** The names of its logs. */
  logs: string[];
};

const PulledChannelRow = z
  .object({
    id: z.string(),
    status: SubscriptionStatus,
    has_endpoint: z.number(),
    is_allowed: z.number(),
    logs: jsonColumn(z.array(z.string())),
  })
  .transform(
    (row): PulledChannel => ({
      subscriptionId: row.id,
      status: row.status,
      hasEndpoint: row.has_endpoint === 1,
      isAllowed: row.is_allowed === 1,
      logs: row.logs,
    }),
  );

const SUBSCRIPTIONS_MAX = 100; // of one app to one channel: the oldest come first

/** An app's subscriptions to the channel of an API that has this address, by one of the app's clients that is not revoked; the oldest first. */
export async function listPulledChannels(
  db: D1Database,
  { clientId, apiId, address }: { clientId: string; apiId: string; address: string },
): Promise<PulledChannel[]> {
  const { results } = await db
    .prepare(
      `SELECT subscription.id, subscription.status, subscription.endpoint IS NOT NULL AS has_endpoint,
         client.channels IS NULL
           OR EXISTS (SELECT 1 FROM json_each(client.channels) WHERE json_each.value = ?3) AS is_allowed,
         json_group_array(subscription_log.log) AS logs
       FROM client JOIN subscription ON subscription.app_id = client.app_id
       JOIN subscription_sight ON subscription_sight.subscription_id = subscription.id
       JOIN subscription_log ON subscription_log.subscription_id = subscription.id
       WHERE client.id = ?1 AND client.revoked_ms IS NULL AND subscription.api_id = ?2
         AND subscription_log.address = ?3 AND subscription_sight.may_see
       GROUP BY subscription.id ORDER BY subscription.seq LIMIT ?4`,
    )
    .bind(clientId, apiId, address, SUBSCRIPTIONS_MAX)
    .all();
  return results.map((row) => PulledChannelRow.parse(row));
}
