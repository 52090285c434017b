import { describe, expect, it } from "vitest";
import { PageReads } from "../../../../src/http/replication/page-reads.ts";
import { readExport } from "../../../../src/http/replication/read-export.ts";
import { FEED_PAGE_EVENTS_MAX, FEED_PAGE_VALID_MS } from "../../../../src/kernel/limits.ts";
import { LogsOfShards, linesOf } from "../../../support/logs-of-shards.ts";

type Options = { after?: string; readsMax?: number; nowMs?: () => number };

async function begin(logs: LogsOfShards, { after, readsMax = 100, nowMs = () => 0 }: Options = {}) {
  const plan = {
    places: await logs.locate(after ?? null, "earliest"),
    ends: await logs.locate(null, "latest"),
    isFromEarliest: after === undefined,
  };
  return readExport({ logs, reads: new PageReads(nowMs, readsMax) }, plan);
}

const keys = (n: number, key = "k"): string[] => Array.from({ length: n }, () => key);

describe("the lines of an export", () => {
  it("end where the log did when it began", async () => {
    const logs = new LogsOfShards();
    logs.first.appendKeys(keys(3));
    const reader = await begin(logs);
    logs.beforeRead = () => logs.first.appendKeys(keys(1));
    const lines = await linesOf(reader);
    expect(lines.slice(0, -1).map(({ id }) => id)).toEqual(["event-1", "event-2", "event-3"]);
    const rest = await linesOf(await begin(logs, { after: lines.at(-1)?.cursor ?? "" }));
    expect(rest[0]).toMatchObject({ id: "event-4" });
  });

  it("come as they are taken: nothing is read ahead", async () => {
    const logs = new LogsOfShards();
    logs.first.appendKeys(keys(3 * FEED_PAGE_EVENTS_MAX));
    const reader = await begin(logs);
    logs.reads = 0;
    await reader.next();
    expect(logs.reads).toBe(1);
    await reader.next();
    expect(logs.reads).toBe(2);
  });

  it("have those of a shard behind what its keys had in the log before, and where nothing was in that one too", async () => {
    const logs = new LogsOfShards();
    const second = await logs.grow();
    second.appendAll([second.event({ id: "second", partitionKey: "k" })]);
    expect((await linesOf(await begin(logs))).map(({ id }) => id)).toEqual(["second", undefined]);
  });

  it("stop where one answer has read enough, and say that there is more and where", async () => {
    const logs = new LogsOfShards();
    logs.first.appendKeys(keys(2 * FEED_PAGE_EVENTS_MAX + 5));
    const part = await linesOf(await begin(logs, { readsMax: 2 }));
    expect(part).toHaveLength(2 * FEED_PAGE_EVENTS_MAX + 1);
    const { cursor = "", more } = part.at(-1) ?? {};
    expect(more).toBe(true);
    const rest = await linesOf(await begin(logs, { after: cursor }));
    expect(rest).toHaveLength(5 + 1);
    expect(rest.at(-1)?.more).toBe(false);
  });

  it("are read anew where a consent may have been withdrawn since", async () => {
    const logs = new LogsOfShards();
    logs.first.appendKeys(keys(1));
    let nowMs = 0;
    const reader = await begin(logs, { nowMs: () => nowMs });
    let late = 2;
    logs.beforeRead = () => {
      if (late-- > 0) nowMs += FEED_PAGE_VALID_MS;
    };
    logs.reads = 0;
    expect(await linesOf(reader)).toHaveLength(2);
    expect(logs.reads).toBe(3);
  });

  it.each<[string, (logs: LogsOfShards) => void]>([
    ["the log no longer answers", (logs) => logs.fail()],
    ["the subscription is paused", ({ first }) => first.subscribe({ version: 2, active: false })],
    ["no page ever comes in time", (logs) => logs.slowDown()],
  ])("break off where %s", async (_, change) => {
    const logs = new LogsOfShards();
    logs.first.appendKeys(keys(FEED_PAGE_EVENTS_MAX + 1));
    const reader = await begin(logs, { nowMs: () => logs.first.nowMs });
    await reader.next();
    change(logs);
    await expect(reader.next()).rejects.toThrow();
  });

  it("break off where events behind the cursor are forgotten, and not where all that is kept is asked for", async () => {
    const logs = new LogsOfShards();
    logs.first.appendKeys(keys(2));
    const [first] = await linesOf(await begin(logs));
    const resumed = await begin(logs, { after: first?.cursor ?? "" });
    const whole = await begin(logs);
    logs.first.log.events.forgetOldestSegment();
    await expect(linesOf(resumed)).rejects.toThrow("forgotten");
    expect(await linesOf(whole)).toMatchObject([{ more: false }]);
  });
});
