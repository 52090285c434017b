import type { LogHint } from "../../src/kernel/ids.ts";

const SHARD_BITS = 26n;
const TOPIC_BITS = 32n;

/** The nth event's id: as `newEventId` makes them, so that it says when it was made and which log has it, but without chance. */
export function eventId(nowMs: number, { topicNumber, shard }: LogHint, n: number): string {
  const time = nowMs.toString(16).padStart(12, "0");
  const place = (0b10n << 62n) | (BigInt(topicNumber) << TOPIC_BITS) | (BigInt(shard) << SHARD_BITS) | BigInt(n);
  const tail = place.toString(16).padStart(16, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-${tail.slice(0, 4)}-${tail.slice(4)}`;
}
