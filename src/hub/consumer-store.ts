/** What a hub keeps of a named consumer: behind what it goes on, and what its adapter says of it. */
export type Consumer = { name: string; cursor: string; state: string; expirySeconds: number };

type Row = { name: string; cursor: string; state: string; expiry_seconds: number };

/** The named consumers of a hub. */
export class ConsumerStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS consumer (
      name TEXT PRIMARY KEY, cursor TEXT NOT NULL, state TEXT NOT NULL, expiry_seconds INTEGER NOT NULL,
      used_ms INTEGER NOT NULL) WITHOUT ROWID`);
  }

  find(name: string): Consumer | null {
    const [row] = this.#sql.exec<Row>("SELECT * FROM consumer WHERE name = ?", name).toArray();
    return row ? { name, cursor: row.cursor, state: row.state, expirySeconds: row.expiry_seconds } : null;
  }

  count(): number {
    return this.#sql.exec<{ n: number }>("SELECT count(*) AS n FROM consumer").one().n;
  }

  save({ name, cursor, state, expirySeconds }: Consumer, nowMs: number): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO consumer (name, cursor, state, expiry_seconds, used_ms) VALUES (?, ?, ?, ?, ?)",
      ...[name, cursor, state, expirySeconds, nowMs],
    );
  }

  forget(name: string): void {
    this.#sql.exec("DELETE FROM consumer WHERE name = ?", name);
  }

  /**
   * Forgets those that nobody has used for as long as they were to be kept. `present` are being used: that is written down before half
   * of their time has passed, as nobody is asked when a hub dies.
   */
  dropExpired(nowMs: number, present: ReadonlySet<string>): void {
    const query =
      "SELECT name, used_ms + expiry_seconds * 1000 <= ?1 AS is_over FROM consumer WHERE used_ms + expiry_seconds * 500 <= ?1";
    for (const { name, is_over } of this.#sql.exec<{ name: string; is_over: number }>(query, nowMs).toArray()) {
      if (present.has(name)) this.#sql.exec("UPDATE consumer SET used_ms = ? WHERE name = ?", nowMs, name);
      else if (is_over) this.forget(name);
    }
  }
}
