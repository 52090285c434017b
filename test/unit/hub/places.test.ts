import { describe, expect, it } from "vitest";
import type { FeedCall, FeedPage } from "../../../src/domain/feed.ts";
import type { ListenFrom } from "../../../src/domain/live.ts";
import { readLogName } from "../../../src/domain/topic.ts";
import { findPlaces } from "../../../src/hub/places.ts";
import { ok } from "../../../src/kernel/result.ts";

type Kept = Pick<FeedPage, "firstSeq" | "lastSeq" | "successors">;

const topic = { apiId: "api", subscriptionId: "s", topicId: "topic", topicNumber: 1, channels: null };

/** Where a reader begins in a topic whose logs, by shard, have these events and successors. */
async function begin(logs: Kept[], from: ListenFrom): Promise<[number, number][]> {
  const readFeed = async (log: string, { after }: FeedCall) => {
    const kept = logs[readLogName(log).shard] as Kept;
    const upTo = after === "latest" ? kept.lastSeq : after === "earliest" ? kept.firstSeq - 1 : after;
    return ok({ ...kept, events: [], after: upTo, upTo, ended: [], reading: 0, validMs: 0 });
  };
  const found = await findPlaces({
    ...{ logs: { readFeed }, topics: [topic], kept: null, onGap: "refuse", start: { after: null, from } },
  });
  if (!found.ok) throw new Error(found.error.reason);
  return found.value.map(({ shard, seq }) => [shard, seq]);
}

const successors = [{ shard: 1, sealSeq: 20 }];
const second: Kept = { firstSeq: 8, lastSeq: 12, successors: [] };

describe("a reader without a cursor", () => {
  it("begins at the end of each log there is, or at the first event that is kept", async () => {
    expect(await begin([{ firstSeq: 5, lastSeq: 30, successors }, second], "latest")).toEqual([
      [0, 30],
      [1, 12],
    ]);
    expect(await begin([{ firstSeq: 5, lastSeq: 30, successors }, second], "earliest")).toEqual([[0, 4]]);
  });

  it("begins in the shards too where nothing is kept of what comes before them: what they have forgotten is no gap", async () => {
    expect(await begin([{ firstSeq: 21, lastSeq: 30, successors }, second], "earliest")).toEqual([
      [0, 20],
      [1, 7],
    ]);
  });
});
