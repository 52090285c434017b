import { STALE_LANES_PER_ALARM_MAX, WAKE_COVER_MS } from "../../kernel/limits.ts";
import { firstOwedTo } from "../queries/owed.ts";
import { noteCaughtUp } from "../state/caught-up.ts";
import { hasFresh, type LogState, laneOwner, newSearchBudget } from "../state/log-state.ts";
import { transact } from "../state/open-log.ts";
import { isPulled, type Subscription } from "../store/subscription.ts";
import { arm, nextAlarmMs } from "./arm.ts";
import { watchBacklog } from "./notices.ts";
import { expireUndelivered, forgetOld } from "./retention.ts";
import { reclaimExpired } from "./settle.ts";

/** The net below wakes and consumers: the next alarm is set first, so that nothing that fails here leaves the log without. */
export function runAlarm(log: LogState): void {
  log.alarm.rearm(log.platform.clock.now() + WAKE_COVER_MS);
  log.counters.add("alarmRuns");
  lookAfterAll(log);
}

/** Most subscriptions of a large topic have nothing to do at any moment: they cost a look into memory. */
const isAtRest = (log: LogState, s: Subscription): boolean =>
  !s.gated &&
  !hasFresh(s) &&
  s.slots.every(({ lease }) => lease === null) &&
  !log.lanes.mayHaveAny(s.id) &&
  log.notices.toldMs(s.id, "backlog") === null;

/** Whether there is something that no alarm sends anybody for. */
const waitsToBePulled = (log: LogState, s: Subscription): boolean =>
  isPulled(s) && Number.isFinite(firstOwedTo(log, s));

/** Takes expired leases back and sends wakes for all work there is. A log without work is left without an alarm. */
export function lookAfterAll(log: LogState): void {
  const { subscriptions, lanes, platform, alarm } = log;
  transact(log, () => {
    const budget = newSearchBudget();
    const expiresMs = expireUndelivered(log, budget);
    let nextMs = Number.POSITIVE_INFINITY;
    for (const s of subscriptions.all()) {
      if (isAtRest(log, s)) continue;
      reclaimExpired(log, s, null, budget);
      if (s.hasStaleLanes) s.hasStaleLanes = lanes.deleteStale(laneOwner(s), STALE_LANES_PER_ALARM_MAX);
      if (s.hasStaleLanes) nextMs = Math.min(nextMs, platform.clock.now() + WAKE_COVER_MS);
      arm(log, s);
      const workMs = nextAlarmMs(log, s);
      nextMs = Math.min(
        nextMs,
        workMs,
        watchBacklog(log, s, workMs < Number.POSITIVE_INFINITY || waitsToBePulled(log, s)),
      );
    }
    noteCaughtUp(log);
    const callMs = log.notices.nextCallMs(platform.clock.now());
    const pokeMs = log.listeners.nextPokeMs(log.events.lastSeq);
    alarm.replace(Math.min(nextMs, expiresMs, forgetOld(log), callMs, pokeMs));
  });
}
