/**
 * How an endpoint does. Where it has failed for a while, with several keys and never in between delivered, its circuit opens: it is
 * left alone but for one attempt now and then, until one is delivered. A key that fails alone opens nothing.
 */
export type Health = {
  /** Failed attempts since the last that was delivered. */
  failures: number;
  /** Some of the keys that failed since then. */
  failingKeys: Set<string>;
  failingSinceMs: number | null;
  /** null: closed. `untilMs`: when the next attempt may be made; `opens`: how many have failed since it opened. */
  circuit: { opens: number; untilMs: number } | null;
};

export const healthy = (): Health => ({ failures: 0, failingKeys: new Set(), failingSinceMs: null, circuit: null });
