import type { AttemptResult, KeyReport, Lease, LeaseAnswer, LeaseCall, Wake } from "../domain/delivery.ts";
import type { StoredEvent } from "../domain/event.ts";
import {
  ATTEMPT_CONNECTIONS_MAX,
  ATTEMPT_SECONDS_MAX,
  BACKGROUND_MS,
  DRAIN_MS,
  RPC_TRIES_MAX,
  SEND_MARGIN_MS,
} from "../kernel/limits.ts";
import type { Result } from "../kernel/result.ts";
import type { LogUnavailable } from "../topic/client.ts";
import type { ConnectionPool, Visitor } from "./connection-pool.ts";
import { describeLease, type LeaseLine } from "./lease-line.ts";

const RPC_RETRY_MS = 200;
const TROUBLE_DELAY_SECONDS = 5; // the relay's own trouble: the log or the key store did not answer

/** Attempts one event of a lease. Never throws: each failure is a result. */
export type Attempt = (event: StoredEvent) => Promise<AttemptResult>;

export type DrainDeps = {
  settleAndLease(log: string, call: LeaseCall): Promise<Result<LeaseAnswer, LogUnavailable>>;
  /** What all attempts of a lease share: opened secrets, the app's token. An error is the relay's own trouble. */
  prepareLease(lease: Lease): Promise<Result<Attempt, { reason: "not_ready" }>>;
  /** The endpoint said 410 and means it: the subscription is disabled. */
  disableSubscription(subscriptionId: string): Promise<void>;
  now(): number;
  sleep(ms: number): Promise<void>;
  newNonce(): string;
  report(line: LeaseLine): void;
};

/** What becomes of the wake: used up, or brought back after so many seconds. */
export type Verdict = { kind: "done" } | { kind: "return"; delaySeconds: number };

/** Where the wake came from: its connections, and whether it can still be brought back. */
export type Visit = {
  pool: ConnectionPool;
  visitor: Visitor;
  canReturn(): boolean;
};

/**
 * Serves one wake: takes leases and attempts them until nothing is left or the time slice is over. All times are
 * durations on this side's clock, measured from before the call that gave the lease, so that no attempt starts later
 * than the log reckons with.
 */
export async function drainWake(deps: DrainDeps, wake: Wake, visit: Visit): Promise<Verdict> {
  const nonce = deps.newNonce();
  const startedMs = deps.now();
  const stopMs = startedMs + DRAIN_MS;
  let settles: LeaseCall["settles"] = null;
  let stop: Stop | null = null;
  for (let ordinal = 1; ; ordinal++) {
    // Nobody brings the wake back later: the lease keeps its keys while the trouble may pass.
    if (stop === "trouble" && !visit.canReturn()) await deps.sleep(TROUBLE_DELAY_SECONDS * 1000);
    const wantsMore = stop === null && (ordinal === 1 || deps.now() < stopMs);
    const asked = await askLog(deps, wake, () => ({
      subscription: wake.subscription,
      slot: wake.slot,
      token: wake.token,
      nonce,
      ordinal,
      settles,
      wantsMore,
      canReturn: visit.canReturn(),
    }));
    if (!asked) return { kind: "return", delaySeconds: TROUBLE_DELAY_SECONDS };
    const { answer, askedMs } = asked;
    settles = null;
    // After the settle: what was delivered is noted, whatever becomes of this.
    if (stop === "gone") await deps.disableSubscription(wake.subscription);
    if (answer.kind === "done") return answer;
    if (answer.kind === "wait") {
      await deps.sleep(answer.waitMs);
      continue;
    }
    if (answer.kind === "return") {
      // Where the queue has its message back already, the log has to hear that nobody returns.
      if (!visit.canReturn() || (wantsMore && answer.delaySeconds === 0 && deps.now() < stopMs)) continue;
      return stop === "trouble"
        ? { ...answer, delaySeconds: Math.max(TROUBLE_DELAY_SECONDS, answer.delaySeconds) }
        : answer;
    }
    const run = await runLease(deps, visit, answer.lease, { askedMs, startedMs });
    stop = run.stop;
    settles = { leaseId: answer.lease.id, epoch: answer.lease.epoch, reports: run.reports };
    deps.report(describeLease(wake, answer.lease, run.reports, { stop, ms: deps.now() - askedMs }));
  }
}

async function runLease(
  deps: DrainDeps,
  visit: Visit,
  lease: Lease,
  { askedMs, startedMs }: { askedMs: number; startedMs: number },
): Promise<LeaseRun> {
  const timeoutMs = Math.min(lease.target.timeoutSeconds, ATTEMPT_SECONDS_MAX) * 1000;
  const endMs = Math.min(askedMs + lease.remainingMs - SEND_MARGIN_MS, startedMs + BACKGROUND_MS);
  const run: LeaseRun = { deps, visit, lastSendMs: endMs - timeoutMs, reports: [], stop: null };
  const attempt = await prepareAttempts(run, lease);
  if (attempt) await attemptLease(run, lease, attempt);
  return run;
}

/** On one of the invocation's connections: the name of the endpoint may have to be looked up. null: nothing can be attempted now. */
async function prepareAttempts(run: LeaseRun, lease: Lease): Promise<Attempt | null> {
  const { pool, visitor } = run.visit;
  if (!(await pool.acquire(visitor))) {
    run.stop = "crowded";
    return null;
  }
  try {
    const ready = await run.deps.prepareLease(lease);
    if (ready.ok) return ready.value;
    run.stop = "trouble";
    return null;
  } finally {
    pool.release(visitor);
  }
}

/** One settle-and-lease call, repeated with the same nonce and ordinal where the answer was lost; null: the log does not answer. */
async function askLog(
  deps: DrainDeps,
  wake: Wake,
  makeCall: () => LeaseCall,
): Promise<{ answer: LeaseAnswer; askedMs: number } | null> {
  for (let tries = 1; ; tries++) {
    const askedMs = deps.now();
    const answer = await deps.settleAndLease(wake.log, makeCall());
    if (answer.ok) return { answer: answer.value, askedMs };
    if (tries >= RPC_TRIES_MAX) return null;
    await deps.sleep(RPC_RETRY_MS * tries);
  }
}

/** Why a drain ends before its time: the relay's own trouble, other wakes that hold all connections, or the receiver said so. */
type Stop = "trouble" | "crowded" | "asked" | "gone";

type LeaseRun = { deps: DrainDeps; visit: Visit; lastSendMs: number; reports: KeyReport[]; stop: Stop | null };

/** Keys in parallel, as many as there may be connections and attempts; ends when every attempt of the lease has ended. */
async function attemptLease(run: LeaseRun, lease: Lease, attempt: Attempt): Promise<void> {
  const items = lease.items.values();
  const work = async (): Promise<void> => {
    for (const item of items) {
      const report: KeyReport = { key: item.key, attempts: [] };
      const goesOn = await attemptKey(run, item.events, attempt, report);
      if (report.attempts.length > 0) run.reports.push(report);
      if (!goesOn) return;
    }
  };
  // A log of an older version says nothing of a bound.
  const inFlight = Math.min(ATTEMPT_CONNECTIONS_MAX, lease.target.maxInFlight ?? ATTEMPT_CONNECTIONS_MAX);
  await Promise.all(Array.from({ length: Math.min(inFlight, lease.items.length) }, work));
}

/** Events of one key in turn, up to the first that fails. What is not tried is not reported. False: no more of this lease. */
async function attemptKey(run: LeaseRun, events: StoredEvent[], attempt: Attempt, report: KeyReport): Promise<boolean> {
  const { deps, visit } = run;
  for (const event of events) {
    if (!(await visit.pool.acquire(visit.visitor))) {
      run.stop ??= "crowded";
      return false;
    }
    try {
      // An attempt's timeout starts when it has its connection; past this moment it could outlive the lock on its key.
      if (run.stop || deps.now() > run.lastSendMs) return false;
      const result = await attempt(event);
      if (result.error === "internal") {
        run.stop = "trouble";
        return false;
      }
      report.attempts.push({ ...result, seq: event.seq, atMs: deps.now() });
      if (result.gone) run.stop = "gone";
      else if (result.retryAfterSeconds !== null) run.stop ??= "asked";
      if (!result.delivered) return run.stop === null;
    } finally {
      visit.pool.release(visit.visitor);
    }
  }
  return true;
}
