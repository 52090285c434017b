import { describe, expect, it } from "vitest";
import { readRetry, toRetryDraft } from "../../../../src/console/pages/subscriptions/fields/retry-draft.ts";
import {
  DEFAULT_RETRY,
  planDelays,
  sayRetries,
  totalSeconds,
} from "../../../../src/console/pages/subscriptions/retry-words.ts";
import { sayDuration } from "../../../../src/console/parts/duration.ts";
import { DEFAULT_RETRY_POLICY, retryDelaySeconds } from "../../../../src/domain/retry-schedule.ts";

/** Random numbers that take the jitter away. */
const MIDDLE = () => 0.5;

describe("a retry policy in words", () => {
  it("says what the relay does by itself", () => {
    expect(sayRetries(DEFAULT_RETRY)).toBe("Tried again after 1 s, 2 s, 4 s, 8 s … up to 5 min, without end");
    expect(DEFAULT_RETRY).toEqual(DEFAULT_RETRY_POLICY);
  });

  it("plans the very waits that the relay makes", () => {
    const policies: Parameters<typeof planDelays>[0][] = [
      DEFAULT_RETRY,
      { ...DEFAULT_RETRY, initialSeconds: 7, multiplier: 3, maxDelaySeconds: 100 },
      { ...DEFAULT_RETRY, schedule: [5, 60, 600] },
    ];
    for (const policy of policies) {
      const made = Array.from({ length: 8 }, (_, n) =>
        retryDelaySeconds({ ...DEFAULT_RETRY_POLICY, ...policy }, n + 1, MIDDLE),
      );
      expect(planDelays(policy, 8)).toEqual(made);
    }
  });

  it("ends where the attempts run out", () => {
    const thrice = { ...DEFAULT_RETRY, maxAttempts: 3 };
    expect(planDelays(thrice, 8)).toEqual([1, 2]);
    expect(totalSeconds(planDelays(thrice, 8))).toBe(3);
    expect(sayRetries(thrice)).toBe("Tried again after 1 s, 2 s, 3 attempts in all, then the event is dead");
    expect(planDelays({ ...DEFAULT_RETRY, maxAttempts: 1 }, 8)).toEqual([]);
    expect(sayRetries({ ...DEFAULT_RETRY, maxAttempts: 1 })).toMatch(/^Not tried again/);
  });

  it("says one wait once", () => {
    expect(sayRetries({ schedule: [60] })).toBe("Tried again every 1 min, without end");
    expect(sayRetries({ ...DEFAULT_RETRY, initialSeconds: 30, multiplier: 1 })).toBe(
      "Tried again every 30 s, without end",
    );
  });
});

describe("a retry policy while it is written", () => {
  it("comes back as it was", () => {
    const kept = { initialSeconds: 2, multiplier: 4, maxDelaySeconds: 90, maxAttempts: 12 };
    expect(readRetry(toRetryDraft(kept))).toEqual({ ok: true, value: kept });
    expect(toRetryDraft(DEFAULT_RETRY).kind).toBe("default");
    expect(readRetry(toRetryDraft({ schedule: [5, 60], maxAttempts: null }))).toEqual({
      ok: true,
      value: { schedule: [5, 60], maxAttempts: null },
    });
  });

  it("says which field is wrong", () => {
    const growing = { ...toRetryDraft(DEFAULT_RETRY), kind: "growing" as const };
    expect(readRetry({ ...growing, initialSeconds: "" })).toMatchObject({ error: { initialSeconds: /1/ } });
    expect(readRetry({ ...growing, multiplier: "11" })).toMatchObject({ error: { multiplier: /10/ } });
    expect(readRetry({ ...growing, maxAttempts: "1.5" })).toMatchObject({ error: { maxAttempts: /whole/ } });
    const listed = { ...growing, kind: "schedule" as const };
    for (const schedule of ["", "5, soon", "0", "90000", Array(101).fill("5").join(",")])
      expect(readRetry({ ...listed, schedule }).ok).toBe(false);
    expect(readRetry({ ...listed, schedule: "5 60;600" })).toMatchObject({ value: { schedule: [5, 60, 600] } });
  });
});

describe("a duration in words", () => {
  it.each([
    [0, "0 s"],
    [0.25, "250 ms"],
    [45, "45 s"],
    [60, "1 min"],
    [3661, "1 h 1 min"],
    [3601, "1 h"],
    [90_000, "1 d 1 h"],
  ])("%d s is %s", (seconds, words) => {
    expect(sayDuration(seconds)).toBe(words);
  });
});
