import { describe, expect, it } from "vitest";
import type { KeyReport } from "../../../../src/domain/delivery.ts";
import { DAY_MS } from "../../../../src/kernel/limits.ts";
import { AttemptStore } from "../../../../src/topic/store/attempt-store.ts";
import { openSqlite } from "../../../support/sqlite-platform.ts";

const MIDNIGHT_MS = Date.parse("2026-11-22T00:00:00Z");
const BEFORE_MS = MIDNIGHT_MS - 1_000;
const AFTER_MS = MIDNIGHT_MS + 1_000;

const reportOf = (seq: number): KeyReport[] => [
  {
    key: "=k",
    attempts: [
      {
        ...{ seq, atMs: AFTER_MS, delivered: true, status: 204, ms: 5 },
        ...{ error: null, excerpt: "", retryAfterSeconds: null, gone: false },
      },
    ],
  },
];

describe("the delivery log", () => {
  it("takes what was settled while the clock was set back over midnight, again and again, restarts in between", () => {
    const { sql } = openSqlite();
    const open = (): AttemptStore => {
      const store = new AttemptStore(sql);
      store.load();
      return store;
    };
    let seq = 0;
    const settleAt = (store: AttemptStore, times: number[]): void => {
      for (const nowMs of times) {
        seq++;
        store.add("s", reportOf(seq), { delivered: seq, failed: 0, ms: 5 * seq }, nowMs);
      }
    };
    settleAt(open(), [AFTER_MS, BEFORE_MS, BEFORE_MS]);
    settleAt(open(), [AFTER_MS, BEFORE_MS]);
    settleAt(open(), [BEFORE_MS]);
    const store = open();
    expect(store.recent("s", AFTER_MS).day).toEqual({ attempts: 6, failures: 0 });
    const { attempts } = store.of("s", new Set([1, 2, 3, 4, 5, 6]), MIDNIGHT_MS - DAY_MS);
    expect([...attempts.keys()], "in the order in which they were settled").toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("notes the backlog with the newest row, also where that is of the day before", () => {
    const { sql } = openSqlite();
    const store = new AttemptStore(sql);
    store.load();
    store.add("s", reportOf(1), { delivered: 1, failed: 0, ms: 5 }, BEFORE_MS);
    store.noteBacklog("s", 7, AFTER_MS);
    const query = { subscriptionId: "s", fromMs: BEFORE_MS - 59_000, bucketMs: 60_000, buckets: 1 };
    expect(store.series(query).buckets).toMatchObject([{ attempts: 1, backlog: 7 }]);
  });
});
