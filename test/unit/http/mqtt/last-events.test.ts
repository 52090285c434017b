import { describe, expect, it } from "vitest";
import { readLastEvents } from "../../../../src/http/mqtt/last-events.ts";
import {
  EVENT_BODY_BYTES_MAX,
  MQTT_RETAINED_BYTES_MAX,
  MQTT_RETAINED_MAX,
  MQTT_RETAINED_READS_MAX,
  SCAN_ROWS_MAX,
} from "../../../../src/kernel/limits.ts";
import type { RetainedTopic } from "../../../../src/stream/mqtt/ports.ts";
import { LogsOfShards, TOPIC } from "../../../support/logs-of-shards.ts";

const read = (logs: LogsOfShards, topic: Partial<RetainedTopic> = {}) => {
  const asked = { ...TOPIC, address: "lots/{lot}", shards: logs.shards.length, ...topic };
  return readLastEvents({ logs, nowMs: () => logs.first.nowMs }, [asked]);
};

const idsOf = async (logs: LogsOfShards, topic: Partial<RetainedTopic> = {}): Promise<string[]> =>
  (await read(logs, topic)).map(({ id }) => id);

describe("the last events of a topic", () => {
  it("are those of each concrete channel that was accepted last, in whichever shard", async () => {
    const logs = new LogsOfShards();
    for (const channel of ["lots/a", "lots/b", "lots/a"]) logs.first.append({ channel });
    const second = await logs.grow();
    second.append({ id: "event-9", channel: "lots/b", partitionKey: "k" });
    expect((await idsOf(logs)).sort()).toEqual(["event-3", "event-9"]);
    expect(await read(logs, { channels: ["lots/a"] })).toMatchObject([{ id: "event-3", cursor: "", apiId: "api" }]);
  });

  it("are one page's work where the topic is one channel, and bounded where nothing is found", async () => {
    const logs = new LogsOfShards();
    logs.first.append({ channel: "lots/old" });
    logs.first.appendKeys(Array.from({ length: SCAN_ROWS_MAX * 2 }, () => null));
    await read(logs, { address: "orders/created" });
    expect(logs.reads).toBe(1);
    logs.reads = 0;
    await read(logs, { channels: ["lots/never"] });
    expect(logs.reads).toBe(3);
    expect(logs.reads).toBeLessThan(MQTT_RETAINED_READS_MAX);
  });

  it("are not too many, and not too large", async () => {
    const many = new LogsOfShards();
    for (let n = 0; n < MQTT_RETAINED_MAX + 10; n++) many.first.append({ channel: `lots/${n}` });
    expect(await read(many)).toHaveLength(MQTT_RETAINED_MAX);
    const large = new LogsOfShards();
    const body = new Uint8Array(EVENT_BODY_BYTES_MAX);
    for (let n = 0; n < 10; n++) large.first.append({ channel: `lots/${n}`, body });
    expect(await read(large)).toHaveLength(MQTT_RETAINED_BYTES_MAX / EVENT_BODY_BYTES_MAX);
  });

  it.each<[string, (logs: LogsOfShards) => void]>([
    ["the log does not answer", (logs) => logs.fail()],
    ["a consent may have been withdrawn while they were on their way", (logs) => logs.slowDown()],
  ])("are none where %s", async (_, change) => {
    const logs = new LogsOfShards();
    logs.first.append({ channel: "lots/a" });
    change(logs);
    expect(await read(logs)).toEqual([]);
  });
});
