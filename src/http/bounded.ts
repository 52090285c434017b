import { CONNECTIONS_MAX } from "../kernel/limits.ts";

/** Works on all items, at most six at once: a Worker invocation has no more connections. */
export async function forEachBounded<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  const worker = async (): Promise<void> => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(CONNECTIONS_MAX, items.length) }, worker));
}
