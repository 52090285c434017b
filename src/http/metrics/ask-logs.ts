import type { LogMetrics } from "../../domain/log-metrics.ts";
import type { LogControls } from "../../topic/client.ts";
import { forEachBounded } from "../bounded.ts";

/** What these logs say of themselves, by their names. Whoever has not answered by the end of the patience is left out. */
export async function askLogs(
  logs: Pick<LogControls, "metrics">,
  names: string[],
  patienceMs: number,
): Promise<Map<string, LogMetrics>> {
  const answers = new Map<string, LogMetrics>();
  let isOver = false;
  let end = (): void => {};
  const over = new Promise<null>((resolve) => {
    end = () => {
      isOver = true;
      resolve(null);
    };
  });
  const timer = setTimeout(end, patienceMs);
  await forEachBounded(names, async (name) => {
    const answer = isOver ? null : await Promise.race([logs.metrics(name), over]);
    if (answer?.ok) answers.set(name, answer.value);
  });
  clearTimeout(timer);
  return answers;
}
