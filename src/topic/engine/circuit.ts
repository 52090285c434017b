import type { AttemptReport } from "../../domain/delivery.ts";
import { retryDelaySeconds } from "../../domain/retry-schedule.ts";
import {
  CIRCUIT_DELAY_SECONDS_MAX,
  CIRCUIT_FAILING_MS_MIN,
  CIRCUIT_FAILURES_MIN,
  CIRCUIT_KEYS_MIN,
} from "../../kernel/limits.ts";
import { type Health, healthy } from "../store/health.ts";
import type { LogPlatform } from "../store/platform.ts";
import type { Subscription } from "../store/subscription.ts";

/**
 * Takes in the attempts of a settled lease; true where there is something to write down: it begins to fail, or ends, or its
 * circuit has changed.
 */
export function noteAttempts(
  s: Subscription,
  attempts: (AttemptReport & { key: string })[],
  { clock, random }: Pick<LogPlatform, "clock" | "random">,
): boolean {
  const { health } = s;
  if (attempts.length === 0) return false;
  if (attempts.some(({ delivered }) => delivered)) {
    s.health = healthy();
    return health.failingSinceMs !== null;
  }
  const now = clock.now();
  const begins = health.failingSinceMs === null;
  health.failures += attempts.length;
  health.failingSinceMs ??= now;
  for (const { key } of attempts) if (health.failingKeys.size < CIRCUIT_KEYS_MIN) health.failingKeys.add(key);
  if (!health.circuit && !isSick(health, now)) return begins;
  const opens = (health.circuit?.opens ?? 0) + 1;
  const delaySeconds = Math.min(CIRCUIT_DELAY_SECONDS_MAX, retryDelaySeconds(s.config.retry, opens, random));
  health.circuit = { opens, untilMs: now + delaySeconds * 1000 };
  return true;
}

const isSick = ({ failures, failingKeys, failingSinceMs }: Health, now: number): boolean =>
  failures >= CIRCUIT_FAILURES_MIN &&
  failingKeys.size >= CIRCUIT_KEYS_MIN &&
  now - (failingSinceMs ?? now) >= CIRCUIT_FAILING_MS_MIN;
