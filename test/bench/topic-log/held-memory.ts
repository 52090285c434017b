import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { openSqlite } from "../../support/sqlite-platform.ts";
import type { Scenario } from "./scenario.ts";
import { Stage } from "./stage.ts";

/** What a log of this size holds in memory, in bytes; SQLite's own pages apart. */
export function measureHeldBytes(scenario: Scenario, size: number): number {
  // The first one compiles the code, which is nobody's size.
  grow(scenario, 1);
  const before = usedBytes();
  const stage = grow(scenario, size);
  const bytes = usedBytes() - before;
  // Whoever is still asked was no garbage.
  return stage.log ? bytes : 0;
}

function grow(scenario: Scenario, size: number): Stage {
  const { sql, transaction } = openSqlite();
  const stage = new Stage({ sql, transaction, rows: () => ({ read: 0, written: 0 }) });
  scenario.grow(stage, 0, size);
  return stage;
}

function usedBytes(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
