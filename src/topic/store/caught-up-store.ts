import type { Sql } from "./platform.ts";

/**
 * At a place in the log, nobody but these had a matching event between its cursor and there. `behind`: each with the first
 * event that may match; 0: not known.
 */
export type CaughtUp = { seq: number; behind: [subscriptionId: string, firstFreshSeq: number][] };

/** What a log knew of who has caught up: one row, so that a new instance need not wake everybody to find out. */
export class CaughtUpStore {
  readonly #sql: Sql;
  #noted: CaughtUp | null = null;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  load(): void {
    const [row] = this.#sql.all<{ seq: number; behind: string }>("SELECT seq, behind FROM caught_up WHERE one = 1");
    this.#noted = row ? { seq: row.seq, behind: JSON.parse(row.behind) } : null;
  }

  /** null: nothing is known. */
  get noted(): CaughtUp | null {
    return this.#noted;
  }

  note(caughtUp: CaughtUp): void {
    this.#noted = caughtUp;
    this.#sql.run(
      "INSERT OR REPLACE INTO caught_up (one, seq, behind) VALUES (1, ?, ?)",
      caughtUp.seq,
      JSON.stringify(caughtUp.behind),
    );
  }

  /** Events that nobody wanted may match now. */
  forget(): void {
    if (this.#noted === null) return;
    this.#noted = null;
    this.#sql.run("DELETE FROM caught_up WHERE one = 1");
  }
}
