import { z } from "zod";
import { RELAY_ORGANIZATION_ID } from "../domain/notice.ts";
import type { TopicConfig } from "../domain/topic.ts";
import { nullableRow } from "./rows.ts";

/** What of the table `api` a log has to know. */
export const TOPIC_CONFIG_COLUMNS =
  "api.revision, api.access, api.organization_id, api.retention_days, api.max_undelivered_days";

export const topicConfigFields = {
  revision: z.number(),
  access: z.enum(["open", "consent"]),
  organization_id: z.string(),
  retention_days: z.number(),
  max_undelivered_days: z.number().nullable(),
};

const isRelays = (row: { organization_id: string }): boolean => row.organization_id === RELAY_ORGANIZATION_ID;

const TopicConfigRow = z.object(topicConfigFields);

export const toTopicConfig = (row: z.infer<typeof TopicConfigRow>): TopicConfig => ({
  version: row.revision,
  // Whatever its row says: what is addressed to one organization never goes to another.
  access: isRelays(row) ? "consent" : row.access,
  isAddressed: isRelays(row),
  organizationId: row.organization_id,
  retentionDays: row.retention_days,
  maxUndeliveredDays: row.max_undelivered_days,
});

/** What the logs of an API have to know of it now; null: it is deleted. */
export async function loadTopicConfig(db: D1Database, apiId: string): Promise<TopicConfig | null> {
  const row = await db.prepare(`SELECT ${TOPIC_CONFIG_COLUMNS} FROM api WHERE id = ?`).bind(apiId).first();
  return nullableRow(TopicConfigRow.transform(toTopicConfig), row);
}
