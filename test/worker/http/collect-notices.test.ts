import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import type { LogNews, LogNotice } from "../../../src/domain/notice.ts";
import { RELAY_API_ID } from "../../../src/domain/notice.ts";
import type { SubscriptionStatus } from "../../../src/domain/subscription-status.ts";
import { collectNotices } from "../../../src/http/notices/collect-notices.ts";
import { disableAfterDays } from "../../../src/http/notices/fails-for-good.ts";
import { keepRelayApi } from "../../../src/http/notices/relay-api.ts";
import { compileSchema } from "../../../src/json-schema/compile-schema.ts";
import { newId } from "../../../src/kernel/ids.ts";
import { DAY_MS } from "../../../src/kernel/limits.ts";
import { err, ok } from "../../../src/kernel/result.ts";
import { listTopics } from "../../../src/registry/topics.ts";
import type { Answered, TopicLogs } from "../../../src/topic/client.ts";
import { FakeLogs } from "./fake-logs.ts";
import { type Json, type Organization, Relay, START_MS } from "./relay.ts";

const db = env.REGISTRY;

beforeEach(async () => {
  await keepRelayApi(db, 0);
});

/** Logs of which one has something to tell. */
class TellingLogs extends FakeLogs implements TopicLogs {
  notices: LogNotice[] = [];
  #n = 0;

  find(...news: LogNews[]): void {
    for (const one of news) this.notices.push({ ...one, n: ++this.#n, atMs: START_MS });
  }

  async takeNotices(): Answered<LogNotice[]> {
    return this.isDown("", "takeNotices") ? err({ reason: "log_unavailable" }) : ok(this.notices.slice(0, 100));
  }

  async dropNotices(_log: string, upTo: number): Answered<null> {
    if (this.isDown("", "dropNotices")) return err({ reason: "log_unavailable" });
    this.notices = this.notices.filter(({ n }) => n > upTo);
    return ok(null);
  }

  async settleAndLease(): Answered<{ kind: "done" }> {
    return ok({ kind: "done" });
  }

  published(): Json[] {
    return this.appended.map(({ dataOwnerId, body }) => ({
      to: dataOwnerId,
      ...JSON.parse(new TextDecoder().decode(body)),
    }));
  }
}

type World = {
  publisher: Organization;
  subscriber: Organization;
  apiId: string;
  subscriptionId: string;
  logs: TellingLogs;
  disabled: string[];
  collect(disableAfter?: number | null): Promise<void>;
};

async function world(): Promise<World> {
  const relay = new Relay();
  const publisher = await relay.organization("Publisher");
  const subscriber = await relay.organization("Subscriber");
  const { id: apiId } = await publisher.api(["orders"], { visibility: "public" });
  const { id: subscriptionId } = await subscriber.subscription(apiId);
  const [topic] = await listTopics(db, apiId);
  const logs = new TellingLogs();
  const disabled: string[] = [];
  const disable = async (id: string) => void disabled.push(id);
  const collect = (disableAfterDays: number | null = null) =>
    collectNotices({ db, logs, nowMs: START_MS, disableAfterDays, disable }, `${topic?.id}/0`);
  return { publisher, subscriber, apiId, subscriptionId, logs, disabled, collect };
}

const dead = (subscriptionId: string): LogNews => {
  const id = newId();
  return { type: "delivery.dead", subscriptionId, count: 1, firstEventId: id, lastEventId: id };
};

const IDLE: SubscriptionStatus = {
  ...{
    backlog: 0,
    backlogIsExact: true,
    oldestUndeliveredMs: null,
    blockedKeys: 0,
    blocked: [],
    dead: 0,
    circuit: null,
  },
  ...{ hour: { attempts: 0, failures: 0 }, day: { attempts: 0, failures: 0 }, lastError: null, latenciesMs: [] },
};

const failing = (subscriptionId: string, days: number): LogNews => ({
  ...{ type: "subscription.failing", subscriptionId, failingSinceMs: START_MS - days * DAY_MS },
  ...{ error: "timeout", status: 0 },
});

describe("what a log has to tell", () => {
  it("is told to the subscriber or the publisher, as the relay's document says, in order, and only then dropped", async () => {
    const { publisher, subscriber, apiId, subscriptionId, logs, collect } = await world();
    logs.find(
      dead(subscriptionId),
      failing(subscriptionId, 1),
      { type: "subscription.recovered", subscriptionId, failingSinceMs: START_MS - DAY_MS },
      { type: "backlog.growing", subscriptionId, backlog: 3, backlogIsExact: true, oldestUndeliveredMs: START_MS },
      { type: "storage.nearly_full", storedBytes: 8_000_000_000 },
      { type: "storage.full", storedBytes: 8_600_000_000 },
    );
    await collect();
    const ids = { apiId, subscriptionId, channel: "orders" };
    const since = "2026-11-20T12:00:00.000Z";
    const ofChannel = { apiId, channel: "orders", storedBytesMax: 8 * 1024 ** 3 };
    expect(logs.published()).toMatchObject([
      { to: subscriber.id, type: "delivery.dead", data: { ...ids, count: 1 } },
      {
        ...{ to: subscriber.id, type: "subscription.failing" },
        data: { ...ids, failingSince: since, error: "timeout", status: 0 },
      },
      { to: subscriber.id, type: "subscription.recovered", data: { ...ids, failingSince: since } },
      { to: subscriber.id, type: "backlog.growing", data: { ...ids, backlog: 3 } },
      { to: publisher.id, type: "storage.nearly_full", data: { ...ofChannel, storedBytes: 8_000_000_000 } },
      { to: publisher.id, type: "storage.full", data: { ...ofChannel, storedBytes: 8_600_000_000 } },
    ]);
    expect(logs.notices).toEqual([]);
    const [topic] = await listTopics(db, RELAY_API_ID);
    for (const { to, ...body } of logs.published()) {
      const schema = compileSchema(topic?.messages.find(({ name }) => name === body.type)?.schema);
      if (!schema.ok) expect.unreachable(JSON.stringify(schema.error));
      expect(schema.value.validate(body)).toEqual({ outcome: "valid" });
    }
  });

  it.each(["takeNotices", "append", "dropNotices"])(
    "is told again under the same keys where %s fails",
    async (step) => {
      const { subscriptionId, logs, collect } = await world();
      logs.find(dead(subscriptionId), dead(subscriptionId));
      logs.isDown = (_, call) => call === step;
      await collect();
      expect(logs.notices).toHaveLength(2);
      logs.isDown = () => false;
      await collect();
      expect(logs.notices).toEqual([]);
      expect(new Set(logs.appended.map(({ idempotency }) => idempotency?.key)).size).toBe(2);
    },
  );

  it("concerns nobody where its subscription or its API is gone", async () => {
    const { publisher, apiId, logs, collect } = await world();
    await publisher.call("DELETE", `/v1/apis/${apiId}`);
    logs.find(dead(newId()), { type: "storage.full", storedBytes: 1 });
    await collect();
    expect(logs.published()).toEqual([]);
    expect(logs.notices).toEqual([]);
  });
});

describe("an endpoint that has failed for days", () => {
  it("is disabled where the operator says after how many, and never unless it does", async () => {
    const { subscriptionId, logs, disabled, collect } = await world();
    logs.find(failing(subscriptionId, 400));
    await collect();
    logs.find(failing(subscriptionId, 4));
    await collect(5);
    expect(disabled).toEqual([]);
    logs.find(failing(subscriptionId, 5));
    await collect(5);
    expect(disabled).toEqual([subscriptionId]);
  });

  it("is not given up while one of its channels has delivered within a day, or cannot be asked", async () => {
    const { subscriber, publisher, logs, disabled } = await world();
    const { id: apiId } = await publisher.api(["a", "b"], { visibility: "public" });
    const { id } = await subscriber.subscription(apiId);
    const [a, b] = (await listTopics(db, apiId)).map((topic) => `${topic.id}/0`);
    const disable = async (subscriptionId: string) => void disabled.push(subscriptionId);
    const judge = async (ofB: { attempts: number; failures: number }): Promise<string[]> => {
      logs.statuses.set(`${a} ${id}`, { ...IDLE, day: { attempts: 9, failures: 9 } });
      logs.statuses.set(`${b} ${id}`, { ...IDLE, day: ofB });
      logs.find(failing(id, 5));
      await collectNotices({ db, logs, nowMs: START_MS, disableAfterDays: 5, disable }, `${a}`);
      return disabled.splice(0);
    };
    expect(await judge({ attempts: 9, failures: 8 })).toEqual([]);
    logs.isDown = (log, call) => call === "subscriptionStatus" && log === b;
    expect(await judge({ attempts: 0, failures: 0 })).toEqual([]);
    logs.isDown = () => false;
    expect(await judge({ attempts: 0, failures: 0 })).toEqual([id]);
    expect(await judge({ attempts: 2, failures: 2 })).toEqual([id]);
  });

  it("is told to the log again where it could not be disabled", async () => {
    const { subscriptionId, logs } = await world();
    logs.find(failing(subscriptionId, 5));
    const disable = () => Promise.reject(new Error("the registry is down"));
    const deps = { db, logs, nowMs: START_MS, disableAfterDays: 5, disable };
    await expect(collectNotices(deps, "log/0")).rejects.toThrow("down");
    expect(logs.notices).toHaveLength(1);
  });

  it.each([
    ["", null],
    ["7", 7],
    ["0", null],
    ["-1", null],
    ["a week", null],
  ])("takes %j days for %s", (setting, days) => {
    expect(disableAfterDays({ DISABLE_AFTER_FAILING_DAYS: setting })).toBe(days);
  });
});
