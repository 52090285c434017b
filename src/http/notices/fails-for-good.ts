import { z } from "zod";
import type { LogNotice } from "../../domain/notice.ts";
import { DAY_MS } from "../../kernel/limits.ts";
import { logLine } from "../../kernel/log.ts";
import { listSubscriptionLogs } from "../../registry/topic-logs.ts";
import type { LogControls } from "../../topic/client.ts";
import { forEachBounded } from "../bounded.ts";

const Days = z.coerce.number().positive();

/** After how many days of nothing but failures a subscription is disabled; null: never. A setting that cannot be read disables nothing, and says so. */
export function disableAfterDays({ DISABLE_AFTER_FAILING_DAYS: setting = "" }: Partial<Env>): number | null {
  if (setting === "") return null;
  const days = Days.safeParse(setting);
  if (days.success) return days.data;
  logLine("setting_invalid", { name: "DISABLE_AFTER_FAILING_DAYS", error: z.prettifyError(days.error) });
  return null;
}

export type FailureDeps = {
  db: D1Database;
  logs: Pick<LogControls, "subscriptionStatus">;
  nowMs: number;
  disableAfterDays: number | null;
};

type Failing = Extract<LogNotice, { type: "subscription.failing" }>;

/**
 * Whether a subscription that one log says is failing has failed for as long as the operator allows. A log knows its own share of it:
 * whoever delivers in another one, or has begun to in the meantime, or cannot be asked, is not given up.
 */
export async function failsForGood(
  { db, logs, nowMs, disableAfterDays: days }: FailureDeps,
  { subscriptionId, failingSinceMs }: Failing,
): Promise<boolean> {
  if (days === null || nowMs - failingSinceMs < days * DAY_MS) return false;
  let hasHope = false;
  await forEachBounded(await listSubscriptionLogs(db, subscriptionId), async (log) => {
    if (hasHope) return;
    const status = await logs.subscriptionStatus(log, subscriptionId);
    hasHope ||= !status.ok || hasDelivered(status.value?.day);
  });
  return !hasHope;
}

const hasDelivered = (day: { attempts: number; failures: number } = { attempts: 0, failures: 0 }): boolean =>
  day.attempts > day.failures;
