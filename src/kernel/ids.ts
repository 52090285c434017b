import { toBase64Url } from "./encoding.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const isUuid = (text: string): boolean => UUID.test(text);

export const newId = (): string => crypto.randomUUID();

/** 256 random bits as base64url behind a prefix that tells what the token is for: `rk_…`. */
export function newToken(prefix: string): string {
  return prefix + toBase64Url(crypto.getRandomValues(new Uint8Array(32)));
}

/** Which log holds an event: 30 bits that name the topic, 6 that name its shard. */
export type LogHint = { topicNumber: number; shard: number };

export const TOPIC_NUMBER_BITS = 30;
const SHARD_BITS = 6;

/** A random topic number; the registry keeps it unique. Random, so that an event id does not tell how many topics there are. */
export function newTopicNumber(): number {
  const [word = 0] = crypto.getRandomValues(new Uint32Array(1));
  return word >>> (32 - TOPIC_NUMBER_BITS);
}

/**
 * A UUID version 7 (RFC 9562 §5.7) whose first 36 bits of `rand_b` say which log holds the event, so that an event is found
 * by its id without a search. 38 random bits a millisecond and topic remain.
 */
export function newEventId(nowMs: number, hint: LogHint): string {
  const random = crypto.getRandomValues(new Uint32Array(2));
  const randA = (random[0] ?? 0) & 0xfff;
  const randB = (BigInt(hint.topicNumber) << 32n) | (BigInt(hint.shard) << 26n) | BigInt((random[1] ?? 0) & 0x3ffffff);
  const time = nowMs.toString(16).padStart(12, "0");
  const tail = ((0b10n << 62n) | randB).toString(16).padStart(16, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randA.toString(16).padStart(3, "0")}-${tail.slice(0, 4)}-${tail.slice(4)}`;
}

/** Reads what `newEventId` wrote: the minting time and the log. Any UUID gives an answer; only the log knows whether it holds the event. */
export function readEventId(eventId: string): { mintedMs: number; hint: LogHint } {
  const hex = eventId.replaceAll("-", "");
  const tail = BigInt(`0x${hex.slice(16)}`) & ((1n << 62n) - 1n);
  return {
    mintedMs: Number.parseInt(hex.slice(0, 12), 16),
    hint: { topicNumber: Number(tail >> 32n), shard: Number((tail >> 26n) & BigInt((1 << SHARD_BITS) - 1)) },
  };
}
