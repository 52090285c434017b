import { z } from "zod";
import { jsonColumn, nullableRow } from "./rows.ts";

const Message = z.object({
  name: z.string(),
  contentType: z.string().nullable(),
  schema: z.unknown(),
  // Rows of an older version have none.
  examples: z.array(z.unknown()).default([]),
});

const Parameter = z.object({ name: z.string(), schema: z.unknown() });

/** One channel of an API. */
export type Topic = {
  id: string;
  apiId: string;
  /** 30 random bits that stand in the id of each of its events. */
  number: number;
  address: string;
  title: string | null;
  description: string | null;
  messages: z.infer<typeof Message>[];
  /** Of its address; a `schema` that is null says nothing of the values. */
  parameters: z.infer<typeof Parameter>[];
};

const TopicRow = z
  .object({
    id: z.string(),
    number: z.number(),
    api_id: z.string(),
    address: z.string(),
    title: z.string().nullable(),
    description: z.string().nullable(),
    messages: jsonColumn(z.array(Message)),
    parameters: jsonColumn(z.array(Parameter)),
  })
  .transform(
    (row): Topic => ({
      id: row.id,
      number: row.number,
      apiId: row.api_id,
      address: row.address,
      title: row.title,
      description: row.description,
      messages: row.messages,
      parameters: row.parameters,
    }),
  );

/** The channels of an API's current version in the order of their addresses, schemas included. */
export async function listTopics(db: D1Database, apiId: string): Promise<Topic[]> {
  const { results } = await db
    .prepare(
      `SELECT id, number, api_id, address, title, description, messages, parameters FROM topic
       WHERE api_id = ? AND retired_ms IS NULL ORDER BY address`,
    )
    .bind(apiId)
    .all();
  return results.map((row) => TopicRow.parse(row));
}

/** What a channel's events and their paths are checked against. */
export type TopicSchemas = {
  /** Empty where they were not asked for. */
  messages: { name: string; schema: unknown }[];
  parameters: { name: string; schema: unknown }[];
  /** The length of all of it as JSON. */
  chars: number;
};

const TopicSchemasRow = z
  .object({ messages: z.string(), parameters: z.string() })
  .transform((row) => ({ ...row, chars: row.messages.length + row.parameters.length }))
  .pipe(
    z.object({
      messages: jsonColumn(z.array(Message.pick({ name: true, schema: true }))),
      parameters: jsonColumn(z.array(Parameter)),
      chars: z.number(),
    }),
  );

/** The schemas of one channel; null where it is gone. */
export async function loadTopicSchemas(
  db: D1Database,
  topicId: string,
  { withMessages }: { withMessages: boolean },
): Promise<TopicSchemas | null> {
  const row = await db
    .prepare(
      `SELECT CASE WHEN ?2 THEN messages ELSE '[]' END AS messages, parameters FROM topic
       WHERE id = ?1 AND retired_ms IS NULL`,
    )
    .bind(topicId, withMessages ? 1 : 0)
    .first();
  return nullableRow(TopicSchemasRow, row);
}

const AddressRow = z.object({ api_id: z.string(), address: z.string(), title: z.string().nullable() });

/** Of each of these APIs, its channels without their schemas. */
export async function listAddresses(
  db: D1Database,
  apiIds: string[],
): Promise<Map<string, { address: string; title: string | null }[]>> {
  const { results } = await db
    .prepare(
      `SELECT api_id, address, title FROM topic
       WHERE api_id IN (SELECT value FROM json_each(?)) AND retired_ms IS NULL ORDER BY address`,
    )
    .bind(JSON.stringify(apiIds))
    .all();
  const byApi = Map.groupBy(
    results.map((row) => AddressRow.parse(row)),
    (row) => row.api_id,
  );
  return new Map([...byApi].map(([apiId, rows]) => [apiId, rows.map(({ address, title }) => ({ address, title }))]));
}

/** Writes a channel of the current version. One that had its address before, retired or not, keeps its id, its number and its logs. */
export function putTopic(db: D1Database, topic: Topic): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO topic (id, number, api_id, address, title, description, messages, parameters, shards)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, (SELECT shards FROM api WHERE id = ?3))
       ON CONFLICT (api_id, address) DO UPDATE SET title = excluded.title, description = excluded.description,
         messages = excluded.messages, parameters = excluded.parameters, retired_ms = NULL`,
    )
    .bind(
      topic.id,
      topic.number,
      topic.apiId,
      topic.address,
      topic.title,
      topic.description,
      JSON.stringify(topic.messages),
      JSON.stringify(topic.parameters),
    );
}

/** Spreads every channel of an API over so many logs, those that are gone included. */
export const spreadTopics = (db: D1Database, apiId: string, shards: number): D1PreparedStatement =>
  db.prepare("UPDATE topic SET shards = max(shards, ?2) WHERE api_id = ?1").bind(apiId, shards);

/** How many channels an API would have had by then, those that are gone included. */
export async function countTopicsWith(db: D1Database, apiId: string, addresses: string[]): Promise<number> {
  const row = await db
    .prepare(
      `SELECT count(*) AS others FROM topic
       WHERE api_id = ?1 AND address NOT IN (SELECT value FROM json_each(?2))`,
    )
    .bind(apiId, JSON.stringify(addresses))
    .first();
  return z.object({ others: z.number() }).parse(row).others + addresses.length;
}

/** Retires the channels of an API that are not at these addresses. */
export function retireOtherTopics(
  db: D1Database,
  apiId: string,
  addresses: string[],
  nowMs: number,
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE topic SET retired_ms = ?3
       WHERE api_id = ?1 AND retired_ms IS NULL AND address NOT IN (SELECT value FROM json_each(?2))`,
    )
    .bind(apiId, JSON.stringify(addresses), nowMs);
}
