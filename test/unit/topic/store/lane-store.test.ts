import { beforeEach, describe, expect, it } from "vitest";
import { LaneStore } from "../../../../src/topic/store/lane-store.ts";
import type { Sql } from "../../../../src/topic/store/platform.ts";
import { migrateLog } from "../../../../src/topic/store/schema.ts";
import { LogFixture, settlesOf } from "../../../support/log-fixture.ts";
import { openSqlite } from "../../../support/sqlite-platform.ts";

const OWNER = { id: "s", epoch: 1 };
const LANE = { key: "=a", headSeq: 1, attempt: 0, dueMs: 0 };

describe("the lanes of a subscription", () => {
  let sql: Sql;
  let lanes: LaneStore;
  let reads: number;

  beforeEach(() => {
    const database = openSqlite();
    migrateLog(database.sql);
    reads = 0;
    sql = {
      ...database.sql,
      all: (query, ...bindings) => {
        reads++;
        return database.sql.all<never>(query, ...bindings);
      },
    };
    lanes = new LaneStore(sql);
    lanes.load();
  });

  it("are not looked for where there are none, however often they are asked for", () => {
    reads = 0;
    for (let i = 0; i < 100; i++) {
      expect(lanes.get(OWNER, `=${i}`)).toBeNull();
      expect(lanes.due(OWNER, i % 2 === 0, 0, 10)).toEqual([]);
    }
    expect(reads).toBe(0);
  });

  it("are found as soon as there is one, and each of them after others have gone", () => {
    expect(lanes.get(OWNER, "=a")).toBeNull();
    lanes.set(OWNER, LANE);
    lanes.set(OWNER, { ...LANE, key: "=b" });
    lanes.delete(OWNER, "=a");
    expect(lanes.get(OWNER, "=a")).toBeNull();
    expect(lanes.due(OWNER, false, 0, 10)).toEqual([{ ...LANE, key: "=b" }]);
  });

  it("are those of one epoch and one subscription", () => {
    lanes.set(OWNER, LANE);
    for (const owner of [
      { id: "s", epoch: 2 },
      { id: "other", epoch: 1 },
    ]) {
      expect(lanes.get(owner, "=a")).toBeNull();
      lanes.set(owner, { ...LANE, key: "=b" });
      expect(lanes.get(owner, "=b")).not.toBeNull();
    }
  });

  it("are read again after a transaction that was rolled back", () => {
    const f = new LogFixture();
    f.subscribe();
    f.appendKeys(["a"]);
    f.call({ nonce: "n", ordinal: 2, settles: settlesOf(f.lease({ nonce: "n" }), { failing: ["=a"] }) });
    f.nowMs += 1000;
    const settles = settlesOf(f.lease({ nonce: "m", slot: f.retrySlot }));
    const settle = () => f.call({ nonce: "m", slot: f.retrySlot, ordinal: 2, settles });
    f.failingStatement = /INTO slot/;
    expect(settle).toThrow("the disk failed");
    f.failingStatement = null;
    settle();
    expect(f.sql("SELECT key FROM lane")).toEqual([]);
  });
});
