import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { LogMetrics } from "../../../../src/domain/log-metrics.ts";
import { askLogs } from "../../../../src/http/metrics/ask-logs.ts";
import { err, ok } from "../../../../src/kernel/result.ts";

const PATIENCE_MS = 8_000;
const SAID: LogMetrics = { startedMs: 1, outcomes: {}, counts: {}, gauges: {} };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("leaves out the logs that fail", async () => {
  const logs = {
    metrics: async (log: string) => (log === "b" ? err({ reason: "log_unavailable" as const }) : ok(SAID)),
  };
  expect([...(await askLogs(logs, ["a", "b", "c"], PATIENCE_MS)).keys()]).toEqual(["a", "c"]);
  expect(vi.getTimerCount()).toBe(0);
});

it("waits for those that hang no longer than its patience lasts, and asks nobody after that", async () => {
  const asked: string[] = [];
  const logs = {
    metrics: (log: string) => {
      asked.push(log);
      return log === "quick" ? Promise.resolve(ok(SAID)) : new Promise<never>(() => {});
    },
  };
  const names = ["quick", ...Array.from({ length: 20 }, (_, i) => `hangs ${i}`)];
  const answers = askLogs(logs, names, PATIENCE_MS);
  await vi.advanceTimersByTimeAsync(PATIENCE_MS);
  expect([...(await answers).keys()]).toEqual(["quick"]);
  expect(asked.length).toBeLessThan(names.length);
});
