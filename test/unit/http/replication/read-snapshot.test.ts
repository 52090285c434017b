import { describe, expect, it } from "vitest";
import { isTakenOver } from "../../../../src/domain/topic.ts";
import { PageReads } from "../../../../src/http/replication/page-reads.ts";
import { readSnapshot } from "../../../../src/http/replication/read-snapshot.ts";
import { SCAN_ROWS_MAX } from "../../../../src/kernel/limits.ts";
import { LogsOfShards, linesOf } from "../../../support/logs-of-shards.ts";

const begin = async (logs: LogsOfShards, { readsMax = 100, keyBytesMax = 100_000 } = {}) =>
  readSnapshot({ logs, reads: new PageReads(() => 0, readsMax), keyBytesMax }, await logs.locate(null, "latest"));

describe("the lines of a snapshot", () => {
  it("are the last event of each key and then the cursor, however far back it stands", async () => {
    const logs = new LogsOfShards();
    logs.first.appendKeys(["rare", ...Array.from({ length: SCAN_ROWS_MAX + 10 }, (_, i) => `k${i % 5}`)]);
    const lines = await linesOf(await begin(logs));
    expect(
      lines
        .slice(0, -1)
        .map(({ partitionKey }) => partitionKey)
        .sort(),
    ).toEqual(["k0", "k1", "k2", "k3", "k4", "rare"]);
    expect(lines.at(-1)).toEqual({ cursor: expect.any(String) });
  });

  it("are as the logs were when it began", async () => {
    const logs = new LogsOfShards();
    logs.first.appendKeys(["a", "b"]);
    const reader = await begin(logs);
    logs.beforeRead = () => logs.first.appendKeys(["a"]);
    expect((await linesOf(reader)).map(({ id }) => id)).toEqual(["event-2", "event-1", undefined]);
  });

  it("have a key that has moved to another shard once, with its event there", async () => {
    const moved = ["a", "b", "c", "d"].find((key) => isTakenOver(key, 1)) ?? "";
    const logs = new LogsOfShards();
    logs.first.appendAll([logs.first.event({ id: "before", partitionKey: moved })]);
    const second = await logs.grow();
    second.appendAll([second.event({ id: "after", partitionKey: moved })]);
    expect((await linesOf(await begin(logs))).map(({ id }) => id)).toEqual(["after", undefined]);
  });

  it("break off where there are more keys than there is room for, or more events than one answer may read", async () => {
    const logs = new LogsOfShards();
    logs.first.appendKeys(Array.from({ length: 1_000 }, (_, i) => `key ${i}`));
    expect(await linesOf(await begin(logs, { keyBytesMax: 200_000 }))).toHaveLength(1_001);
    await expect(linesOf(await begin(logs, { keyBytesMax: 20_000 }))).rejects.toThrow("more keys");
    await expect(linesOf(await begin(logs, { readsMax: 3 }))).rejects.toThrow("more to read");
  });

  it("break off where the subscription is paused meanwhile", async () => {
    const logs = new LogsOfShards();
    logs.first.appendKeys(["a"]);
    const reader = await begin(logs);
    logs.first.subscribe({ version: 2, active: false });
    await expect(linesOf(reader)).rejects.toThrow("paused");
  });
});
