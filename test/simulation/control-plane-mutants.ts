import { type Mutant, patch } from "./mutant.ts";

/** What lies between an answered change and the logs that have to hold it. */
export const CONTROL_PLANE_MUTANTS: Mutant[] = [
  {
    name: "outbox-never-resent",
    without: "what no request could tell a log is told again by cron",
    patches: [
      patch(
        "http/call/control-plane-pushes.ts",
        "return sendPushes(deps, await listOldestPushes(deps.db, PUSHES_PER_SWEEP_MAX));",
        "return { sent: 0, unsent: 0 };",
      ),
    ],
  },
  {
    name: "answered-before-told",
    without: "a change is answered when every log has taken it",
    patches: [patch("http/call/change.ts", "if (isInEffect) return done(c, answer);", "return done(c, answer);")],
  },
  {
    name: "untaken-dropped",
    without: "what a log did not take stays in the outbox",
    patches: [
      patch("http/call/control-plane-pushes.ts", "(isTaken ? taken : refused).push(...same);", "taken.push(...same);"),
    ],
  },
  {
    name: "others-dropped",
    without: "what another change wrote for the same log stays in the outbox",
    patches: [
      patch(
        "registry/pushes.ts",
        "json_extract(value, '$[3]') FROM json_each(?1))",
        "push.generation FROM json_each(?1))",
      ),
    ],
  },
  {
    name: "push-version-unchecked",
    without: "a log ignores what is older than what it knows of a subscription",
    patches: [patch("topic/engine/controls.ts", "if (known && known.config.version >= config.version) return;", "")],
  },
  {
    name: "removal-version-unchecked",
    without: "a log ignores a removal that is older than what it knows of a subscription",
    patches: [patch("topic/engine/controls.ts", "if (known && known.config.version >= version) return;", "")],
  },
  {
    name: "consent-version-unchecked",
    without: "a log ignores a decision that is older than the one it knows",
    patches: [patch("topic/store/subscription-store.ts", "if (known && known.version >= consent.version) return;", "")],
  },
  {
    name: "topic-version-unchecked",
    without: "a log ignores what a publisher believes of an API that has changed since",
    patches: [
      patch(
        "topic/store/subscription-store.ts",
        "if (this.#topic && !saysMore(topic, this.#topic)) return false;",
        "if (this.#topic?.version === topic.version) return false;",
      ),
    ],
  },
  {
    name: "revision-unchecked",
    without: "a change that was decided on what is not so any more is decided anew",
    patches: [
      patch(
        "registry/subscription-changes.ts",
        "revision = CASE WHEN revision = ? THEN revision + 1 END",
        "revision = revision + min(1, ?)",
      ),
    ],
  },
  {
    name: "grant-before-subscription",
    without: "a grant that comes before its subscription stays in the outbox",
    patches: [
      patch(
        "http/call/control-plane-pushes.ts",
        "return isKnown.ok && (isKnown.value || !consent.granted);",
        "return isKnown.ok;",
      ),
    ],
  },
  {
    name: "consents-not-told-again",
    without: "a log that a subscription comes back to hears of its consents",
    patches: [
      patch(
        "registry/pushes.ts",
        "  pushSubscriptions(db, which, generation),\n  pushConsents(db, which, generation),",
        "  pushSubscriptions(db, which, generation),",
      ),
    ],
  },
  {
    name: "seek-again",
    without: "a replay happens once, however often a log is told of it",
    patches: [
      patch(
        "topic/engine/controls.ts",
        "isLive && config.seek && config.seek.n !== s.config.seek?.n",
        "isLive && config.seek",
      ),
    ],
  },
  {
    name: "retried-not-found",
    without: "an earlier change of the same subject is told again when it is asked for again",
    patches: [
      patch("registry/pushes.ts", "generation >= ?1 || '/' AND generation < ?1 || '0'", "generation > ?1 || '~'"),
    ],
  },
  {
    name: "idempotency-forgotten",
    without: "an Idempotency-Key makes one subscription",
    patches: [patch("http/call/change.ts", "if (kept) {", "if (kept && kept.generation === null) {")],
  },
  {
    name: "rolled-back-memory-believed",
    without: "what was rolled back is forgotten in memory too",
    patches: [patch("topic/state/open-log.ts", "    load(log);\n    throw error;", "    throw error;")],
  },
];
