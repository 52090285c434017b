import type { DatabaseSync } from "node:sqlite";
import { type Passage, sqliteD1 } from "../support/sqlite-d1.ts";
import { type Chaos, never } from "./chaos.ts";
import type { Scheduler } from "./scheduler.ts";

/** One run of the Worker: a request, or a cron. It may die at any moment, and then nothing that it waits for comes back. */
export type Invocation = { isDead: boolean };

/** The machine below the registry: D1 that is slow, down for a while, or loses the answer to what it has committed. */
export class RegistryMachine {
  readonly #time: Scheduler;
  readonly #chaos: Chaos;
  readonly #database: DatabaseSync;
  #downUntilMs = 0;

  constructor(time: Scheduler, chaos: Chaos, database: DatabaseSync) {
    this.#time = time;
    this.#chaos = chaos;
    this.#database = database;
  }

  /** Nothing is answered for a while. */
  goDown(): void {
    this.#downUntilMs = this.#time.nowMs + this.#chaos.int(500, 40_000);
  }

  /** D1 as one invocation reaches it. */
  reach(invocation: Invocation): D1Database {
    const [time, chaos] = [this.#time, this.#chaos];
    const pass: Passage = async (call) => {
      await time.sleep(chaos.int(1, 15));
      if (invocation.isDead) return never();
      const isDown = time.nowMs < this.#downUntilMs && !chaos.isCalm;
      if (isDown || chaos.fault(0.004)) throw new Error("D1_ERROR: the database does not answer");
      const answer = call();
      if (chaos.fault(0.03)) await time.sleep(chaos.int(1, 5_000));
      if (invocation.isDead) return never();
      if (chaos.fault(0.006)) throw new Error("D1_ERROR: the answer was lost");
      return answer;
    };
    return sqliteD1(this.#database, pass);
  }

  /** What stands in it, as nobody in the run can see it. */
  rows<Row>(sql: string, ...values: string[]): Row[] {
    return this.#database.prepare(sql).all(...values) as Row[];
  }
}
