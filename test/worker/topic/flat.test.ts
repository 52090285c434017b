import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { KEY_BLOCK_EVENTS, SEARCH_ROWS_MAX, STATUS_ROWS_MAX } from "../../../src/kernel/limits.ts";
import { countedStorage } from "../../bench/topic-log/counted-storage.ts";
import { MANY_EVENTS } from "../../bench/topic-log/many-events.ts";
import { type Cost, Stage } from "../../bench/topic-log/stage.ts";

/** Beyond every bound of what one call looks at, and as much as that again. */
const SIZE = KEY_BLOCK_EVENTS * Math.ceil(Math.max(SEARCH_ROWS_MAX, STATUS_ROWS_MAX) / KEY_BLOCK_EVENTS);
const SIZES = [SIZE, 2 * SIZE];
/** Of a search by halves: it looks at one row more. */
const ROWS_MORE_MAX = 2;

/** What forgets events has them all to forget. */
const OPERATIONS = MANY_EVENTS.operations.map(({ name }) => name).filter((name) => name !== "forget all events");

describe("a log of twice as many events", () => {
  const costs = new Map<string, Cost[]>();

  beforeAll(async () => {
    for (const size of SIZES) {
      await runInDurableObject(env.TOPIC_LOG.getByName(`flat-${size}/0`), async (_log, { storage }) => {
        const stage = new Stage(countedStorage(storage));
        MANY_EVENTS.grow(stage, 0, size);
        for (const { name, measure } of MANY_EVENTS.operations) {
          costs.set(name, [...(costs.get(name) ?? []), await measure(stage, size)]);
        }
      });
    }
  });

  it.each(OPERATIONS)("reads and writes no more rows: %s", (name) => {
    const [once, twice] = costs.get(name) ?? [];
    if (!once || !twice) throw new Error("it was not measured");
    expect(twice.rowsWritten).toBeCloseTo(once.rowsWritten);
    expect(twice.rowsRead - once.rowsRead).toBeLessThanOrEqual(ROWS_MORE_MAX);
    expect(once.rowsRead + once.rowsWritten).toBeGreaterThan(0);
  });
});
