import { z } from "zod";
import { jsonColumn } from "./rows.ts";

const Message = z.object({ name: z.string(), contentType: z.string().nullable(), schema: z.unknown() });

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
  shards: number;
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
    shards: z.number(),
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
      shards: row.shards,
    }),
  );

/** The channels of an API in the order of their addresses, schemas included. */
export async function listTopics(db: D1Database, apiId: string): Promise<Topic[]> {
  const { results } = await db
    .prepare(
      `SELECT id, number, api_id, address, title, description, messages, shards FROM topic
       WHERE api_id = ? ORDER BY address`,
    )
    .bind(apiId)
    .all();
  return results.map((row) => TopicRow.parse(row));
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
       WHERE api_id IN (SELECT value FROM json_each(?)) ORDER BY address`,
    )
    .bind(JSON.stringify(apiIds))
    .all();
  const byApi = Map.groupBy(
    results.map((row) => AddressRow.parse(row)),
    (row) => row.api_id,
  );
  return new Map([...byApi].map(([apiId, rows]) => [apiId, rows.map(({ address, title }) => ({ address, title }))]));
}

export function insertTopic(db: D1Database, topic: Topic): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO topic (id, number, api_id, address, title, description, messages, shards)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .bind(
      topic.id,
      topic.number,
      topic.apiId,
      topic.address,
      topic.title,
      topic.description,
      JSON.stringify(topic.messages),
      topic.shards,
    );
}
