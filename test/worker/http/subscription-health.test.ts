import { beforeEach, describe, expect, it } from "vitest";
import type { HealthBucket } from "../../../src/domain/subscription-health.ts";
import { type Answer, type Json, type Organization, Relay } from "./relay.ts";

let relay: Relay;
let publisher: Organization;
let subscriber: Organization;
let subscription: Json;
let logs: string[];
beforeEach(async () => {
  relay = new Relay();
  [publisher, subscriber] = [await relay.organization("Publisher"), await relay.organization("Subscriber")];
  const api = await publisher.api(["orders/created", "orders/paid"], { visibility: "public" });
  subscription = await subscriber.subscription(api.id);
  logs = [...relay.logs.logsOf(subscription.id).keys()];
});

const ask = (query = "", as = subscriber): Promise<Answer> =>
  as.call("GET", `/v1/subscriptions/${subscription.id}/health${query}`);

const bucket = (fields: Partial<HealthBucket>): HealthBucket => ({
  ...{ attempts: 0, failures: 0, latenciesMs: [], backlog: null },
  ...fields,
});

/** What one of the logs tells of the newest minutes; of those before there is nothing. */
function tell(log: string | undefined, newest: Partial<HealthBucket>[], isComplete = true): void {
  const empty = Array.from({ length: 60 - newest.length }, () => bucket({}));
  relay.logs.healths.set(`${log} ${subscription.id}`, { buckets: [...empty, ...newest.map(bucket)], isComplete });
}

describe("GET /v1/subscriptions/{id}/health", () => {
  it("sums over the logs, bucket by bucket", async () => {
    tell(logs[0], [{ attempts: 3, failures: 1, latenciesMs: [10, 30] }, { attempts: 1 }]);
    tell(logs[1], [
      { attempts: 2, failures: 2 },
      { attempts: 1, latenciesMs: [20] },
    ]);
    const { status, body } = await ask();
    expect(status).toBe(200);
    expect(body).toMatchObject({ span: "hour", bucketSeconds: 60, isComplete: true });
    expect(body.buckets.slice(-2)).toEqual([
      { at: "2026-11-21T11:59:00.000Z", attempts: 5, failures: 3, latencyMs: { p50: 30, p95: 30 }, backlog: null },
      { at: "2026-11-21T12:00:00.000Z", attempts: 2, failures: 0, latencyMs: { p50: 20, p95: 20 }, backlog: null },
    ]);
  });

  it("sums what each log has noted last of its backlog", async () => {
    tell(logs[0], [{ backlog: 5 }, {}, {}, { backlog: 0 }]);
    tell(logs[1], [{}, { backlog: 7 }, {}, {}]);
    const { body } = await ask();
    expect(body.buckets.slice(-5).map(({ backlog }: Json) => backlog)).toEqual([null, 5, 12, 12, 7]);
  });

  it.each([
    ["", 60, 60_000],
    ["?span=hour", 60, 60_000],
    ["?span=day", 96, 900_000],
    ["?span=week", 84, 7_200_000],
  ])("has every bucket, the last one of now: %s", async (query, count, bucketMs) => {
    relay.clock.nowMs += 12_345;
    const { body } = await ask(query);
    const times = body.buckets.map(({ at }: Json) => Date.parse(at));
    expect(times).toHaveLength(count);
    expect(times.every((at: number, i: number) => at % bucketMs === 0 && at - times[0] === i * bucketMs)).toBe(true);
    expect(Math.floor(relay.clock.nowMs / bucketMs)).toBe(times.at(-1) / bucketMs);
    const asked = { subscriptionId: subscription.id, fromMs: times[0], bucketMs, buckets: count };
    expect(relay.logs.healthQueries).toEqual([asked, asked]);
  });

  it("says where a log has estimated", async () => {
    tell(logs[0], []);
    tell(logs[1], [], false);
    expect((await ask()).body.isComplete).toBe(false);
  });

  it("says nothing where a log does not answer: half a sum would be a wrong one", async () => {
    relay.logs.isDown = (log, call) => log === logs[1] && call === "subscriptionHealth";
    const answer = await ask();
    expect([answer.status, answer.headers.get("Retry-After")]).toEqual([503, "1"]);
  });

  it("asks no log where nothing is owed, and has nothing to tell", async () => {
    const api = await publisher.api(["orders/created"], { visibility: "public", approval: "manual" });
    subscription = await subscriber.subscription(api.id);
    const { status, body } = await ask();
    expect([status, body.buckets.length, relay.logs.healthQueries]).toEqual([200, 60, []]);
  });

  it("takes no other span, and is the subscriber's alone", async () => {
    expect((await ask("?span=year")).status).toBe(422);
    expect((await ask("", publisher)).status).toBe(404);
    expect((await ask("", await relay.organization("Stranger"))).status).toBe(404);
  });
});
