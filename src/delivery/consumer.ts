import { NoticeCall, Wake } from "../domain/delivery.ts";
import { GIVE_BACK_MS, MESSAGE_ATTEMPTS_MAX } from "../kernel/limits.ts";
import { logLine } from "../kernel/log.ts";
import { ConnectionPool } from "./connection-pool.ts";
import { type DrainDeps, drainWake } from "./drain.ts";

/** What the consumer uses of a queue's message. */
export type WakeMessage = {
  readonly body: unknown;
  readonly attempts: number;
  ack(): void;
  retry(options: { delaySeconds: number }): void;
};

export type ConsumerDeps = DrainDeps & {
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
  const pool = new ConnectionPool(deps);
  const served = messages.map((message) => serveWake(message, pool, deps));
  const all = Promise.all(served.map(({ ended }) => ended)).then(() => {});
  await Promise.race([all, deps.sleep(GIVE_BACK_MS)]);
  for (const wake of served) wake.giveBack();
  deps.waitUntil(all);
}

function serveWake(message: WakeMessage, pool: ConnectionPool, deps: ConsumerDeps) {
  let isSettled = false;
  const settle = (how: () => void): void => {
    if (isSettled) return;
    isSettled = true;
    how();
  };
  const call = NoticeCall.safeParse(message.body);
  if (call.success) return { ended: serveCall(call.data, deps), giveBack: () => settle(() => message.ack()) };
  const parsed = Wake.safeParse(message.body);
  if (!parsed.success) {
    // Not a wake of this version: whatever it was about, the log's alarm sends a new one.
    settle(() => message.ack());
    return { ended: Promise.resolve(), giveBack: () => {} };
  }
  const visitor = pool.enter();
  const canReturn = (): boolean => !isSettled && message.attempts < MESSAGE_ATTEMPTS_MAX;
  const ended = drainWake(deps, parsed.data, { pool, visitor, canReturn })
    .then(
      (verdict) =>
        settle(() => (verdict.kind === "done" ? message.ack() : message.retry({ delaySeconds: verdict.delaySeconds }))),
      // A bug met here is this wake's alone; the log's alarm takes its lease back.
      (error) => {
        logLine("wake_failed", { subscription: parsed.data.subscription, error: String(error) });
        settle(() => message.ack());
      },
    )
    .finally(() => pool.leave(visitor));
  return { ended, giveBack: () => settle(() => message.ack()) };
}

/** Whatever becomes of it: as long as the log has something to tell, its alarm calls again. */
async function serveCall({ notices: log }: NoticeCall, deps: ConsumerDeps): Promise<void> {
  try {
    await deps.collectNotices(log);
  } catch (error) {
    logLine("notices_failed", { log, error: String(error) });
  }
}
