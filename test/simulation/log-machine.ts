import { SEND_MARGIN_MS } from "../../src/kernel/limits.ts";
import { runAlarm } from "../../src/topic/engine/upkeep.ts";
import { dropNotices, takeNotices } from "../../src/topic/reports/notice-outbox.ts";
import { askPredecessor } from "../../src/topic/shards/ask-predecessor.ts";
import { inherit } from "../../src/topic/shards/inherit.ts";
import type { Predecessor } from "../../src/topic/shards/predecessor.ts";
import type { LogState } from "../../src/topic/state/log-state.ts";
import { openLog } from "../../src/topic/state/open-log.ts";
import type { LogPlatform, Sql } from "../../src/topic/store/platform.ts";
import { openSqlite } from "../support/sqlite-platform.ts";
import { type Chaos, never } from "./chaos.ts";
import { STALL_MS_MAX } from "./endpoints.ts";
import { LogClock } from "./log-clock.ts";
import type { Scheduler } from "./scheduler.ts";
import type { WakeQueue } from "./wake-queue.ts";

/** What the error of a failing disk says. */
export const DISK_FAILED = "the disk failed";

const STATEMENTS_BEFORE_FAILURE_MAX = 25;
const ALARM_LATE_MS_MAX = 40_000;

/** Of the margin that a lease has, what a consumer's stall (see `Endpoints`) leaves. */
const SLACK_MS = SEND_MARGIN_MS - STALL_MS_MAX;

/** What a log of a run is made with. */
export type LogSetup = {
  name: string;
  parallelConsumers: number;
  /** Runs each alarm of this log, and looks before and after it. */
  overAlarm(log: string, alarm: () => void): void;
  /** The log that this one takes its keys over from; null: it is the first. What is asked by an instance that is gone is never answered. */
  predecessor(isGone: () => boolean): Predecessor | null;
  /** It has all that it inherits. */
  inherited(log: string): void;
};

/** The machine below one real log: SQLite with a failing disk and rolled back transactions, the alarm, and restarts. */
export class LogMachine {
  readonly name: string;
  readonly clock: LogClock;
  restarts = 0;
  readonly #time: Scheduler;
  readonly #chaos: Chaos;
  readonly #queue: WakeQueue;
  readonly #setup: LogSetup;
  readonly #database = openSqlite();
  #generation = 0;
  #alarmAtMs: number | null = null;
  /** What the alarm that runs was set for. */
  #runningMs: number | null = null;
  #isDiskFailing = false;
  #statementsLeft = Number.POSITIVE_INFINITY;
  #log: LogState;
  #opening: PromiseWithResolvers<void> | null = null;

  constructor(time: Scheduler, chaos: Chaos, queue: WakeQueue, setup: LogSetup) {
    this.#time = time;
    this.#chaos = chaos;
    this.#queue = queue;
    this.name = setup.name;
    this.clock = new LogClock(time, SLACK_MS);
    this.#setup = setup;
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

  /** Whether it answers calls: a successor inherits first. */
  get isOpen(): boolean {
    return this.#predecessor() === null || this.#log.succession.inheritedMs !== null;
  }

  /** As an object's constructor: calls wait for it, and fail with it. */
  open(): Promise<void> {
    if (this.isOpen) return Promise.resolve();
    this.#opening ??= this.#beginToOpen();
    return this.#opening.promise;
  }

  #beginToOpen(): PromiseWithResolvers<void> {
    const opening = Promise.withResolvers<void>();
    this.#inherit(this.#generation).then(opening.resolve, opening.reject);
    return opening;
  }

  async #inherit(generation: number): Promise<void> {
    const predecessor = this.#predecessor();
    try {
      if (predecessor) await inherit(this.#log, predecessor);
      this.#setup.inherited(this.name);
    } catch (error) {
      if (generation === this.#generation) this.restart();
      throw error;
    }
  }

  #predecessor(): Predecessor | null {
    const generation = this.#generation;
    return this.#setup.predecessor(() => generation !== this.#generation);
  }

  get alarmAtMs(): number | null {
    return this.#alarmAtMs;
  }

  get sql(): Sql {
    return this.#database.sql;
  }

  restart(): void {
    this.restarts++;
    // Whoever waited for it hears that it is gone.
    this.#opening?.reject(new Error("the object was restarted"));
    this.#opening = null;
    this.#log = this.#start();
  }

  /** Sends the wakes that the log has decided on, and has its notices taken. */
  flush(): void {
    this.#log.waker.flush();
    if (this.#log.notices.takeCall(this.#time.nowMs)) void this.#collectNotices();
  }

  /** The call may be lost, and whoever comes may be gone before the notices are told. */
  async #collectNotices(): Promise<void> {
    await this.#time.sleep(this.#chaos.int(1, 300));
    if (this.#chaos.fault(0.1)) return;
    const last = this.onShakyDisk(0.05, () => takeNotices(this.#log))?.at(-1);
    await this.#time.sleep(this.#chaos.int(1, 300));
    if (last && !this.#chaos.fault(0.1)) this.onShakyDisk(0.05, () => dropNotices(this.#log, last.n));
  }

  /** Somebody sets the clock; an alarm that is set goes by it. */
  setClock(offMs: number): void {
    this.clock.set(offMs);
    if (this.#alarmAtMs !== null) this.#setAlarm(this.#alarmAtMs);
  }

  /** Runs with a disk that fails with this probability; null: it did, and the object may be gone with it. */
  onShakyDisk<T>(probability: number, work: () => T): T | null {
    this.#isDiskFailing = this.#chaos.fault(probability);
    try {
      return work();
    } catch (error) {
      if (!this.#isDiskFailing) throw error;
      this.#isDiskFailing = false;
      if (this.#chaos.chance(0.3)) this.restart();
      return null;
    } finally {
      this.#isDiskFailing = false;
    }
  }

  #start(): LogState {
    const generation = ++this.#generation;
    const isGone = (): boolean => generation !== this.#generation;
    const platform: LogPlatform = {
      sql: this.#failingSql(),
      transaction: (work) => this.#transact(work),
      storageBytes: () => 0,
      clock: { now: () => this.clock.nowMs },
      random: this.#chaos.random,
      alarmAtMs: this.#alarmAtMs,
      setAlarm: (atMs) => this.#setAlarm(atMs),
      deleteAlarm: () => {
        this.#alarmAtMs = null;
      },
      poke: async () => "nobody",
      sendWakes: async (_queue, wakes) => {
        await this.#time.sleep(this.#chaos.int(1, 30));
        if (isGone() && this.#chaos.fault(0.5)) return never();
        if (this.#chaos.fault(0.08)) throw new Error("the queue did not take them");
        for (const wake of wakes) this.#queue.send(wake);
      },
    };
    return openLog(platform, { logName: this.name, parallelConsumers: this.#setup.parallelConsumers });
  }

  /** As the object's: what throws leaves nothing behind, an alarm that it set included. */
  #transact<T>(work: () => T): T {
    const alarmAtMs = this.#alarmAtMs;
    if (this.#isDiskFailing) this.#statementsLeft = this.#chaos.int(0, STATEMENTS_BEFORE_FAILURE_MAX);
    try {
      return this.#database.transaction(() => {
        const result = work();
        if (this.#isDiskFailing) throw new Error(`${DISK_FAILED} at the commit`);
        return result;
      });
    } catch (error) {
      if (this.#alarmAtMs !== alarmAtMs && alarmAtMs !== null) this.#setAlarm(alarmAtMs);
      this.#alarmAtMs = alarmAtMs;
      throw error;
    } finally {
      this.#statementsLeft = Number.POSITIVE_INFINITY;
    }
  }

  /** SQLite, until the disk fails in the middle of a transaction. */
  #failingSql(): Sql {
    const { sql } = this.#database;
    const count = (): void => {
      if (this.#statementsLeft-- <= 0) throw new Error(`${DISK_FAILED} at a statement`);
    };
    return {
      all: (query, ...bindings) => {
        count();
        return sql.all(query, ...bindings);
      },
      run: (query, ...bindings) => {
        count();
        sql.run(query, ...bindings);
      },
    };
  }

  /** In whole milliseconds. It goes off late now and then, and twice; one that a run sets for its own time is lost. */
  #setAlarm(time: number): void {
    const atMs = Math.trunc(time);
    this.#alarmAtMs = atMs;
    if (atMs === this.#runningMs) return;
    const lateMs = this.#chaos.fault(0.05) ? this.#chaos.int(1, ALARM_LATE_MS_MAX) : 0;
    this.#time.at(this.clock.whenIs(atMs) + lateMs, () => {
      if (this.#alarmAtMs !== atMs || this.clock.nowMs < atMs) return;
      this.#alarmAtMs = null;
      this.#runningMs = atMs;
      this.#goOff();
      this.#runningMs = null;
      if (this.#chaos.fault(0.05)) this.#time.at(this.#time.nowMs + this.#chaos.int(1, 2_000), () => this.#goOff());
    });
  }

  /** As the Durable Object does, a failure is swallowed: the next alarm is set already. */
  #goOff(): void {
    this.#setup.overAlarm(this.name, () => void this.onShakyDisk(0.1, () => runAlarm(this.#log)));
    this.flush();
    void this.#ask();
  }

  async #ask(): Promise<void> {
    const predecessor = this.#predecessor();
    try {
      if (predecessor) await askPredecessor(this.#log, predecessor);
      this.flush();
    } catch {
      // The alarm comes again.
    }
  }
}
