import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { LogPlatform, Sql, SqlValue } from "../../src/topic/store/platform.ts";

/** The log's SQL interface over SQLite in memory, as node:sqlite has it; `stored` is run first. */
export function openSqlite(stored = ""): { sql: Sql; transaction: LogPlatform["transaction"] } {
  const database = new DatabaseSync(":memory:");
  database.exec(stored);
  const statements = new Map<string, StatementSync>();
  const prepare = (query: string): StatementSync => {
    const known = statements.get(query);
    if (known) return known;
    const statement = database.prepare(query);
    statements.set(query, statement);
    return statement;
  };
  const bind = (values: SqlValue[]) => values.map((v) => (v instanceof ArrayBuffer ? new Uint8Array(v) : v));
  return {
    sql: {
      all: <Row extends Record<string, SqlValue>>(query: string, ...bindings: SqlValue[]) =>
        prepare(query).all(...bind(bindings)) as Row[],
      run: (query, ...bindings) => void prepare(query).run(...bind(bindings)),
    },
    transaction: (work) => {
      database.exec("BEGIN");
      try {
        const result = work();
        database.exec("COMMIT");
        return result;
      } catch (error) {
        database.exec("ROLLBACK");
        throw error;
      }
    },
  };
}
