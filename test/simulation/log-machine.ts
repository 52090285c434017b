import type { LogState } from "../../src/topic/log-state.ts";
import { openLog } from "../../src/topic/open-log.ts";
import type { LogPlatform, Sql } from "../../src/topic/platform.ts";
import { runAlarm } from "../../src/topic/upkeep.ts";
import { openSqlite } from "../support/sqlite-platform.ts";
import { type Chaos, never } from "./chaos.ts";
import type { Scheduler } from "./scheduler.ts";
import type { WakeQueue } from "./wake-queue.ts";

/** What the error of a failing disk says. */
export const DISK_FAILED = "the disk failed";

/** What a log of a run is made with. */
export type LogSetup = {
  name: string;
  parallelConsumers: number;
  /** Runs each alarm of this log, and looks before and after it. */
  overAlarm(log: string, alarm: () => void): void;
};

/** The machine below one real log: SQLite with a failing disk and rolled back transactions, the alarm, and restarts. */
export class LogMachine {
  readonly name: string;
  restarts = 0;
  readonly #time: Scheduler;
  readonly #chaos: Chaos;
  readonly #queue: WakeQueue;
  readonly #parallelConsumers: number;
  readonly #overAlarm: LogSetup["overAlarm"];
  readonly #database = openSqlite();
  #generation = 0;
  #alarmAtMs: number | null = null;
  #isDiskFailing = false;
  #log: LogState;

  constructor(time: Scheduler, chaos: Chaos, queue: WakeQueue, { name, parallelConsumers, overAlarm }: LogSetup) {
    this.#time = time;
    this.#chaos = chaos;
    this.#queue = queue;
    this.name = name;
    this.#parallelConsumers = parallelConsumers;
    this.#overAlarm = overAlarm;
    this.#log = this.#start();
  }

  /** The log as its present instance has it; never to be kept across an `await`. */
  get log(): LogState {
    return this.#log;
  }

  /** Counts the instances: another number means that the log was restarted in between. */
  get generation(): number {
    return this.#generation;
  }

  get alarmAtMs(): number | null {
    return this.#alarmAtMs;
  }

  get sql(): Sql {
    return this.#database.sql;
  }

  restart(): void {
    this.restarts++;
    this.#log = this.#start();
  }

  /** Sends the wakes that the log has decided on. */
  flush(): void {
    this.#log.waker.flush();
  }

  /** Runs with a disk that fails with this probability; null: it did. */
  onShakyDisk<T>(probability: number, work: () => T): T | null {
    this.#isDiskFailing = this.#chaos.fault(probability);
    try {
      return work();
    } catch (error) {
      if (!this.#isDiskFailing) throw error;
      return null;
    } finally {
      this.#isDiskFailing = false;
    }
  }

  #start(): LogState {
    const generation = ++this.#generation;
    const isGone = (): boolean => generation !== this.#generation;
    const platform: LogPlatform = {
      sql: this.#database.sql,
      transaction: (work) => this.#transact(work),
      storageBytes: () => 0,
      clock: { now: () => this.#time.nowMs },
      random: this.#chaos.random,
      alarmAtMs: this.#alarmAtMs,
      setAlarm: (atMs) => this.#setAlarm(atMs),
      deleteAlarm: () => {
        this.#alarmAtMs = null;
      },
      sendWakes: async (_queue, wakes) => {
        await this.#time.sleep(this.#chaos.int(1, 30));
        if (isGone() && this.#chaos.fault(0.5)) return never();
        if (this.#chaos.fault(0.08)) throw new Error("the queue did not take them");
        for (const wake of wakes) this.#queue.send(wake);
      },
    };
    return openLog(platform, { logName: this.name, parallelConsumers: this.#parallelConsumers });
  }

  /** As the object's: what throws leaves nothing behind, an alarm that it set included. */
  #transact<T>(work: () => T): T {
    const alarmAtMs = this.#alarmAtMs;
    try {
      return this.#database.transaction(() => {
        if (this.#isDiskFailing && this.#chaos.chance(0.5)) throw new Error(`${DISK_FAILED} before the work`);
        const result = work();
        if (this.#isDiskFailing) throw new Error(`${DISK_FAILED} after the work`);
        return result;
      });
    } catch (error) {
      if (this.#alarmAtMs !== alarmAtMs && alarmAtMs !== null) this.#setAlarm(alarmAtMs);
      this.#alarmAtMs = alarmAtMs;
      throw error;
    }
  }

  #setAlarm(atMs: number): void {
    this.#alarmAtMs = atMs;
    this.#time.at(atMs, () => {
      if (this.#alarmAtMs !== atMs) return;
      this.#alarmAtMs = null;
      // As the Durable Object does, a failure is swallowed: the next alarm is set already.
      this.#overAlarm(this.name, () => void this.onShakyDisk(0.1, () => runAlarm(this.#log)));
      this.flush();
    });
  }
}
