import { z } from "zod";
import { hashText } from "../kernel/hash.ts";
import { RETENTION_DAYS_DEFAULT } from "../kernel/limits.ts";

/** What a topic's log has to know of its API. It travels with every publish, so a log that missed a change learns it there. */
export const TopicConfig = z.object({
  /** Grows with each change of the API; an older one is ignored. */
  version: z.number().int(),
  access: z.enum(["open", "consent"]),
  /** The publisher's organization: `Source-Owner-Id` of format `fortellis`. */
  organizationId: z.string(),
  /** How long events are kept, those that are not delivered yet apart. Callers of an older version do not say. */
  retentionDays: z.number().int().default(RETENTION_DAYS_DEFAULT),
  /** When events that are not delivered are given up; null: never. */
  maxUndeliveredDays: z.number().int().nullable().default(null),
  /**
   * Each event is for the organization that it is about (its data owner) and nobody else: the relay's own notices. A log of an
   * older version, which knows nothing of it, sees an access of `consent`, and lets nothing out.
   */
  isAddressed: z.boolean().default(false),
});
export type TopicConfig = z.infer<typeof TopicConfig>;

/** The Durable Object name of one shard of a topic's log. */
export const logName = (topicId: string, shard: number): string => `${topicId}/${shard}`;

/** The topic of the log with this name. */
export const topicIdOf = (log: string): string => log.slice(0, log.lastIndexOf("/"));

/** The shard that holds a partition key, of 2ⁿ; events without a key may go to any. */
export const shardOf = (partitionKey: string | null, shards: number, random: () => number): number =>
  partitionKey === null ? Math.floor(random() * shards) : hashText(partitionKey) % shards;
