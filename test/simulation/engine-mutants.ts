import { type Mutant, patch } from "./mutant.ts";

/** Nothing lost, nothing out of order, nothing stuck. */
export const ENGINE_MUTANTS: Mutant[] = [
  {
    name: "caught-up-for-ever",
    without: "who had caught up is not believed once more may match",
    patches: [
      patch(
        "topic/store/subscription-store.ts",
        "s.firstFreshSeq = 0;\n    this.#caughtUp.forget();",
        "s.firstFreshSeq = 0;",
      ),
    ],
  },
  {
    name: "caught-up-since",
    without: "events since it was written down who had caught up are looked at",
    patches: [
      patch(
        "topic/state/caught-up.ts",
        "if (row.seq > cursorOf(s)) noteMatch(s, row);",
        "if (row.seq < 0) noteMatch(s, row);",
      ),
    ],
  },
  {
    name: "forget-owed",
    without: "what somebody is still owed is not forgotten",
    patches: [patch("topic/engine/retention.ts", "firstOwedSeq(log) <= log.events.oldestSegmentEndSeq()", "false")],
  },
  {
    name: "begins-at-nothing",
    without: "a cursor does not stay behind the beginning of what is kept",
    patches: [patch("topic/engine/take.ts", ", log.events.firstSeq - 1)", ")")],
  },
  {
    name: "replay-in-key",
    without: "a closed event that is tried again behind its key goes by itself",
    patches: [patch("topic/engine/delivery-controls.ts", "key: loneLaneKey(seq), headSeq", "key, headSeq")],
  },
  {
    name: "replay-unknown",
    without: "a lane of its own is taken where the event has a key",
    patches: [patch("topic/state/log-state.ts", " || loneLaneKey(row.seq) === laneKey)", ")")],
  },
  {
    name: "no-lock",
    without: "a key in a live lease is locked for everybody else",
    patches: [patch("topic/state/log-state.ts", "for (const item of slot.lease.items) locked.add(item.key);", "")],
  },
  {
    name: "forget-passed",
    without: "a settled key looks for events that were passed over behind it",
    patches: [
      patch(
        "topic/engine/settle.ts",
        "if (first === undefined) return passOn(",
        "if (first === undefined && !log.lanes.get(laneOwner(s), key)) return [];\n  if (first === undefined) return passOn(",
      ),
    ],
  },
  {
    name: "seek-drops-leases",
    without: "a seek leaves live leases as locks",
    patches: [
      patch(
        "topic/engine/controls.ts",
        "subscriptions.startFrom(s, fromSeq, events.lastSeq);",
        "subscriptions.startFrom(s, fromSeq, events.lastSeq);\n    for (const slot of s.slots) slot.lease = null;",
      ),
    ],
  },
  {
    name: "nonce-of-message",
    without: "the nonce is made per invocation",
    patches: [patch("delivery/drain.ts", "const nonce = deps.newNonce();", "const nonce = wake.token;")],
  },
  {
    name: "no-deadline",
    without: "no attempt starts that could outlive its lease",
    patches: [patch("delivery/drain.ts", "deps.now() > run.lastSendMs", "false")],
  },
  {
    name: "absolute-clock",
    without: "lease times are durations, not times of another machine's clock",
    patches: [
      patch("topic/engine/lease.ts", "held.expiresMs - platform.clock.now()", "held.expiresMs"),
      patch(
        "topic/engine/lease.ts",
        "remainingMs: Math.min(leaseLengthMs(s), held.expiresMs)",
        "remainingMs: held.expiresMs",
      ),
      patch(
        "delivery/drain.ts",
        "Math.min(askedMs + lease.remainingMs - SEND_MARGIN_MS, startedMs + BACKGROUND_MS)",
        "lease.remainingMs - SEND_MARGIN_MS",
      ),
    ],
  },
  {
    name: "late-settle-believed",
    without: "a late settle moves only an unlocked head that it names",
    patches: [
      patch(
        "topic/engine/settle.ts",
        "if (lane && !locked.has(report.key)) advanceHead(log, s, lane.headSeq, report, budget);",
        `const last = report.attempts.at(-1);
    if (lane && last) {
      for (const next of passOn(log, s, report.key, nextOpen(log, s, report.key, last.seq, budget))) {
        log.lanes.set(laneOwner(s), { ...next, dueMs: log.platform.clock.now() });
      }
    }`,
      ),
    ],
  },
  {
    name: "lease-ids-in-memory",
    without: "lease ids never repeat, across restarts too",
    patches: [
      patch("topic/store/subscription-rows.ts", "leaseId: row.lease_id,", "leaseId: isLeased ? row.lease_id : 0,"),
    ],
  },
  {
    name: "paused-leases-lost",
    without: "leases of paused subscriptions are reclaimed too",
    patches: [patch("topic/engine/settle.ts", "if (s.removed) return;", "if (s.removed || !s.config.active) return;")],
  },
  {
    name: "wakes-never-expire",
    without: "a wake under way counts for a while only",
    patches: [
      patch("topic/state/waker.ts", "now - token.atMs < WAKE_COVER_MS", "true"),
      patch("topic/state/waker.ts", "sleeper.atMs + WAKE_COVER_MS > now", "true"),
    ],
  },
  {
    name: "alarm-not-rearmed",
    without: "the alarm is set again before anything else",
    patches: [patch("topic/engine/upkeep.ts", "log.alarm.rearm(log.platform.clock.now() + WAKE_COVER_MS);", "")],
  },
  {
    name: "no-alarm",
    without: "an alarm stands behind wakes and leases",
    patches: [patch("topic/state/alarm-clock.ts", "this.#platform.setAlarm(this.#atMs);", "")],
  },
  {
    name: "alarm-for-now",
    without: "no alarm is set for a moment that has come, nor for a part of a millisecond",
    patches: [
      patch(
        "topic/state/alarm-clock.ts",
        "return Math.max(Math.ceil(atMs), this.#platform.clock.now() + 1);",
        "return atMs;",
      ),
    ],
  },
  {
    name: "fresh-ignores-lanes",
    without: "fresh events wait behind their key's lane",
    patches: [patch("topic/engine/take.ts", "log.lanes.get(laneOwner(s), key) !== null", "false")],
  },
  {
    name: "untried-forgotten",
    without: "what a lease leaves untried keeps a lane",
    patches: [
      patch(
        "topic/engine/lease.ts",
        "if (!call.wantsMore) for (const candidate of candidates) keepCandidate(log, s, candidate);",
        "",
      ),
    ],
  },
  {
    name: "order-of-key-ignored",
    without: "a key stops at its first failure",
    patches: [patch("delivery/drain.ts", "if (!result.delivered) return run.stop === null;", "")],
  },
  {
    name: "rolled-back-alarm-believed",
    without: "an alarm that was rolled back is not counted on",
    patches: [patch("topic/state/open-log.ts", "log.alarm.rollBack();", "")],
  },
  {
    name: "rolled-back-wakes-believed",
    without: "wakes that were rolled back are not counted on",
    patches: [
      patch("topic/state/waker.ts", "this.#underWay.clear();", ""),
      patch("topic/state/waker.ts", "this.#sleepers.clear();", ""),
      patch("topic/state/waker.ts", "now - token.atMs < WAKE_COVER_MS", "true"),
    ],
  },
];
