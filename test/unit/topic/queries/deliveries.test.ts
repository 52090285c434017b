import { describe, expect, it } from "vitest";
import type { DeliveryQuery } from "../../../../src/domain/delivery-log.ts";
import { skipDelivery } from "../../../../src/topic/engine/delivery-controls.ts";
import { findDelivery, listDeliveries } from "../../../../src/topic/queries/deliveries.ts";
import { LogFixture, settlesOf } from "../../../support/log-fixture.ts";

const ALL: DeliveryQuery = {
  subscriptionId: "s",
  status: null,
  partitionKey: null,
  fromMs: null,
  toMs: null,
  beforeSeq: null,
  limit: 100,
};

const list = (f: LogFixture, query: Partial<DeliveryQuery> = {}) => listDeliveries(f.log, { ...ALL, ...query });
const seqs = (f: LogFixture, query: Partial<DeliveryQuery> = {}): number[] =>
  list(f, query)?.deliveries.map(({ seq }) => seq) ?? [];
const statuses = (f: LogFixture): Record<number, string> =>
  Object.fromEntries(list(f)?.deliveries.map(({ seq, status }) => [seq, status]) ?? []);

/** Settles everything that can be leased, but for the keys that fail. */
function deliver(f: LogFixture, failing: string[] = [], failure = {}): void {
  let answer = f.call({ nonce: "n", ordinal: 1 });
  for (let ordinal = 2; answer.kind === "lease"; ordinal++) {
    f.nowMs += 10;
    answer = f.call({ nonce: "n", ordinal, settles: settlesOf(answer.lease, { failing, failure }) });
  }
}

describe("the deliveries of a subscription", () => {
  it("tell of each event where it stands", () => {
    const f = new LogFixture();
    f.subscribe({ retry: { initialSeconds: 60, multiplier: 1, maxDelaySeconds: 60, maxAttempts: 2 } });
    f.appendKeys(["a", "b", "a", "c", "c"]);
    deliver(f, ["=a", "=c"]);
    expect(statuses(f)).toEqual({ 1: "failing", 2: "delivered", 3: "blocked", 4: "failing", 5: "blocked" });
    f.nowMs += 60_000;
    const lease = f.lease({ slot: f.retrySlot, nonce: "r" });
    f.call({
      slot: f.retrySlot,
      nonce: "r",
      ordinal: 2,
      wantsMore: false,
      settles: settlesOf(lease, { failing: ["=a"], untried: ["=c"] }),
    });
    f.nowMs += 60_000;
    const retried = f.lease({ slot: f.retrySlot, nonce: "r2" });
    expect(retried.items.map(({ key }) => key)).toEqual(["=c"]);
    expect(statuses(f)).toEqual({ 1: "dead", 2: "delivered", 3: "waiting", 4: "failing", 5: "blocked" });
    skipDelivery(f.log, "s", 3);
    f.appendKeys(["d", "c"]);
    expect(statuses(f)).toEqual({
      1: "dead",
      2: "delivered",
      3: "skipped",
      4: "failing",
      5: "blocked",
      6: "waiting",
      7: "blocked",
    });
  });

  it("have their attempts, oldest first, over leases, days and a restart", () => {
    const f = new LogFixture();
    f.subscribe();
    f.append({ id: "event", partitionKey: "k", channel: "orders/1" });
    deliver(f, ["=k"], { status: 503, ms: 7, excerpt: "busy" });
    f.nowMs += 24 * 3600_000;
    f.restart();
    const lease = f.lease({ slot: f.retrySlot, nonce: "r" });
    f.call({ slot: f.retrySlot, nonce: "r", ordinal: 2, wantsMore: false, settles: settlesOf(lease) });
    const attempt = { atMs: 0, error: null, excerpt: "" };
    expect(list(f)?.deliveries).toEqual([
      {
        ...{
          seq: 1,
          eventId: "event",
          channel: "orders/1",
          partitionKey: "k",
          status: "delivered",
          nextAttemptMs: null,
        },
        acceptedMs: Date.parse("2026-11-21T12:00:00Z"),
        attempts: [
          { ...attempt, delivered: false, status: 503, ms: 7, error: "status", excerpt: "busy" },
          { ...attempt, delivered: true, status: 200, ms: 1 },
        ],
      },
    ]);
  });

  it.each<[Partial<DeliveryQuery>, number[]]>([
    [{ status: "failing" }, [1]],
    [{ status: "blocked" }, [5, 3]],
    [{ status: "delivered" }, [4, 2]],
    [{ status: "dead" }, []],
    [{ partitionKey: "a" }, [5, 3, 1]],
    [{ partitionKey: "a", status: "blocked", beforeSeq: 5 }, [3]],
    [{ partitionKey: "nobody's" }, []],
    [{ limit: 2 }, [5, 4]],
  ])("are chosen by %j", (query, expected) => {
    const f = new LogFixture();
    f.subscribe();
    f.appendKeys(["a", "b", "a", "b", "a"]);
    deliver(f, ["=a"]);
    expect(seqs(f, query)).toEqual(expected);
  });

  it("are chosen by the time at which they were accepted", () => {
    const f = new LogFixture();
    f.subscribe();
    const startMs = f.nowMs;
    for (let i = 0; i < 4; i++) {
      f.append();
      f.nowMs += 1000;
    }
    expect(seqs(f, { fromMs: startMs + 1000, toMs: startMs + 3000 })).toEqual([3, 2]);
    for (const status of ["waiting", "failing", "dead"] as const) {
      expect(seqs(f, { status, toMs: startMs })).toEqual([]);
    }
  });

  it("come page by page, each once, however many there are", () => {
    const f = new LogFixture();
    f.subscribe();
    f.appendKeys(Array.from({ length: 5_000 }, (_, i) => `${i % 7}`));
    deliver(f, ["=3"]);
    for (const status of [null, "delivered", "blocked"] as const) {
      const found: number[] = [];
      let beforeSeq: number | null = null;
      do {
        const page = list(f, { status, beforeSeq });
        found.push(...(page?.deliveries.map(({ seq }) => seq) ?? []));
        beforeSeq = page?.more?.seq ?? null;
      } while (beforeSeq !== null);
      const isOf = (seq: number): boolean => status === null || (status === "blocked") === ((seq - 1) % 7 === 3);
      const expected = Array.from({ length: 5_000 }, (_, i) => 5_000 - i).filter(isOf);
      expect(found).toEqual(status === "blocked" ? expected.slice(0, -1) : expected);
    }
  });

  it("are not those that it was never to get", () => {
    const f = new LogFixture();
    f.append({ id: "before" });
    f.subscribe({ filter: JSON.stringify({ properties: { channel: { const: "wanted" } } }) }, "latest");
    f.append({ channel: "unwanted" });
    f.append({ channel: "wanted" });
    f.append({ channel: "wanted", subscriptionId: "another" });
    expect(seqs(f)).toEqual([3]);
    deliver(f);
    expect(statuses(f)).toEqual({ 3: "delivered" });
    expect(listDeliveries(f.log, { ...ALL, subscriptionId: "another" })).toBeNull();
  });

  it("after a seek are what comes again", () => {
    const f = new LogFixture();
    f.subscribe();
    f.appendKeys(["a"]);
    f.nowMs += 1000;
    f.appendKeys(["a"]);
    const toMs = f.nowMs;
    deliver(f);
    f.seek(toMs);
    expect(statuses(f)).toEqual({ 1: "delivered", 2: "waiting" });
  });
});

describe("the delivery of one event", () => {
  it("is found by its subscription", () => {
    const f = new LogFixture();
    f.subscribe();
    f.appendKeys(["a"]);
    const s = f.log.subscriptions.get("s");
    if (!s) throw new Error("no subscription");
    expect(findDelivery(f.log, s, 1)).toMatchObject({ seq: 1, status: "waiting", attempts: [] });
    deliver(f);
    expect(findDelivery(f.log, s, 1)).toMatchObject({ status: "delivered", attempts: [{ delivered: true }] });
    expect(findDelivery(f.log, s, 2)).toBeNull();
  });
});
