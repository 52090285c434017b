import { type Mutant, patch } from "./mutant.ts";

/** What hands keys over from one log to another. */
export const SHARD_MUTANTS: Mutant[] = [
  {
    name: "no-seal",
    without: "a log takes no more events of keys that a later shard has taken over",
    patches: [
      patch(
        "topic/engine/append.ts",
        'if (log.succession.hasMoved(placeKeyOf(event))) return { kind: "topic_changed" };',
        "",
      ),
    ],
  },
  {
    name: "no-gate",
    without: "a shard waits for what its predecessor has not leased yet",
    patches: [patch("topic/shards/moved-keys.ts", "if (s.gated || isBehind)", "if (s.gated)")],
  },
  {
    name: "no-hold",
    without: "a shard holds keys that its predecessor still works on",
    patches: [
      patch(
        "topic/shards/ask-predecessor.ts",
        "if (s.gated) for (const key of outstanding) log.lanes.hold",
        "if (false) for (const key of outstanding) log.lanes.hold",
      ),
    ],
  },
  {
    name: "leases-not-told",
    without: "what a predecessor has leased is outstanding there",
    patches: [patch("topic/shards/moved-keys.ts", "lease?.items.map(({ key }) => key) ?? []", "lease ? [] : []")],
  },
  {
    name: "replay-not-told",
    without: "a predecessor that has not heard of a replay is not believed",
    patches: [patch("topic/shards/moved-keys.ts", " || s.config.version < version)", ")")],
  },
  {
    name: "replay-ungated",
    without: "a replay waits for the predecessor's",
    patches: [
      patch(
        "topic/store/subscription-store.ts",
        "    s.fromSeq = fromSeq;\n    s.gated = this.#isSuccessor;",
        "    s.fromSeq = fromSeq;",
      ),
    ],
  },
  {
    name: "chain-not-asked",
    without: "a predecessor that waits for its own tells its successor to wait",
    patches: [patch("topic/shards/moved-keys.ts", "if (s.gated || isBehind)", "if (isBehind)")],
  },
  {
    name: "successor-not-told",
    without: "what a log is told, it tells the shards that took keys over from it",
    patches: [],
    flaw: "tellsNoSuccessor",
  },
];
