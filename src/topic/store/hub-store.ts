import type { Sql } from "./platform.ts";

/** The hubs that listeners of this log are connected to. Kept: a log that begins anew has to tell them of what it takes. */
export class HubStore {
  readonly #sql: Sql;
  #names = new Set<string>();

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  load(): void {
    this.#names = new Set(this.#sql.all<{ name: string }>("SELECT name FROM hub").map(({ name }) => name));
  }

  get names(): ReadonlySet<string> {
    return this.#names;
  }

  add(name: string): void {
    if (this.#names.has(name)) return;
    this.#names.add(name);
    this.#sql.run("INSERT OR IGNORE INTO hub (name) VALUES (?)", name);
  }

  remove(name: string): void {
    if (!this.#names.delete(name)) return;
    this.#sql.run("DELETE FROM hub WHERE name = ?", name);
  }
}
