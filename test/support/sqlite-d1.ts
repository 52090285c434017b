import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";

/** Makes one call to the database: when, and whether at all, is up to whoever stands between. */
export type Passage = <T>(call: () => T) => Promise<T>;

const straight: Passage = async (call) => call();

type Row = Record<string, unknown>;

/** What D1 takes as values, as SQLite does. */
const toInput = (value: unknown): SQLInputValue =>
  typeof value === "boolean" ? Number(value) : ((value ?? null) as SQLInputValue);

// To prepare them costs more than to run them.
const prepared = new WeakMap<DatabaseSync, Map<string, StatementSync>>();

function prepare(database: DatabaseSync, sql: string): StatementSync {
  const known = prepared.get(database) ?? new Map<string, StatementSync>();
  prepared.set(database, known);
  const statement = known.get(sql) ?? database.prepare(sql);
  known.set(sql, statement);
  return statement;
}

class Statement {
  readonly #database: DatabaseSync;
  readonly #pass: Passage;
  readonly #sql: string;
  readonly #values: SQLInputValue[];

  constructor(database: DatabaseSync, pass: Passage, sql: string, values: SQLInputValue[] = []) {
    this.#database = database;
    this.#pass = pass;
    this.#sql = sql;
    this.#values = values;
  }

  bind(...values: unknown[]): Statement {
    return new Statement(this.#database, this.#pass, this.#sql, values.map(toInput));
  }

  /** At once; only inside a passage. */
  rows(): Row[] {
    return prepare(this.#database, this.#sql).all(...this.#values) as Row[];
  }

  async all(): Promise<{ results: Row[] }> {
    return { results: await this.#pass(() => this.rows()) };
  }

  async first(column?: string): Promise<unknown> {
    const [row] = await this.#pass(() => this.rows());
    if (!row) return null;
    return column === undefined ? row : row[column];
  }

  async run(): Promise<{ success: true; results: Row[] }> {
    return { success: true, results: await this.#pass(() => this.rows()) };
  }
}

/** D1 over SQLite in memory: as much of it as the registry uses. A batch is one transaction. */
export function sqliteD1(database: DatabaseSync, pass: Passage = straight): D1Database {
  const d1 = {
    prepare: (sql: string) => new Statement(database, pass, sql),
    batch: (statements: Statement[]) =>
      pass(() => {
        database.exec("BEGIN");
        try {
          const answers = statements.map((statement) => ({ success: true, results: statement.rows() }));
          database.exec("COMMIT");
          return answers;
        } catch (error) {
          database.exec("ROLLBACK");
          throw error;
        }
      }),
  };
  return d1 as unknown as D1Database;
}
