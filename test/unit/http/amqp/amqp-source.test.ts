import { describe, expect, it } from "vitest";
import type { PullAnswer, PullCall, PullRenew, PullSettle } from "../../../../src/domain/pull.ts";
import { openEventSource, type SourceDeps } from "../../../../src/http/amqp/amqp-source.ts";
import {
  AMQP_LOOK_AGAIN_MS,
  AMQP_POLL_MS_MAX,
  AMQP_POLL_MS_MIN,
  PULL_SETTLED_MAX,
} from "../../../../src/kernel/limits.ts";
import { err, ok } from "../../../../src/kernel/result.ts";
import type { PulledChannel } from "../../../../src/registry/pulled-channels.ts";
import type { EventSource, LeasedEvent } from "../../../../src/stream/amqp/ports.ts";
import { storedEvent } from "../../stream/amqp/amqp-world.ts";

const channel = (fields: Partial<PulledChannel> = {}): PulledChannel => ({
  appId: "app",
  subscriptionId: "oldest",
  status: "active",
  hasEndpoint: false,
  isAllowed: true,
  topicId: "topic",
  topicNumber: 1,
  logs: ["topic/0", "topic/1", "topic/2"],
  ...fields,
});

const REQUEST = { apiId: "api", channel: "orders", subscriptionId: null };
const NOTHING: PullAnswer = { kind: "nothing", retryMs: null };

/** Logs that answer as they are told, and a registry that says what it is told. */
class World {
  channels: PulledChannel[] | null = [channel()];
  nowMs = 0;
  answers = new Map<string, PullAnswer>();
  isSilent = false;
  hintsThere = false;
  counted = 0;
  readonly asked: string[] = [];
  readonly settled: { log: string; call: PullSettle }[] = [];
  readonly renewed: { log: string; call: PullRenew }[] = [];
  hint = (): void => {};
  lose = (): void => {};
  hintsClosed = 0;

  readonly deps: SourceDeps = {
    listChannels: async () => this.channels,
    clock: { now: () => this.nowMs },
    count: (calls) => {
      this.counted += calls;
    },
    openHints: async (_apiId, _channel, { hear, lose }) => {
      this.hint = hear;
      this.lose = lose;
      return this.hintsThere ? { close: () => void this.hintsClosed++ } : null;
    },
    logs: {
      pullLease: async (log: string, _call: PullCall) => {
        this.asked.push(log);
        return this.isSilent ? err({ reason: "log_unavailable" }) : ok(this.answers.get(log) ?? NOTHING);
      },
      pullSettle: async (log: string, call: PullSettle) => {
        this.settled.push({ log, call });
        return this.isSilent ? err({ reason: "log_unavailable" }) : ok({ settled: [], unknown: [] });
      },
      pullRenew: async (log: string, call: PullRenew) => {
        this.renewed.push({ log, call });
        return ok({ leases: [] });
      },
    },
  };

  async open(): Promise<EventSource> {
    const source = await openEventSource(this.deps, REQUEST);
    if (!source.ok) throw new Error(source.error.condition);
    return source.value;
  }
}

const leaseOf = (...ids: string[]): PullAnswer => ({
  kind: "lease",
  lease: {
    slot: 2,
    leaseId: 7,
    remainingMs: 60_000,
    items: [{ key: "=a", attempt: 3, events: ids.map((id) => storedEvent({ id })) }],
  },
});

describe("a source is", () => {
  it("the oldest subscription that is pulled, or the one that is named", async () => {
    const world = new World();
    world.channels = [
      channel({ subscriptionId: "webhook", hasEndpoint: true }),
      channel(),
      channel({ subscriptionId: "b" }),
    ];
    const settle = async (subscriptionId: string | null) => {
      const source = await openEventSource(world.deps, { ...REQUEST, subscriptionId });
      if (source.ok) await source.value.settle([{ leased: leased("topic/0", "1"), outcome: "delivered" }]);
      return world.settled.at(-1)?.call.subscription;
    };
    expect(await settle(null)).toBe("oldest");
    expect(await settle("b")).toBe("b");
  });

  it.each([
    ["no subscription", [], "amqp:not-found"],
    ["one with an endpoint only", [channel({ hasEndpoint: true })], "amqp:not-allowed"],
    ["one that is paused", [channel({ status: "paused" })], "amqp:not-allowed"],
    ["credentials for other channels", [channel({ isAllowed: false })], "amqp:unauthorized-access"],
    ["a registry that does not answer", null, "amqp:internal-error"],
  ])("refused with %s", async (_, channels, condition) => {
    const world = new World();
    world.channels = channels;
    expect(await openEventSource(world.deps, REQUEST)).toMatchObject({ ok: false, error: { condition } });
  });
});

const leased = (log: string, id: string): LeasedEvent => ({
  log,
  slot: 2,
  leaseId: 7,
  key: "=a",
  event: { ...storedEvent({ id }), offset: null },
  attemptsBefore: 0,
});

describe("a source leases", () => {
  it("from the logs in turn, each time from another one first", async () => {
    const world = new World();
    const source = await world.open();
    await source.lease(10);
    expect(world.asked).toEqual(["topic/0", "topic/1", "topic/2"]);
    world.answers.set("topic/2", leaseOf("1", "2"));
    expect(await source.lease(10)).toMatchObject({
      kind: "events",
      events: [
        { log: "topic/2", slot: 2, leaseId: 7, key: "=a", event: { id: "1" }, attemptsBefore: 2 },
        { event: { id: "2" }, attemptsBefore: 0 },
      ],
    });
    expect(world.asked.slice(3)).toEqual(["topic/1", "topic/2"]);
  });

  it("when the first of them says that it may have something, and soon at the latest", async () => {
    const world = new World();
    const source = await world.open();
    expect(await source.lease(1)).toEqual({ kind: "nothing", retryMs: AMQP_POLL_MS_MIN });
    world.answers.set("topic/1", { kind: "nothing", retryMs: 300 });
    expect(await source.lease(1)).toEqual({ kind: "nothing", retryMs: 300 });
  });

  it("less often where a hub tells of new events, until one does", async () => {
    const world = new World();
    world.hintsThere = true;
    const source = await world.open();
    const waits: unknown[] = [];
    for (let i = 0; i < 6; i++) waits.push(await source.lease(1));
    expect(waits.at(-1)).toEqual({ kind: "nothing", retryMs: AMQP_POLL_MS_MAX });
    world.hint();
    expect(await source.lease(1)).toEqual({ kind: "nothing", retryMs: AMQP_POLL_MS_MIN });
    world.lose();
    await source.lease(1);
    expect(await source.lease(1)).toEqual({ kind: "nothing", retryMs: AMQP_POLL_MS_MIN });
  });

  it("nothing from logs that are silent, and goes on", async () => {
    const world = new World();
    const source = await world.open();
    world.isSilent = true;
    expect(await source.lease(1)).toMatchObject({ kind: "nothing" });
    expect(await source.settle([{ leased: leased("topic/0", "1"), outcome: "delivered" }])).toBe(false);
  });

  it("from logs that were added, and no more when the subscription has ended, once it has looked again", async () => {
    const world = new World();
    const source = await world.open();
    world.channels = [channel({ logs: ["topic/0", "topic/1", "topic/2", "topic/3"] })];
    world.nowMs = AMQP_LOOK_AGAIN_MS;
    await source.lease(1);
    expect(world.asked).toContain("topic/3");
    world.channels = null;
    world.nowMs += AMQP_LOOK_AGAIN_MS;
    expect(await source.lease(1)).toMatchObject({ kind: "nothing" });
    world.channels = [];
    world.nowMs += AMQP_LOOK_AGAIN_MS;
    expect(await source.lease(1)).toMatchObject({ kind: "ended", error: { condition: "amqp:not-found" } });
  });

  it("no more where a log knows the subscription no longer, and the registry neither", async () => {
    const world = new World();
    const source = await world.open();
    world.answers.set("topic/0", { kind: "not_found" });
    expect(await source.lease(1)).toMatchObject({ kind: "nothing" });
    world.channels = [channel({ status: "paused" })];
    expect(await source.lease(1)).toMatchObject({ kind: "ended", error: { condition: "amqp:not-allowed" } });
  });
});

describe("a source settles and renews", () => {
  it("in each log, no more at once than a log takes", async () => {
    const world = new World();
    const source = await world.open();
    const many = Array.from({ length: PULL_SETTLED_MAX + 1 }, (_, i) => leased("topic/0", `${i}`));
    const events = [...many, leased("topic/1", "other")];
    expect(await source.settle(events.map((event) => ({ leased: event, outcome: "failed" })))).toBe(true);
    const calls = world.settled.map(({ log, call }) => [log, call.outcomes.length]);
    expect(calls).toEqual([
      ["topic/0", PULL_SETTLED_MAX],
      ["topic/0", 1],
      ["topic/1", 1],
    ]);
    for (const { call } of world.settled) expect(call.leases).toEqual([{ slot: 2, leaseId: 7 }]);
    await source.renew(events);
    expect(world.renewed.map(({ log, call }) => [log, call.leases])).toEqual([
      ["topic/0", [{ slot: 2, leaseId: 7 }]],
      ["topic/1", [{ slot: 2, leaseId: 7 }]],
    ]);
  });

  it("and counts what it asks, and lets go of its hub when it is closed", async () => {
    const world = new World();
    world.hintsThere = true;
    const source = await world.open();
    await source.lease(1);
    expect(world.counted).toBe(1 + 1 + 3);
    source.close();
    expect(world.hintsClosed).toBe(1);
  });
});
