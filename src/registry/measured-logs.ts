import { z } from "zod";

/** A log, and what it is a log of. */
export type MeasurableLog = { log: string; apiId: string; apiTitle: string; publisherName: string; address: string };

/** One of the parts that all logs are shared out among: `part` of `parts`, from 0 on. All logs of a topic are in one. */
export type LogPart = { part: number; parts: number };

const LogRow = z.object({
  log: z.string(),
  api_id: z.string(),
  api_title: z.string(),
  publisher_name: z.string(),
  address: z.string(),
});
const CountRow = z.object({ n: z.number() });

const LOGS = "topic_log JOIN topic ON topic.id = topic_log.topic_id";
const IS_IN_PART = "topic.number % ?1 = ?2";

/** The first logs of a part, those of retired channels too, and how many it has in all. The same ones each time, while none is added. */
export async function listMeasurableLogs(
  db: D1Database,
  { part, parts }: LogPart,
  limit: number,
): Promise<{ logs: MeasurableLog[]; all: number }> {
  const [rows, counts] = await db.batch([
    db
      .prepare(
        `SELECT topic_log.log, topic_log.api_id, topic_log.address, api.title AS api_title,
           organization.name AS publisher_name
         FROM ${LOGS} JOIN api ON api.id = topic_log.api_id JOIN organization ON organization.id = api.organization_id
         WHERE ${IS_IN_PART} ORDER BY topic.number, topic_log.log LIMIT ?3`,
      )
      .bind(parts, part, limit),
    db.prepare(`SELECT count(*) AS n FROM ${LOGS} WHERE ${IS_IN_PART}`).bind(parts, part),
  ]);
  const logs = (rows?.results ?? []).map((row) => {
    const { log, api_id: apiId, api_title: apiTitle, publisher_name: publisherName, address } = LogRow.parse(row);
    return { log, apiId, apiTitle, publisherName, address };
  });
  return { logs, all: CountRow.parse(counts?.results[0]).n };
}

/** How many changes wait in the outbox for a log that has not taken them; at most `limit`. */
export async function countPushes(db: D1Database, limit: number): Promise<number> {
  const row = await db.prepare("SELECT count(*) AS n FROM (SELECT 1 FROM push LIMIT ?)").bind(limit).first();
  return CountRow.parse(row).n;
}
