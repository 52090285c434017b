import { describe, expect, it } from "vitest";
import { findWorries, type RelayHealth, readHealth } from "../../../src/console/pages/operator/health-figures.ts";
import { joinMetrics, readMetrics } from "../../../src/console/pages/operator/metrics-text.ts";
import { type Family, writeFamilies } from "../../../src/http/metrics/prometheus.ts";

const family = (name: string, samples: Family["samples"]): Family => ({
  ...{ name: `event_relay_${name}`, type: "gauge", help: "a help \\ with\nlines", samples },
});

const gauge = (name: string, value: number): Family => family(name, [{ labels: {}, value }]);

const HOSTILE = 'a "name" \\ with {braces}, commas="1"\nand lines # 7';

describe("the relay's metrics", () => {
  it("are read as they were written, whatever channels are called", () => {
    const labels = { api: "x", channel: HOSTILE, shard: "0" };
    const text = writeFamilies([
      family("last_sequence", [{ labels, value: 7 }]),
      gauge("logs", Number.POSITIVE_INFINITY),
    ]);
    const metrics = readMetrics(text);
    expect(metrics.get("event_relay_last_sequence")).toEqual([{ labels, value: 7 }]);
    expect(metrics.get("event_relay_logs")).toEqual([{ labels: {}, value: Number.POSITIVE_INFINITY }]);
  });

  it.each(["", "\n\n", "# HELP nothing", "<html>not metrics</html>", '{"a":1}', "name{ 1", "name"])(
    "are none in %j",
    (text) => {
      expect(readMetrics(text).size).toBe(0);
    },
  );

  it("are read in linear time", () => {
    const startedMs = performance.now();
    readMetrics(`m{${'a="\\\\'.repeat(50_000)} 1\n${"x".repeat(200_000)}`);
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });
});

const shards = (name: string, values: number[], more: Record<string, string> = {}): Family =>
  family(
    name,
    values.map((value, n) => ({ labels: { api: "x", channel: "orders", shard: String(n), ...more }, value })),
  );

describe("the relay's health", () => {
  it("sums a channel over its logs, and takes the worst of what is no sum", () => {
    const text = writeFamilies([
      shards("last_sequence", [10, 5]),
      shards("attempts_total", [3, 4], { result: "delivered" }),
      shards("dead_events", [1, 2]),
      // What an object has given up since it started says nothing of what can still be brought back.
      shards("dead_deliveries_total", [0, 9]),
      shards("open_circuits", [1, 2]),
      shards("oldest_waiting_seconds", [60, 30]),
    ]);
    const { channels } = readHealth(readMetrics(text));
    expect(channels).toMatchObject([
      {
        apiId: "x",
        channel: "orders",
        events: 15,
        delivered: 7,
        failed: 0,
        dead: 3,
        failing: 2,
        oldestWaitingSeconds: 60,
      },
    ]);
  });

  it("names a channel's API as the relay does, whatever that is called", () => {
    const info = family("api_info", [{ labels: { api: "x", title: HOSTILE, publisher: "Main Street" }, value: 1 }]);
    const nameIn = (families: Family[]) => readHealth(readMetrics(writeFamilies(families))).channels[0]?.apiName;
    expect(nameIn([shards("last_sequence", [1]), info])).toBe(`${HOSTILE} of Main Street`);
    expect(nameIn([shards("last_sequence", [1])])).toBeNull();
  });

  it("puts parts together, and counts once what each of them says", () => {
    const part = () =>
      readMetrics(writeFamilies([gauge("logs", 2), gauge("logs_asked", 2), gauge("pushes_waiting", 3)]));
    expect(readHealth(joinMetrics([part(), part()]))).toMatchObject({ logs: 4, asked: 4, pushesWaiting: 3 });
  });

  it("lists first the channels that need somebody", () => {
    const of = (channel: string, value: number) => ({ labels: { api: "x", channel, shard: "0" }, value });
    const text = writeFamilies([
      family("last_sequence", [of("busy", 1_000), of("late", 1), of("failing", 1)]),
      family("oldest_waiting_seconds", [of("late", 90)]),
      family("open_circuits", [of("failing", 1)]),
    ]);
    const names = readHealth(readMetrics(text)).channels.map(({ channel }) => channel);
    expect(names).toEqual(["failing", "late", "busy"]);
  });
});

const WELL: RelayHealth = { logs: 1, asked: 1, silent: 0, pushesWaiting: 0, channels: [] };
const CHANNEL: RelayHealth["channels"][number] = {
  ...{
    apiId: "x",
    apiName: null,
    channel: "orders",
    events: 1,
    delivered: 1,
    failed: 0,
    dead: 0,
    failing: 0,
    retrying: 0,
  },
  ...{ oldestWaitingSeconds: 0, storageBytes: 1, alarmFailures: 0 },
};

describe("what is worth an alert", () => {
  it("is nothing while all is well", () => {
    expect(findWorries({ ...WELL, channels: [CHANNEL] })).toEqual([]);
  });

  it.each<[string, Partial<RelayHealth>, RegExp]>([
    ["a log that does not answer", { silent: 1 }, /^1 log did not answer/],
    ["logs that were not asked", { logs: 300, asked: 200 }, /200 of 300/],
    ["changes that logs have not taken", { pushesWaiting: 2 }, /^2 changes/],
    ["endpoints that fail", { channels: [{ ...CHANNEL, failing: 2 }] }, /^2 endpoints/],
    [
      "an event that waits for long",
      { channels: [{ ...CHANNEL, oldestWaitingSeconds: 901 }] },
      /1 channel .*15 minutes/,
    ],
    ["an event that was given up", { channels: [{ ...CHANNEL, dead: 1 }] }, /^1 event given up/],
    ["a log that is nearly full", { channels: [{ ...CHANNEL, storageBytes: 7.1e9 }] }, /^1 channel .*full/],
    ["an alarm that has failed", { channels: [{ ...CHANNEL, alarmFailures: 1 }] }, /1 time\b/],
  ])("is %s", (_, health, words) => {
    const worries = findWorries({ ...WELL, ...health });
    expect(worries).toHaveLength(1);
    expect(worries[0]).toMatch(words);
  });
});
