import { describe, expect, it } from "vitest";
import { seriesOfBacklog, seriesOfLatency, seriesOfSuccess } from "../../../../src/console/charts/series.ts";
import { explainFailure, nameOutcome } from "../../../../src/console/pages/subscriptions/deliveries/failure-words.ts";
import { previewHeaders, previewUrl } from "../../../../src/console/pages/subscriptions/deliveries/request-preview.ts";
import { acceptedAtOf } from "../../../../src/console/pages/subscriptions/event-time.ts";
import { judgeHealth, sayShare } from "../../../../src/console/pages/subscriptions/health/health-words.ts";
import { narrowList } from "../../../../src/console/pages/subscriptions/narrow-list.ts";
import type { ListedSubscription } from "../../../../src/console/pages/subscriptions/subscription-types.ts";
import type { AttemptError } from "../../../../src/domain/delivery.ts";
import { newEventId } from "../../../../src/kernel/ids.ts";

describe("a failed attempt in words", () => {
  it("says what to do for each reason that the relay names", () => {
    const unknown = explainFailure({ status: 0, error: "unheard-of" })?.todo;
    const reasons: AttemptError[] = ["timeout", "connection", "endpoint_refused", "rejected", "internal"];
    for (const error of reasons) {
      const failure = explainFailure({ status: 0, error });
      expect(failure?.todo).not.toBe(unknown);
      expect(nameOutcome({ status: 0, error })).not.toBe("");
    }
    expect(explainFailure({ status: 301, error: "redirect" })?.what).toContain("301");
  });

  it("tells apart what an endpoint answers", () => {
    const what = (status: number) => explainFailure({ status, error: "status" })?.what;
    expect(new Set([400, 401, 404, 410, 422, 429, 500, 503, 418].map(what)).size).toBe(9);
    expect(what(403)).toBe(what(401));
    expect(explainFailure({ status: 204, error: null })).toBeNull();
    expect(nameOutcome({ status: 503, error: "status" })).toBe("503");
  });

  it("does not fall for a reason that it does not know", () => {
    expect(explainFailure({ status: 0, error: "toString" })?.what).toBe("There was no answer (toString).");
    expect(nameOutcome({ status: 0, error: "toString" })).toBe("toString");
  });
});

describe("the health of a subscription in a word", () => {
  const fine = {
    ...{ status: "active" as const, endpoint: "https://a.example", backlog: 0, backlogIsExact: true },
    ...{ blockedKeys: 0, dead: 0, circuit: null, successRateDay: 1 },
  };
  const open = { state: "open" as const, failingSince: null, nextAttemptAt: null };
  it.each([
    [fine, "all delivered"],
    [{ ...fine, successRateDay: null }, "nothing outstanding"],
    [{ ...fine, backlog: 3 }, "3 on the way"],
    [{ ...fine, backlog: 10_000, backlogIsExact: false, endpoint: null }, "10,000+ waiting"],
    [{ ...fine, dead: 2 }, "2 dead"],
    [{ ...fine, dead: 2, blockedKeys: 1 }, "1 key blocked"],
    [{ ...fine, blockedKeys: 9, circuit: open }, "endpoint down"],
    [{ ...fine, status: "paused" as const, backlog: 5, circuit: open }, "5 waiting"],
    [{ ...fine, backlog: null }, "not known now"],
  ])("%#: says %s", (doing, words) => {
    expect(judgeHealth(doing).words).toBe(words);
  });

  it("never rounds a failure away", () => {
    expect(sayShare(0.99996)).toBe("99.99 %");
    expect(sayShare(0.9999999)).toBe("99.99 %");
    expect(sayShare(1)).toBe("100 %");
    expect(sayShare(0.959)).toBe("95.9 %");
    expect(sayShare(0)).toBe("0 %");
    expect(sayShare(null)).toBe("–");
  });
});

describe("a chart in words", () => {
  const at = new Date(0).toISOString();
  const empty = { at, attempts: 0, failures: 0, latencyMs: null, backlog: null };
  it("says what it shows", () => {
    const buckets = [empty, { at, attempts: 4, failures: 1, latencyMs: { p50: 10, p95: 1500 }, backlog: 7 }];
    expect(seriesOfSuccess(buckets).summary).toBe("3 of 4 attempts delivered: 75 %.");
    expect(seriesOfSuccess(buckets).lines[0]?.values).toEqual([null, 0.75]);
    expect(seriesOfLatency(buckets).summary).toContain("1.5 s");
    expect(seriesOfBacklog(buckets).summary).toBe("7 when it was noted last, at most 7.");
  });

  it("says that there is nothing", () => {
    for (const series of [seriesOfSuccess([empty]), seriesOfLatency([empty]), seriesOfBacklog([])])
      expect(series.summary).toMatch(/No|Nothing/);
  });
});

describe("a request before it is seen", () => {
  const subscription = {
    ...{ endpoint: "https://a.example/in?x=1", format: "standard", eventPath: null, structured: false },
    headers: { "X-Team": "blue" },
  } as unknown as ListedSubscription;
  const event = { id: "e1", channel: "orders/a b", partitionKey: "k" };
  const names = (changes: object) => previewHeaders({ ...subscription, ...changes }, event).map(({ name }) => name);

  it("goes where the format leads", () => {
    expect(previewUrl(subscription, event.channel)).toBe("https://a.example/in?x=1");
    expect(previewUrl({ ...subscription, format: "fortellis" }, event.channel)).toBe(
      "https://a.example/in/event/orders/a%20b?x=1",
    );
    expect(previewUrl({ ...subscription, endpoint: null }, event.channel)).toBe("");
  });

  it("has the headers of its format, and the subscriber's own", () => {
    expect(names({})).toEqual(expect.arrayContaining(["webhook-id", "event-channel", "partition-key", "X-Team"]));
    expect(names({ format: "cloudevents" })).toEqual(expect.arrayContaining(["ce-id", "ce-partitionkey"]));
    expect(names({ format: "cloudevents", structured: true })).not.toContain("ce-id");
    expect(names({ format: "fortellis" })).not.toContain("partition-key");
  });
});

describe("a list of subscriptions", () => {
  const one = {
    id: "s1",
    apiTitle: "Repair Orders",
    appName: "Boards",
    status: "active",
    endpoint: "https://x.example",
  };
  const all = [one, { ...one, id: "s2", appName: "Warehouse", status: "paused" }] as ListedSubscription[];
  it("is narrowed by state and by words, wherever they stand", () => {
    expect(narrowList(all, {})).toHaveLength(2);
    expect(narrowList(all, { q: "repair WARE" }).map(({ id }) => id)).toEqual(["s2"]);
    expect(narrowList(all, { status: "active", q: "x.example" }).map(({ id }) => id)).toEqual(["s1"]);
    expect(narrowList(all, { q: "nothing" })).toEqual([]);
  });
});

describe("an event's id", () => {
  it("says when the event was accepted", () => {
    const nowMs = Date.UTC(2026, 10, 22, 10);
    const id = newEventId(nowMs, { topicNumber: 1, shard: 0 });
    expect(acceptedAtOf(id)).toBe(new Date(nowMs).toISOString());
  });
});
