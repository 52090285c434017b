import { DAY_MS } from "../../kernel/limits.ts";
import type { Sql } from "./platform.ts";

/**
 * Rows that are forgotten by age: one table a day, so that forgetting is a DROP TABLE, which costs no row writes.
 * `columns` is what stands between the brackets, and behind them, in CREATE TABLE.
 */
export class DayTables {
  readonly #sql: Sql;
  readonly #prefix: string;
  readonly #columns: string;
  readonly #daysKept: number;
  #days: number[] = [];

  constructor(sql: Sql, options: { prefix: string; columns: string; daysKept: number }) {
    this.#sql = sql;
    this.#prefix = options.prefix;
    this.#columns = options.columns;
    this.#daysKept = options.daysKept;
  }

  load(): void {
    const tables = this.#sql.all<{ name: string }>(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB ?",
      `${this.#prefix}_*`,
    );
    this.#days = tables.map(({ name }) => Number(name.slice(this.#prefix.length + 1))).sort((a, b) => b - a);
  }

  /** The tables there are, newest first. */
  names(): string[] {
    return this.#days.map((day) => this.#nameOf(day));
  }

  /** The table of the day of a time; null: there is none, or none any more. */
  of(atMs: number): string | null {
    const day = Math.floor(atMs / DAY_MS);
    return this.#days.includes(day) ? this.#nameOf(day) : null;
  }

  /** Those that may have rows since a time, newest first. */
  since(sinceMs: number): string[] {
    const first = Math.floor(sinceMs / DAY_MS);
    return this.#days.filter((day) => day >= first).map((day) => this.#nameOf(day));
  }

  /** Today's table, made where it is missing; tables that are too old go then. */
  today(nowMs: number): string {
    const day = Math.floor(nowMs / DAY_MS);
    if (!this.#days.includes(day)) this.#open(day);
    return this.#nameOf(day);
  }

  #open(day: number): void {
    for (const old of this.#days.filter((one) => one <= day - this.#daysKept))
      this.#sql.run(`DROP TABLE ${this.#nameOf(old)}`);
    this.#sql.run(`CREATE TABLE ${this.#nameOf(day)} ${this.#columns}`);
    this.load();
  }

  #nameOf(day: number): string {
    return `${this.#prefix}_${day}`;
  }
}
