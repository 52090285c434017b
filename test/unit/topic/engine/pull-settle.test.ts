import { describe, expect, it } from "vitest";
import { newEventId } from "../../../../src/kernel/ids.ts";
import { PULL_SEARCH_ROWS_MAX, PULL_SETTLED_MAX } from "../../../../src/kernel/limits.ts";
import { pullSettle } from "../../../../src/topic/engine/pull-settle.ts";
import { listDeliveries } from "../../../../src/topic/queries/deliveries.ts";
import { measureStatus } from "../../../../src/topic/queries/status.ts";
import { PullFixture, pulledSeqs } from "../../../support/pull-fixture.ts";

function pulling(keys: (string | null)[], fields: Parameters<PullFixture["subscribe"]>[0] = {}): PullFixture {
  const f = new PullFixture();
  f.subscribe(fields);
  f.appendKeys(keys);
  return f;
}

const RETRY = { initialSeconds: 1, multiplier: 2, maxDelaySeconds: 300, maxAttempts: null };

/** How the deliveries stand, oldest first, and how often each was attempted. */
function standing(f: PullFixture): string[] {
  const query = { subscriptionId: "s", status: null, partitionKey: null, fromMs: null, toMs: null, beforeSeq: null };
  const page = listDeliveries(f.log, { ...query, limit: 100 });
  return (page?.deliveries ?? []).map(({ status, attempts }) => `${status} ${attempts.length}`).reverse();
}

describe("what a consumer says of its events", () => {
  it("ends what it names, and leaves the rest leased", () => {
    const f = pulling(["a", "b", "c"]);
    f.take();
    expect(f.settle("delivered", 1, 3)).toEqual({ settled: [f.idOf(1), f.idOf(3)], unknown: [] });
    expect(f.pull()).toMatchObject({ kind: "nothing" });
    f.nowMs += 30_000;
    expect(pulledSeqs(f.take())).toEqual({ "=b": [2] });
    expect(standing(f)).toEqual(["delivered 1", "waiting 0", "delivered 1"]);
  });

  it("lets a key go on when all of it is done, with what was passed over meanwhile", () => {
    const f = pulling(["a", "a"]);
    f.take();
    f.appendKeys(["a"]);
    expect(f.pull()).toMatchObject({ kind: "nothing" });
    f.settle("delivered", 1);
    expect(f.pull()).toMatchObject({ kind: "nothing" });
    f.settle("delivered", 2);
    expect(pulledSeqs(f.take())).toEqual({ "=a": [3] });
  });

  it("counts when all before it are done with, in whatever order it was told", () => {
    const f = pulling(["a", "a", "a"]);
    f.take();
    expect(f.settle("delivered", 3, 2).settled).toHaveLength(2);
    expect(standing(f)).toEqual(["waiting 0", "waiting 0", "waiting 0"]);
    f.restart();
    f.settle("delivered", 1);
    expect(standing(f)).toEqual(["delivered 1", "delivered 1", "delivered 1"]);
    expect(measureStatus(f.log, "s")?.backlog).toBe(0);
  });

  it("is lost with the lease where one before it was never told of: no event is passed over", () => {
    const f = pulling(["a", "a", "a"]);
    f.take();
    f.settle("delivered", 1, 3);
    f.nowMs += 30_000;
    expect(pulledSeqs(f.take())).toEqual({ "=a": [2, 3] });
  });

  it("brings a failed event back by the retry policy, and all behind it, in order", () => {
    const f = pulling(["a", "a", "b"], { retry: { ...RETRY, initialSeconds: 8 } });
    f.take();
    f.settleAll([
      [1, "failed"],
      [2, "delivered"],
      [3, "delivered"],
    ]);
    expect(f.pull()).toEqual({ kind: "nothing", retryMs: 8_000 });
    expect(standing(f)).toEqual(["failing 1", "blocked 0", "delivered 1"]);
    f.nowMs += 8_000;
    const again = f.take();
    expect(again.items).toMatchObject([{ key: "=a", attempt: 2 }]);
    expect(pulledSeqs(again)).toEqual({ "=a": [1, 2] });
    f.settle("failed", 1);
    expect(f.pull()).toEqual({ kind: "nothing", retryMs: 16_000 });
  });

  it("kills an event whose attempts have run out, and its key goes on", () => {
    const f = pulling(["a", "a"], { retry: { ...RETRY, maxAttempts: 2 } });
    f.take();
    f.settle("failed", 1);
    f.nowMs += 1_000;
    f.take();
    f.settle("failed", 1);
    expect(measureStatus(f.log, "s")).toMatchObject({
      dead: 1,
      backlog: 1,
      lastError: { status: 0, error: "rejected" },
    });
    expect(pulledSeqs(f.take())).toEqual({ "=a": [2] });
    expect(standing(f)).toEqual(["dead 2", "waiting 0"]);
  });

  it("gives back at once what was not tried, and all behind it", () => {
    const f = pulling(["a", "a", "a"]);
    f.take();
    f.settleAll([
      [1, "delivered"],
      [2, "released"],
    ]);
    const again = f.take();
    expect(pulledSeqs(again)).toEqual({ "=a": [2, 3] });
    expect(again.items).toMatchObject([{ attempt: 1 }]);
  });

  it("keeps the count of failures of what is given back", () => {
    const f = pulling(["a"]);
    f.take();
    f.settle("failed", 1);
    f.nowMs += 1_000;
    f.take();
    f.settle("released", 1);
    expect(f.take().items).toMatchObject([{ attempt: 2 }]);
  });

  it("forgets the failures of a head that was done with, while the rest of its key is leased", () => {
    const f = pulling(["a", "a"]);
    f.take();
    f.settle("failed", 1);
    f.nowMs += 1_000;
    f.take();
    f.settle("delivered", 1);
    expect(measureStatus(f.log, "s")).toMatchObject({ backlog: 1, blockedKeys: 0 });
    f.nowMs += 30_000;
    expect(f.take().items).toMatchObject([{ attempt: 1, events: [{ seq: 2 }] }]);
  });

  it("counts although the lease has run out, as long as nobody has taken it back", () => {
    const f = pulling(["a"]);
    f.take();
    f.nowMs += 30_001;
    expect(f.settle("delivered", 1).settled).toHaveLength(1);
    expect(measureStatus(f.log, "s")?.backlog).toBe(0);
  });

  it("says nothing of the endpoint's health", () => {
    const f = pulling(Array.from({ length: 50 }, (_, i) => `k${i}`));
    for (let minute = 0; minute < 3; minute++) {
      const { items } = f.take();
      f.settle("failed", ...items.flatMap(({ events }) => events.map(({ seq }) => seq)));
      f.nowMs += 60_000;
    }
    expect(measureStatus(f.log, "s")).toMatchObject({ circuit: null, latenciesMs: [] });
    expect(f.take().items).toHaveLength(50);
  });
});

describe("what is told again, or by nobody who has it", () => {
  it("is known where it stands already as it is told: the first answer was lost", () => {
    const f = pulling(["a", "b", "c"]);
    f.take();
    const outcomes = [
      [1, "delivered"],
      [2, "failed"],
      [3, "released"],
    ] as const;
    for (let i = 0; i < 2; i++) expect(f.settleAll(outcomes.map((one) => [...one])).unknown).toEqual([]);
    expect(standing(f)).toEqual(["delivered 1", "failing 1", "waiting 0"]);
  });

  it("is unknown where the event waits for somebody else, was never leased, or is none", () => {
    const f = pulling(["a", "b"]);
    f.take({ max: 1 });
    f.nowMs += 30_000;
    expect(f.pull({ max: 1 })).toMatchObject({ lease: { items: [{ key: "=a" }] } });
    f.nowMs += 30_000;
    f.fireAlarm();
    expect(f.settle("delivered", 1, 2).settled).toEqual([]);
    expect(f.settle("failed", 1).settled).toEqual([]);
    expect(f.settle("delivered", 999).unknown).toHaveLength(1);
    expect(measureStatus(f.log, "s")?.backlog).toBe(2);
  });

  it("ends nothing of the lease that somebody else has by now, where it says of which it speaks", () => {
    const f = pulling(["a"]);
    const lost = f.take();
    f.nowMs += 30_000;
    const held = f.take();
    expect(f.settleAll([[1, "released"]], [lost]).settled).toEqual([]);
    expect(f.pull()).toMatchObject({ kind: "nothing" });
    expect(f.settleAll([[1, "released"]], [lost, held]).settled).toHaveLength(1);
    expect(f.take().items).toHaveLength(1);
  });

  it("ends nothing of another subscription", () => {
    const f = pulling([]);
    f.subscribe({ id: "other" });
    f.appendKeys(["a"]);
    f.take({ subscription: "other" });
    expect(f.settle("delivered", 1).settled).toEqual([]);
    expect(measureStatus(f.log, "other")?.backlog).toBe(1);
  });

  it("costs a bounded look, however many names come and however long the log is", () => {
    const f = pulling(Array.from({ length: 2_000 }, () => null));
    f.take();
    const before = f.rowsRead;
    const outcomes = Array.from({ length: 10 * PULL_SETTLED_MAX }, () => ({
      eventId: newEventId(f.nowMs, { topicNumber: 1, shard: 0 }),
      outcome: "delivered" as const,
    }));
    expect(pullSettle(f.log, { subscription: "s", outcomes }).unknown).toHaveLength(10 * PULL_SETTLED_MAX);
    expect(f.rowsRead - before).toBeLessThan(PULL_SETTLED_MAX * PULL_SEARCH_ROWS_MAX);
  });

  it("changes nothing where it could not be stored", () => {
    const f = pulling(["a", "a"]);
    f.take();
    f.failingStatement = /INSERT INTO attempts/;
    expect(() => f.settle("delivered", 1)).toThrow();
    f.failingStatement = null;
    expect(standing(f)).toEqual(["waiting 0", "waiting 0"]);
    f.settle("delivered", 1, 2);
    expect(standing(f)).toEqual(["delivered 1", "delivered 1"]);
  });
});
