import { describe, expect, it } from "vitest";
import type { DeliveryQuery } from "../../../../src/domain/delivery-log.ts";
import { ATTEMPT_CHARS_MAX, ATTEMPT_ROWS_MAX, ATTEMPTS_SHOWN_MAX } from "../../../../src/kernel/limits.ts";
import { putConsent } from "../../../../src/topic/engine/controls.ts";
import { skipDelivery } from "../../../../src/topic/engine/delivery-controls.ts";
import { findDelivery, listDeliveries, listDeliveriesOf } from "../../../../src/topic/queries/deliveries.ts";
import { NO_ATTEMPTS } from "../../../../src/topic/store/subscription.ts";
import { BY_CONSENT, LogFixture, settlesOf } from "../../../support/log-fixture.ts";

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

  it("are not those of owners without consent, however many attempts there are to look through", () => {
    const f = new LogFixture();
    f.subscribe({}, "earliest", BY_CONSENT);
    putConsent(f.log, { subscriptionId: "s", dataOwnerId: "o", version: 1, granted: true, expiresMs: null });
    for (const dataOwnerId of ["o", "another", "o"]) f.append({ dataOwnerId, partitionKey: dataOwnerId }, BY_CONSENT);
    deliver(f);
    expect(statuses(f)).toEqual({ 1: "delivered", 3: "delivered" });
    const failed = { atMs: 0, delivered: false, status: 500, ms: 1, error: "status", excerpt: "" } as const;
    for (let i = 0; i < ATTEMPT_ROWS_MAX; i++) {
      f.log.attempts.add(
        "s",
        [{ key: "=o", attempts: [{ seq: 9, ...failed, retryAfterSeconds: null, gone: false }] }],
        NO_ATTEMPTS,
        f.nowMs,
      );
    }
    expect(statuses(f)).toEqual({ 1: "delivered", 3: "delivered" });
    const s = f.log.subscriptions.get("s");
    expect(s && findDelivery(f.log, s, 2)).toBeNull();
  });

  it("have so many attempts as fit into memory, however large their receiver makes them", () => {
    const f = new LogFixture();
    f.subscribe();
    f.appendKeys(["a"]);
    const failed = {
      atMs: 0,
      delivered: false,
      status: 500,
      ms: 1,
      error: "status",
      excerpt: "x".repeat(1024),
    } as const;
    const batch = Array.from({ length: 100 }, () => ({ seq: 1, ...failed, retryAfterSeconds: null, gone: false }));
    for (let i = 0; i < 400; i++) f.log.attempts.add("s", [{ key: "=a", attempts: batch }], NO_ATTEMPTS, f.nowMs);
    const { attempts, isComplete } = f.log.attempts.of("s", new Set([1]), 0);
    expect(isComplete).toBe(false);
    expect((attempts.get(1)?.length ?? 0) * 1024).toBeLessThan(2 * ATTEMPT_CHARS_MAX);
    expect(list(f)?.deliveries[0]?.attempts).toHaveLength(ATTEMPTS_SHOWN_MAX);
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

describe("the deliveries of one event", () => {
  it("come page by page where one answer would have to look at too much", () => {
    const f = new LogFixture();
    const ids = ["a", "b", "c"];
    for (const id of ids) f.subscribe({ id });
    f.appendKeys(["k"]);
    const failed = {
      atMs: 0,
      delivered: false,
      status: 500,
      ms: 1,
      error: "status",
      excerpt: "x".repeat(1024),
    } as const;
    const batch = Array.from({ length: 100 }, () => ({ seq: 1, ...failed, retryAfterSeconds: null, gone: false }));
    for (const id of ids) {
      for (let i = 0; i < 100; i++) f.log.attempts.add(id, [{ key: "=k", attempts: batch }], NO_ATTEMPTS, f.nowMs);
    }
    const pages: string[][] = [];
    for (let after: string | null = ""; after !== null; ) {
      const page = listDeliveriesOf(f.log, 1, { subscriptionIds: null, after, limit: 100 });
      pages.push(page.deliveries.map(({ subscriptionId }) => subscriptionId));
      after = page.after;
    }
    expect(pages).toEqual([["a", "b"], ["c"]]);
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
