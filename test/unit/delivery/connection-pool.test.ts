import { describe, expect, it } from "vitest";
import { ConnectionPool } from "../../../src/delivery/connection-pool.ts";
import { ATTEMPT_CONNECTIONS_MAX, CONNECTION_PATIENCE_MS } from "../../../src/kernel/limits.ts";
import { Scheduler } from "../../simulation/scheduler.ts";

function poolOnScheduler() {
  const time = new Scheduler();
  let timers = 0;
  const pool = new ConnectionPool({
    now: () => time.nowMs,
    sleep: (ms) => {
      timers++;
      return time.sleep(ms);
    },
  });
  return { time, pool, timerCount: () => timers };
}

describe("connections", () => {
  it("are all a lone wake's, and no more than there are", async () => {
    const { time, pool } = poolOnScheduler();
    const visitor = pool.enter();
    const got = Array.from({ length: ATTEMPT_CONNECTIONS_MAX + 1 }, () => pool.acquire(visitor));
    await Promise.all(got.slice(0, ATTEMPT_CONNECTIONS_MAX));
    expect(visitor.inUse).toBe(ATTEMPT_CONNECTIONS_MAX);
    let hasLast = false;
    got.at(-1)?.then((gotIt) => {
      hasLast = gotIt;
    });
    await time.run(CONNECTION_PATIENCE_MS * 3, 1_000);
    expect(hasLast).toBe(false);
    pool.release(visitor);
    expect(await got.at(-1)).toBe(true);
  });

  it("are shared, so that one that hangs leaves the others theirs", async () => {
    const { pool } = poolOnScheduler();
    const [hanging, healthy] = [pool.enter(), pool.enter()];
    for (let i = 0; i < ATTEMPT_CONNECTIONS_MAX; i++) pool.acquire(hanging);
    expect(hanging.inUse).toBe(Math.floor(ATTEMPT_CONNECTIONS_MAX / 2));
    expect(await pool.acquire(healthy)).toBe(true);
    pool.leave(healthy);
    pool.release(healthy);
    expect(hanging.inUse).toBe(ATTEMPT_CONNECTIONS_MAX);
  });

  it("that others hold for too long are not waited for", async () => {
    const { time, pool } = poolOnScheduler();
    const others = Array.from({ length: ATTEMPT_CONNECTIONS_MAX }, () => pool.enter());
    const late = pool.enter();
    for (const other of others) await pool.acquire(other);
    const waited = pool.acquire(late);
    await time.run(CONNECTION_PATIENCE_MS * 3, 1_000);
    expect(await waited).toBe(false);
    expect(time.nowMs).toBeLessThan(CONNECTION_PATIENCE_MS * 2);
  });

  it("cost one timer, however many wait", async () => {
    const { pool, timerCount } = poolOnScheduler();
    const visitors = [pool.enter(), pool.enter()];
    for (let i = 0; i < 20_000; i++) pool.acquire(visitors[i % 2] ?? pool.enter());
    expect(timerCount()).toBe(1);
  });
});
