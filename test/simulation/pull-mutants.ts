import { type Mutant, patch } from "./mutant.ts";

/** What consumers that fetch events themselves rely on. */
export const PULL_MUTANTS: Mutant[] = [
  {
    name: "told-in-part",
    without: "what a consumer has not told of stays leased",
    patches: [
      patch("topic/engine/pull-settle.ts", "if (next !== undefined && outcome === undefined) {", "if (false) {"),
    ],
  },
  {
    name: "told-after-replay",
    without: "what was leased before a replay is only a lock after it",
    patches: [
      patch(
        "topic/engine/pull-settle.ts",
        "if (slot.epoch !== s.epoch) releaseOldKey(log, s, item.key, budget);\n  else for",
        "for",
      ),
    ],
  },
  {
    name: "pulled-not-owed",
    without: "events that somebody fetches are kept until they are fetched",
    patches: [patch("topic/queries/owed.ts", " || isPulled(s)", "")],
  },
  {
    name: "pulled-ungated",
    without: "a shard's consumers wait for what its predecessor has not leased yet",
    patches: [patch("topic/engine/take.ts", "if (s.gated || take.window === 0)", "if (take.window === 0)")],
  },
];
