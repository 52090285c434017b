import { NoticeCall, Wake } from "../domain/delivery.ts";
import { GIVE_BACK_MS, MESSAGE_ATTEMPTS_MAX } from "../kernel/limits.ts";
import { logLine } from "../kernel/log.ts";
import { ConnectionPool } from "./connection-pool.ts";
import { type DrainDeps, drainWake } from "./drain.ts";
import type { LeaseLine } from "./lease-line.ts";

/** What the consumer uses of a queue's message. */
export type WakeMessage = {
  readonly body: unknown;
  readonly attempts: number;
  ack(): void;
  retry(options: { delaySeconds: number }): void;
};

/** What one batch of a queue came to, for its log line. */
export type BatchLine = {
  what: "wakes";
  wakes: number;
  unreadable: number;
  /** Used up, brought back, and met by a bug. */
  done: number;
  returned: number;
  failed: number;
  /** Those that were served on after the batch was given back. */
  late: number;
  ms: number;
};

export type ConsumerDeps = DrainDeps & {
  report(line: LeaseLine | BatchLine): void;
  /** Lets work go on after the batch has been given back. */
  waitUntil(work: Promise<void>): void;
  /** A log has something to tell. */
  collectNotices(log: string): Promise<void>;
};

/**
 * Serves a batch of wakes, all at once. After `GIVE_BACK_MS` the batch is given back to the queue with the wakes that
 * are still served acknowledged, and they end in the background: an endpoint that hangs holds no other wake up.
 */
export async function consumeWakes(messages: readonly WakeMessage[], deps: ConsumerDeps): Promise<void> {
  const startedMs = deps.now();
  const pool = new ConnectionPool(deps);
  const served = messages.map((message) => serveWake(message, pool, deps));
  const all = Promise.all(served.map(({ ended }) => ended));
  await Promise.race([all, deps.sleep(GIVE_BACK_MS)]);
  const late = served.filter((wake) => wake.giveBack()).length;
  deps.waitUntil(all.then((ends) => deps.report(describeBatch(ends, late, deps.now() - startedMs))));
}

/** What became of a wake. */
type End = "unreadable" | "done" | "returned" | "failed";

function describeBatch(ends: End[], late: number, ms: number): BatchLine {
  const count = (end: End): number => ends.filter((it) => it === end).length;
  const counts = { unreadable: count("unreadable"), done: count("done") };
  return {
    what: "wakes",
    wakes: ends.length,
    ...counts,
    returned: count("returned"),
    failed: count("failed"),
    late,
    ms,
  };
}

/** `giveBack` says whether the wake was still being served. */
function serveWake(
  message: WakeMessage,
  pool: ConnectionPool,
  deps: ConsumerDeps,
): { ended: Promise<End>; giveBack(): boolean } {
  let isSettled = false;
  const settle = (how: () => void): boolean => {
    if (isSettled) return false;
    isSettled = true;
    how();
    return true;
  };
  const call = NoticeCall.safeParse(message.body);
  if (call.success) {
    const ended = serveCall(call.data, deps).finally(() => settle(() => message.ack()));
    return { ended, giveBack: () => settle(() => message.ack()) };
  }
  const parsed = Wake.safeParse(message.body);
  if (!parsed.success) {
    // Not a wake of this version: whatever it was about, the log's alarm sends a new one.
    settle(() => message.ack());
    return { ended: Promise.resolve("unreadable"), giveBack: () => false };
  }
  const visitor = pool.enter();
  const canReturn = (): boolean => !isSettled && message.attempts < MESSAGE_ATTEMPTS_MAX;
  const ended = drainWake(deps, parsed.data, { pool, visitor, canReturn })
    .then(
      (verdict): End => {
        if (verdict.kind === "done") settle(() => message.ack());
        else settle(() => message.retry({ delaySeconds: verdict.delaySeconds }));
        return verdict.kind === "done" ? "done" : "returned";
      },
      // A bug met here is this wake's alone; the log's alarm takes its lease back.
      (error): End => {
        const { log, subscription } = parsed.data;
        logLine("wake_failed", { log, subscription, error: String(error) });
        settle(() => message.ack());
        return "failed";
      },
    )
    .finally(() => pool.leave(visitor));
  return { ended, giveBack: () => settle(() => message.ack()) };
}

/** Whatever becomes of it: as long as the log has something to tell, its alarm calls again. */
async function serveCall({ notices: log }: NoticeCall, deps: ConsumerDeps): Promise<End> {
  try {
    await deps.collectNotices(log);
    return "done";
  } catch (error) {
    logLine("notices_failed", { log, error: String(error) });
    return "failed";
  }
}
