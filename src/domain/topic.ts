import { z } from "zod";
import { hashText } from "../kernel/hash.ts";

/** What a topic's log has to know of its API. It travels with every publish, so a log that missed a change learns it there. */
export const TopicConfig = z.strictObject({
  /** Grows with each change of the API; an older one is ignored. */
  version: z.number().int(),
  access: z.enum(["open", "consent"]),
  /** The publisher's organization: `Source-Owner-Id` of format `fortellis`. */
  organizationId: z.string(),
});
export type TopicConfig = z.infer<typeof TopicConfig>;

/** The Durable Object name of one shard of a topic's log. */
export const logName = (topicId: string, shard: number): string => `${topicId}/${shard}`;

/** The shard that holds a partition key, of 2ⁿ; events without a key may go to any. */
export const shardOf = (partitionKey: string | null, shards: number, random: () => number): number =>
  partitionKey === null ? Math.floor(random() * shards) : hashText(partitionKey) % shards;

/** A channel address as the registry keeps it: no leading slash. */
export const normalizeAddress = (address: string): string => address.replace(/^\/+/, "");

const PARAMETER = /^\{[^{}]+\}$/;

const isParameter = (segment: string): boolean => PARAMETER.test(segment);

/** True where a segment of the address is a `{parameter}`. */
export const isTemplate = (address: string): boolean => address.split("/").some((segment) => segment.includes("{"));

/** Each `{parameter}` stands for exactly one segment of a path that is not empty. */
export function matchesAddress(address: string, path: string): boolean {
  const pattern = address.split("/");
  const segments = path.split("/");
  if (pattern.length !== segments.length) return false;
  return pattern.every((part, i) => {
    const segment = segments[i] ?? "";
    return isParameter(part) ? segment !== "" : part === segment;
  });
}

/** The channel a path publishes to: an exact address wins over a template. */
export function findChannel<C extends { address: string }>(channels: readonly C[], path: string): C | undefined {
  return (
    channels.find((channel) => channel.address === path) ??
    channels.find((channel) => isTemplate(channel.address) && matchesAddress(channel.address, path))
  );
}

/** Two templates overlap when some path matches both. An exact address beside a template is no overlap: it wins. */
export function templatesOverlap(a: string, b: string): boolean {
  if (!isTemplate(a) || !isTemplate(b)) return false;
  const left = a.split("/");
  const right = b.split("/");
  if (left.length !== right.length) return false;
  return left.every((part, i) => {
    const other = right[i] ?? "";
    return isParameter(part) || isParameter(other) || part === other;
  });
}
