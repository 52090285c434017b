import { z } from "zod";
import type { TopicConfig } from "../domain/topic.ts";
import { jsonColumn, nullableRow } from "./rows.ts";
import { TOPIC_CONFIG_COLUMNS, topicConfigFields, toTopicConfig } from "./topic-config.ts";

/** Everything a publish has to know of its publisher. Isolates cache it. */
export type Publisher = {
  clientId: string;
  apiId: string;
  validation: "off" | "warn" | "enforce";
  /** What the logs have to know of the API. */
  topicConfig: TopicConfig;
  /** The channels these credentials are limited to; null: all of the API's. */
  allowedChannels: string[] | null;
  topics: z.infer<typeof PublishedTopic>[];
};

/** A channel without its schemas: a publisher may have 200 of them, of a megabyte each. */
const PublishedTopic = z.object({
  id: z.string(),
  number: z.number(),
  address: z.string(),
  shards: z.number(),
  /** Whether a schema is declared for the values of a parameter of its address; SQLite says 1 or 0. */
  hasParameterSchemas: z.number().transform((flag) => flag !== 0),
});

const PublisherRow = z
  .object({
    id: z.string(),
    api_id: z.string(),
    ...topicConfigFields,
    validation: z.enum(["off", "warn", "enforce"]),
    channels: jsonColumn(z.array(z.string())).nullable(),
    topics: jsonColumn(z.array(PublishedTopic)),
  })
  .transform(
    (row): Publisher => ({
      clientId: row.id,
      apiId: row.api_id,
      validation: row.validation,
      topicConfig: toTopicConfig(row),
      allowedChannels: row.channels,
      topics: row.topics,
    }),
  );

/** The publisher behind an OAuth client in one query; null where the client is unknown, revoked or an app's. */
export async function loadPublisher(db: D1Database, clientId: string): Promise<Publisher | null> {
  const row = await db
    .prepare(
      `SELECT client.id, client.api_id, client.channels, api.validation, ${TOPIC_CONFIG_COLUMNS},
         (SELECT json_group_array(json_object('id', topic.id, 'number', topic.number, 'address', topic.address,
             'shards', topic.shards, 'hasParameterSchemas', EXISTS (SELECT 1 FROM json_each(topic.parameters)
               WHERE json_extract(json_each.value, '$.schema') IS NOT NULL)))
          FROM topic WHERE topic.api_id = api.id AND topic.retired_ms IS NULL) AS topics
       FROM client JOIN api ON api.id = client.api_id
       WHERE client.id = ? AND client.kind = 'publisher' AND client.revoked_ms IS NULL`,
    )
    .bind(clientId)
    .first();
  return nullableRow(PublisherRow, row);
}
