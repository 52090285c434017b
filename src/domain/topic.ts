import { z } from "zod";
import { hashText } from "../kernel/hash.ts";

/** What a topic's log has to know of its API. It travels with every publish, so a log that missed a change learns it there. */
export const TopicConfig = z.object({
  /** Grows with each change of the API; an older one is ignored. */
  version: z.number().int(),
  access: z.enum(["open", "consent"]),
  /** The publisher's organization: `Source-Owner-Id` of format `fortellis`. */
  organizationId: z.string(),
  /** How long events are kept, those that are not delivered yet apart; null: a caller of an older version did not say. */
  retentionDays: z.number().int().nullable().default(null),
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

/** Reads what `logName` wrote. */
export function readLogName(name: string): { topicId: string; shard: number } {
  const slash = name.lastIndexOf("/");
  return { topicId: name.slice(0, slash), shard: Number(name.slice(slash + 1)) };
}

/** What of an event says which shard it belongs to: its partition key, or what it has in common with its repeats; null: any will do. */
export const placeKeyOf = (event: {
  partitionKey: string | null;
  idempotency: { key: string } | null;
}): string | null => event.partitionKey ?? event.idempotency?.key ?? null;

/** The shard that holds a place key, of 2ⁿ. */
export const shardOf = (placeKey: string | null, shards: number, random: () => number): number =>
  placeKey === null ? Math.floor(random() * shards) : hashText(placeKey) % shards;

/** Shards only ever double: each but the first takes half of its keys over from one that was there before; null: the first. */
export const predecessorOf = (shard: number): number | null => (shard === 0 ? null : shard - highestBit(shard));

/** Whether a key left the predecessor of a shard (not 0) for it. Shards that came later may have taken it further. */
export const isTakenOver = (placeKey: string, shard: number): boolean =>
  hashText(placeKey) % (2 * highestBit(shard)) === shard;

const highestBit = (n: number): number => 1 << (31 - Math.clz32(n));
