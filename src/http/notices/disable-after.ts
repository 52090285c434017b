import { z } from "zod";
import { logLine } from "../../kernel/log.ts";

const Days = z.coerce.number().positive();

/** After how many days of nothing but failures a subscription is disabled; null: never. A setting that cannot be read disables nothing, and says so. */
export function disableAfterDays({ DISABLE_AFTER_FAILING_DAYS: setting = "" }: Partial<Env>): number | null {
  if (setting === "") return null;
  const days = Days.safeParse(setting);
  if (days.success) return days.data;
  logLine("setting_invalid", { name: "DISABLE_AFTER_FAILING_DAYS", error: z.prettifyError(days.error) });
  return null;
}
