import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import type { LogMetrics } from "../../../src/domain/log-metrics.ts";
import { METRICS_LOGS_MAX } from "../../../src/kernel/limits.ts";
import { readPrometheusText } from "../../support/prometheus-text.ts";
import { type Json, type Organization, Relay } from "./relay.ts";

const SAID: LogMetrics = {
  startedMs: 1_764_000_000_500,
  outcomes: { accepted: 7, rate_limited: 2 },
  counts: { delivered: 5, failed: 1, attemptMs: 1_500, freshWakes: 3 },
  gauges: { lastSeq: 7, storageBytes: 4_096, oldestWaitingMs: 2_000 },
};

let relay: Relay;
let publisher: Organization;

beforeEach(async () => {
  relay = new Relay();
  relay.logs.metricsOf = () => SAID;
  publisher = await relay.organization();
  await env.REGISTRY.batch([env.REGISTRY.prepare("DELETE FROM push"), env.REGISTRY.prepare("DELETE FROM api")]);
});

async function ask(query = "") {
  const answer = await relay.call("GET", `/metrics${query}`);
  expect(answer.status).toBe(200);
  return readPrometheusText(answer.text);
}

const gaugeOf = (families: Awaited<ReturnType<typeof ask>>, name: string): number | undefined =>
  families.get(`event_relay_${name}`)?.samples[0]?.value;

describe("GET /metrics", () => {
  it("says what the logs say of themselves, by API, channel and shard", async () => {
    const api: Json = await publisher.api(["orders/created", "orders/{id}/changed"]);
    const families = await ask();
    const labels = { api: api.id, channel: "orders/{id}/changed", shard: "0" };
    const of = (name: string) =>
      families.get(`event_relay_${name}`)?.samples.filter((sample) => sample.labels.channel === labels.channel);
    expect(of("log_start_time_seconds")).toEqual([{ labels, value: 1_764_000_000.5 }]);
    expect(of("events_total")).toEqual([
      { labels: { ...labels, outcome: "accepted" }, value: 7 },
      { labels: { ...labels, outcome: "rate_limited" }, value: 2 },
    ]);
    expect(of("attempts_total")?.map(({ value }) => value)).toEqual([5, 1]);
    expect(of("attempt_seconds_total")).toEqual([{ labels, value: 1.5 }]);
    expect(of("last_sequence")).toEqual([{ labels, value: 7 }]);
    expect(families.get("event_relay_events_total")?.samples).toHaveLength(4);
  });

  it("says what each API is called, and its publisher, whatever that is", async () => {
    const title = 'Orders "}1\\n';
    const { id } = await publisher.api(["orders/created", "orders/changed"]);
    await env.REGISTRY.prepare("UPDATE api SET title = ? WHERE id = ?").bind(title, id).run();
    const labels = { api: id, title, publisher: expect.any(String) };
    expect((await ask()).get("event_relay_api_info")?.samples).toEqual([{ labels, value: 1 }]);
  });

  it("names counters and gauges as Prometheus wants it, each with what it means", async () => {
    await publisher.api();
    relay.logs.metricsOf = () => ({ ...SAID, counts: { ...SAID.counts, dead: 0, alarmRuns: 0 } });
    const families = await ask();
    expect(families.size).toBeGreaterThan(10);
    for (const [name, { type, help }] of families) {
      expect([name.endsWith("_total"), name.startsWith("event_relay_"), help !== ""]).toEqual([
        ...[type === "counter", true, true],
      ]);
    }
  });

  it("leaves out what a log of another version does not say", async () => {
    await publisher.api(["orders/created"]);
    relay.logs.metricsOf = () => ({ startedMs: 1, outcomes: {}, counts: {}, gauges: { lastSeq: 3 } });
    const families = await ask();
    expect(gaugeOf(families, "last_sequence")).toBe(3);
    expect([...families.keys()].filter((name) => name.endsWith("_total"))).toEqual([]);
  });

  it("keeps a channel's name within its label", async () => {
    const address = 'orders/"}1/\\n';
    const { id } = await publisher.api(["orders/created"]);
    await env.REGISTRY.prepare("UPDATE topic SET address = ? WHERE api_id = ?").bind(address, id).run();
    const families = await ask();
    expect(families.get("event_relay_last_sequence")?.samples[0]?.labels.channel).toBe(address);
  });

  it("says how many logs there are, were asked and did not answer", async () => {
    await publisher.api(["a", "b", "c"]);
    let asked = 0;
    relay.logs.isDown = (_, call) => call === "metrics" && ++asked === 2;
    const families = await ask();
    expect(["logs", "logs_asked", "logs_silent"].map((name) => gaugeOf(families, name))).toEqual([3, 3, 1]);
    expect(families.get("event_relay_last_sequence")?.samples).toHaveLength(2);
  });

  it("asks a bounded number of logs, and each log in one of several parts", async () => {
    const { id } = await publisher.api(["orders/created"]);
    const numbers = Array.from({ length: METRICS_LOGS_MAX + 49 }, (_, i) => i);
    const columns = "api_id, title, description, messages, parameters, shards";
    await env.REGISTRY.prepare(
      `INSERT INTO topic (id, number, address, ${columns}) SELECT 'topic-' || value, value, 'channel ' || value, ${columns}
       FROM topic JOIN json_each(?1) WHERE api_id = ?2`,
    )
      .bind(JSON.stringify(numbers), id)
      .run();
    const all = await ask();
    expect([gaugeOf(all, "logs"), gaugeOf(all, "logs_asked")]).toEqual([METRICS_LOGS_MAX + 50, METRICS_LOGS_MAX]);
    expect(relay.logs.mostConcurrent).toBeLessThanOrEqual(6);
    const channels: string[] = [];
    for (const part of [0, 1, 2]) {
      const families = await ask(`?part=${part}&parts=3`);
      const samples = families.get("event_relay_last_sequence")?.samples ?? [];
      channels.push(...samples.map(({ labels }) => labels.channel ?? ""));
    }
    expect([channels.length, new Set(channels).size]).toEqual([METRICS_LOGS_MAX + 50, METRICS_LOGS_MAX + 50]);
  });

  it("says how many changes wait for logs that have not taken them", async () => {
    relay.logs.isDown = (_, call) => call === "putTopic";
    const api = await publisher.api(["orders/created"]);
    await publisher.call("PATCH", `/v1/apis/${api.id}`, { body: { retentionDays: 3 } });
    expect(gaugeOf(await ask(), "pushes_waiting")).toBe(1);
  });

  it("is written in the format that it says", async () => {
    const { headers } = await relay.call("GET", "/metrics");
    expect(headers.get("Content-Type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(headers.get("Cache-Control")).toBe("no-store");
  });

  it.each(["?parts=0", "?parts=1001", "?part=1", "?part=3&parts=3", "?part=-1", "?part=x", "?parts=2&parts=3"])(
    "refuses %s",
    async (query) => {
      expect((await relay.call("GET", `/metrics${query}`)).status).toBe(422);
    },
  );

  it("is for the operator", async () => {
    expect((await relay.call("GET", "/metrics", { token: null })).status).toBe(401);
    expect((await publisher.call("GET", "/metrics")).status).toBe(403);
  });
});
