import { vi } from "vitest";

/** What other programs do soon, on a busy machine too: asks again and again until it holds. */
export const soon = <T>(check: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 20_000, interval: 10 });
