import { describe, expect, it } from "vitest";
import {
  addOlder,
  countWaiting,
  showWaiting,
  startList,
  takeNewest,
} from "../../../../src/console/pages/subscriptions/deliveries/live-list.ts";

type Row = { id: string; acceptedAt: string; status: string };

/** Rows of these numbers, the later the newer. */
const rows = (...numbers: number[]): Row[] =>
  numbers.map((n) => ({ id: `d${n}`, acceptedAt: new Date(n * 1000).toISOString(), status: "waiting" }));
const page = (numbers: number[], nextCursor: string | null = null) => ({ data: rows(...numbers), nextCursor });
const ids = ({ rows: shown }: { rows: Row[] }): string[] => shown.map(({ id }) => id);

describe("a list that goes on by itself", () => {
  it("takes what is new on top, and each row as it is now", () => {
    const list = startList(page([2, 1], "older"));
    const next = { data: [...rows(3), { ...rows(2)[0], status: "delivered" } as Row], nextCursor: "c" };
    const after = takeNewest(list, next, false);
    expect(ids(after)).toEqual(["d3", "d2", "d1"]);
    expect(after.rows[1]?.status).toBe("delivered");
    expect(after.olderCursor).toBe("older");
  });

  it("moves no row while somebody reads, and says how many wait", () => {
    const list = startList(page([2, 1]));
    const newest = { data: [...rows(4, 3), { ...rows(2)[0], status: "dead" } as Row], nextCursor: "c" };
    const reading = takeNewest(list, newest, true);
    expect(ids(reading)).toEqual(["d2", "d1"]);
    expect(reading.rows[0]?.status).toBe("dead");
    expect(countWaiting(reading)).toBe(2);
    expect(ids(showWaiting(reading))).toEqual(["d4", "d3", "d2", "d1"]);
    expect(countWaiting(showWaiting(reading))).toBe(0);
  });

  it("begins anew where more came than a page holds: there may be some between", () => {
    const list = startList(page([2, 1]));
    const after = takeNewest(list, page([9, 8], "between"), false);
    expect(ids(after)).toEqual(["d9", "d8"]);
    expect(after.olderCursor).toBe("between");
  });

  it("lets go of what is in the list's state no more", () => {
    const list = startList(page([3, 2, 1], "older"));
    expect(ids(takeNewest(list, page([3, 1], "c"), false))).toEqual(["d3", "d1"]);
    expect(ids(takeNewest(list, page([]), false))).toEqual([]);
  });

  it("goes on at its foot, each row once, and keeps that", () => {
    const list = addOlder(startList(page([4, 3], "a")), page([3, 2], "b"));
    expect(ids(list)).toEqual(["d4", "d3", "d2"]);
    expect(list.olderCursor).toBe("b");
    const after = takeNewest(list, page([5, 4], "c"), false);
    expect(ids(after)).toEqual(["d5", "d4", "d3", "d2"]);
    expect(after.olderCursor).toBe("b");
  });
});
