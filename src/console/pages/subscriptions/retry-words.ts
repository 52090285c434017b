import { sayDuration } from "../../parts/duration.ts";
import type { RetryPolicy } from "./subscription-types.ts";

/** What the relay does where a subscription says nothing. */
export const DEFAULT_RETRY = { initialSeconds: 1, multiplier: 2, maxDelaySeconds: 300, maxAttempts: null };

/** The waits after the first failures, without their jitter: so many, or fewer where the attempts run out before. */
export function planDelays(policy: RetryPolicy, count: number): number[] {
  const { initialSeconds, multiplier, maxDelaySeconds, maxAttempts } = { ...DEFAULT_RETRY, ...policy };
  const { schedule } = policy;
  const waits = Math.min(count, (maxAttempts ?? Number.POSITIVE_INFINITY) - 1);
  return Array.from({ length: Math.max(0, waits) }, (_, failures) =>
    schedule
      ? (schedule[Math.min(failures, schedule.length - 1)] ?? maxDelaySeconds)
      : Math.min(maxDelaySeconds, initialSeconds * multiplier ** failures),
  );
}

const NAMED = 4;

/** A retry policy in one sentence, without its full stop. */
export function sayRetries(policy: RetryPolicy): string {
  const { maxAttempts } = { ...DEFAULT_RETRY, ...policy };
  if (maxAttempts === 1) return "Not tried again: the first failure makes an event dead";
  const delays = planDelays(policy, NAMED);
  const longest = longestDelay(policy);
  const named = delays.map(sayDuration).join(", ");
  const grows = longest > (delays.at(-1) ?? 0) && (maxAttempts === null || maxAttempts - 1 > NAMED);
  const end = maxAttempts === null ? "without end" : `${maxAttempts} attempts in all, then the event is dead`;
  if (new Set([...delays, longest]).size === 1) return `Tried again every ${sayDuration(longest)}, ${end}`;
  return `Tried again after ${named}${grows ? ` … up to ${sayDuration(longest)}` : ""}, ${end}`;
}

function longestDelay(policy: RetryPolicy): number {
  if (policy.schedule) return Math.max(...policy.schedule);
  const { initialSeconds, multiplier, maxDelaySeconds } = { ...DEFAULT_RETRY, ...policy };
  return multiplier === 1 ? Math.min(initialSeconds, maxDelaySeconds) : maxDelaySeconds;
}

/** How long after the first attempt the last of these is made. */
export const totalSeconds = (delays: number[]): number => delays.reduce((sum, delay) => sum + delay, 0);
