import { z } from "zod";

const MINUTES_PER_HOUR = 60;
const LogRow = z.object({ log: z.string() });

/** Logs with an active subscription whose turn it is in this minute of the hour: each one comes up once an hour. */
export async function listLogsOfMinute(db: D1Database, minute: number, limit: number): Promise<string[]> {
  const { results } = await db
    .prepare(
      `SELECT topic_log.log FROM topic JOIN topic_log ON topic_log.topic_id = topic.id
       WHERE topic.number % ?1 = ?2 AND EXISTS (
         SELECT 1 FROM subscription WHERE subscription.api_id = topic.api_id AND subscription.status = 'active')
       LIMIT ?3`,
    )
    .bind(MINUTES_PER_HOUR, minute, limit)
    .all();
  return results.map((row) => LogRow.parse(row).log);
}
