import { type Mutant, patch } from "./mutant.ts";

/** What must not leave, or not yet. */
export const RESTRAINT_MUTANTS: Mutant[] = [
  {
    name: "two-in-flight",
    without: "a bound on attempts in flight is kept by one consumer",
    patches: [
      patch(
        "topic/store/subscription.ts",
        "health.circuit !== null || (config.target?.maxInFlight ?? null) !== null",
        "health.circuit !== null",
      ),
    ],
  },
  {
    name: "revoke-without-waiting",
    without: "a withdrawal is answered when no live lease holds that owner",
    patches: [],
    flaw: "revokeWithoutWaiting",
  },
  {
    name: "consent-checked-once",
    without: "consent is checked again when a lane's head is leased",
    patches: [
      patch("topic/state/log-state.ts", "isOfLane ? lookAt(log, s, row, budget)", 'isOfLane ? { kind: "found", row }'),
    ],
  },
  {
    name: "filter-checked-once",
    without: "the filter is checked again when a lane's head is leased",
    patches: [
      patch(
        "topic/state/log-state.ts",
        "isOfLane ? lookAt(log, s, row, budget)",
        'isOfLane && isPermitted(log, s, row) ? { kind: "found", row }',
      ),
    ],
  },
  {
    name: "filter-not-behind",
    without: "events behind a lane's head are checked against the filter",
    patches: [
      patch(
        "topic/state/log-state.ts",
        "const looked = lookAt(log, s, search.row, budget);",
        'const looked: KeySearch = isPermitted(log, s, search.row) ? search : { kind: "none" };',
      ),
    ],
  },
  {
    name: "filter-budget-skips",
    without: "a take stops where the filters' budget is used up",
    patches: [
      patch("topic/engine/take.ts", 'if (answer === "unknown") return highSeq;', ""),
      patch(
        "topic/state/log-state.ts",
        'if (answer === "unknown") return { kind: "unfinished", fromSeq: row.seq };',
        "",
      ),
    ],
  },
  {
    name: "filter-budget-opens",
    without: "nothing is leased unchecked when the filters' budget is used up",
    patches: [
      patch(
        "topic/state/filters.ts",
        'if (budget.filterSteps <= 0) return "unknown";',
        'if (budget.filterSteps <= 0) return "yes";',
      ),
    ],
  },
  {
    name: "filter-exhausted-passes",
    without: "an event that costs too much to check does not pass",
    patches: [patch("topic/state/filters.ts", 'outcome === "valid" ? "yes"', 'outcome !== "invalid" ? "yes"')],
  },
  {
    name: "filter-append-skips",
    without: "a subscription whose filter could not be asked at an append is woken",
    patches: [
      patch(
        "topic/engine/append.ts",
        " || event.stepsToRead > budget.filterSteps) return true;",
        ") return true;\n  if (event.stepsToRead > budget.filterSteps) return false;",
      ),
    ],
  },
  {
    name: "consent-not-needed",
    without: "a data owner that never consented is no consent",
    patches: [
      patch(
        "topic/store/subscription-store.ts",
        "if (!consent?.granted || consent.sinceSeq >= event.seq) return false;",
        "if (!consent) return true;\n    if (!consent.granted || consent.sinceSeq >= event.seq) return false;",
      ),
    ],
  },
  {
    name: "consent-reaches-back",
    without: "a consent is for what is accepted after it",
    patches: [patch("topic/store/subscription-store.ts", " || consent.sinceSeq >= event.seq", "")],
  },
  {
    name: "consent-never-expires",
    without: "a consent ends at its time",
    patches: [
      patch(
        "topic/store/subscription-store.ts",
        "return consent.expiresMs === null || consent.expiresMs > nowMs;",
        "return true;",
      ),
    ],
  },
  {
    name: "retry-after-ignored",
    without: "Retry-After silences the whole subscription",
    patches: [
      patch(
        "topic/engine/arm.ts",
        "Math.max(s.holdUntilMs, s.health.circuit?.untilMs ?? 0, next",
        "Math.max(0, s.health.circuit?.untilMs ?? 0, next",
      ),
    ],
  },
  {
    name: "rate-ignored",
    without: "a lease holds no more than the rate limit permits",
    patches: [
      patch(
        "topic/engine/take.ts",
        "Math.min(bounds.events, permittedAttempts(s, log.platform.clock.now()))",
        "bounds.events",
      ),
    ],
  },
  {
    name: "rate-forgotten",
    without: "what a rate limit has permitted is known after a restart",
    patches: [
      patch(
        "topic/store/subscription-store.ts",
        "subscription.bucket = lastOf(subscription.bucket, toBucket(row));",
        "",
      ),
    ],
  },
  {
    name: "rate-without-untried",
    without: "what was leased and not tried is given back to the rate limit once",
    patches: [
      patch(
        "topic/engine/settle.ts",
        "if (attempts < leased) countAttempts(s, attempts - leased,",
        "countAttempts(s, -leased,",
      ),
    ],
  },
  {
    name: "no-backoff",
    without: "a failed head waits for its delay",
    patches: [
      patch("topic/engine/settle.ts", "{ ...head, dueMs: now + delaySeconds * 1000 }", "{ ...head, dueMs: now }"),
    ],
  },
];
