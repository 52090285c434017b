import { describe, expect, it } from "vitest";
import {
  DEFAULT_RETRY_POLICY,
  RetryPolicy,
  readRetryAfterSeconds,
  retryDelaySeconds,
} from "../../../src/domain/retry-schedule.ts";

const NO_JITTER = () => 0.5;
const LEAST = () => 0;
const MOST = () => 1 - Number.EPSILON;

const delays = (policy: RetryPolicy, count: number, random: () => number) =>
  Array.from({ length: count }, (_, i) => retryDelaySeconds(policy, i + 1, random));

describe("the default retry policy", () => {
  it("starts at a second, doubles, and stays at five minutes without end", () => {
    expect(delays(DEFAULT_RETRY_POLICY, 11, NO_JITTER)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    expect(retryDelaySeconds(DEFAULT_RETRY_POLICY, 100_000, NO_JITTER)).toBe(300);
    expect(DEFAULT_RETRY_POLICY.maxAttempts).toBeNull();
  });

  it("varies by a fifth, rounded up to whole seconds", () => {
    expect(delays(DEFAULT_RETRY_POLICY, 10, LEAST)).toEqual([1, 2, 4, 7, 13, 26, 52, 103, 205, 240]);
    expect(delays(DEFAULT_RETRY_POLICY, 10, MOST)).toEqual([2, 3, 5, 10, 20, 39, 77, 154, 308, 360]);
  });
});

describe("a retry policy of a subscription", () => {
  it("takes its delays from a schedule, whose last one repeats", () => {
    const policy = RetryPolicy.parse({ schedule: [5, 60, 10] });
    expect(delays(policy, 5, NO_JITTER)).toEqual([5, 60, 10, 10, 10]);
  });

  it("may stand still or grow fast", () => {
    expect(delays(RetryPolicy.parse({ multiplier: 1, initialSeconds: 7 }), 3, NO_JITTER)).toEqual([7, 7, 7]);
    expect(delays(RetryPolicy.parse({ multiplier: 10, maxDelaySeconds: 86_400 }), 7, NO_JITTER)).toEqual([
      1, 10, 100, 1000, 10_000, 86_400, 86_400,
    ]);
  });

  it.each([
    { initialSeconds: 0 },
    { initialSeconds: -1 },
    { initialSeconds: "1" },
    { multiplier: 0.5 },
    { multiplier: Number.POSITIVE_INFINITY },
    { maxDelaySeconds: 86_401 },
    { maxAttempts: 0 },
    { maxAttempts: 1.5 },
    { schedule: [] },
    { schedule: [0] },
    { schedule: Array.from({ length: 101 }, () => 1) },
    { unknown: 1 },
  ])("is refused: %j", (policy) => {
    expect(RetryPolicy.safeParse(policy).success).toBe(false);
  });
});

describe("Retry-After", () => {
  const nowMs = Date.parse("2026-03-02T08:00:00Z");

  it.each([
    ["120", 120],
    [" 120 ", 120],
    ["1", 1],
    ["3600", 3600],
    ["3601", 3600],
    ["9999999999", 3600],
    ["0", 1],
    ["00", 1],
    ["Mon, 02 Mar 2026 08:01:30 GMT", 90],
    ["Monday, 02-Mar-26 08:00:10 GMT", 10],
    ["Mon Mar  2 08:00:20 2026 GMT", 20],
    ["Mon, 02 Mar 2026 09:30:00 GMT", 3600],
    ["Mon, 02 Mar 2026 08:00:00 GMT", 1],
    ["Mon, 02 Mar 2020 08:00:00 GMT", 1],
  ])("%j means %i seconds", (header, seconds) => {
    expect(readRetryAfterSeconds(header, nowMs)).toBe(seconds);
  });

  it.each([null, "", "   ", "soon", "Mon, 99 Foo 2026 99:99:99 GMT", "NaN", "Infinity", "120 seconds"])(
    "%j means nothing",
    (header) => {
      expect(readRetryAfterSeconds(header, nowMs)).toBeNull();
    },
  );

  it("rounds a part of a second up", () => {
    expect(readRetryAfterSeconds("Mon, 02 Mar 2026 08:00:05 GMT", nowMs + 1)).toBe(5);
  });

  it.each(["-5", "1.5", "1e3", "12345678901"])(
    "%j, which is neither seconds nor a date, stays within the bounds",
    (header) => {
      const seconds = readRetryAfterSeconds(header, nowMs);
      expect(seconds === null || (seconds >= 1 && seconds <= 3600)).toBe(true);
    },
  );
});
