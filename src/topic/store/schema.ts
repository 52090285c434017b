import type { Sql } from "./platform.ts";

/** Forward only: append a step, never change one. Step n brings a log from version n to n + 1. */
const STEPS: readonly (readonly string[] | ((sql: Sql) => string[]))[] = [
  [
    // `body` stands last: SQLite then reads the columns before it without touching the body's overflow pages.
    `CREATE TABLE event (
       seq INTEGER PRIMARY KEY, id TEXT NOT NULL, channel TEXT NOT NULL, partition_key TEXT, data_owner_id TEXT,
       subscription_id TEXT, request_id TEXT NOT NULL, origin_request_id TEXT, traceparent TEXT,
       content_type TEXT NOT NULL, accepted_ms INTEGER NOT NULL, body BLOB NOT NULL)`,
    `CREATE TABLE key_block (block INTEGER PRIMARY KEY, hashes BLOB NOT NULL)`,
    `CREATE TABLE topic (one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL, config TEXT NOT NULL)`,
    `CREATE TABLE subscription (
       id TEXT PRIMARY KEY, version INTEGER NOT NULL, removed INTEGER NOT NULL, config TEXT NOT NULL,
       epoch INTEGER NOT NULL, from_seq INTEGER NOT NULL, hold_until_ms INTEGER NOT NULL) WITHOUT ROWID`,
    `CREATE TABLE consent (
       subscription_id TEXT NOT NULL, data_owner_id TEXT NOT NULL, version INTEGER NOT NULL, granted INTEGER NOT NULL,
       since_seq INTEGER NOT NULL, expires_ms INTEGER, PRIMARY KEY (subscription_id, data_owner_id)) WITHOUT ROWID`,
    `CREATE TABLE slot (
       subscription_id TEXT NOT NULL, n INTEGER NOT NULL, epoch INTEGER NOT NULL, high_seq INTEGER NOT NULL,
       window INTEGER NOT NULL, lease_id INTEGER NOT NULL, nonce TEXT, ordinal INTEGER, expires_ms INTEGER, items TEXT,
       PRIMARY KEY (subscription_id, n)) WITHOUT ROWID`,
    `CREATE TABLE lane (
       subscription_id TEXT NOT NULL, key TEXT NOT NULL, epoch INTEGER NOT NULL, head_seq INTEGER NOT NULL,
       attempt INTEGER NOT NULL, due_ms INTEGER NOT NULL, PRIMARY KEY (subscription_id, key)) WITHOUT ROWID`,
    `CREATE INDEX lane_due ON lane (subscription_id, epoch, attempt > 0, due_ms)`,
    `CREATE TABLE closed (
       subscription_id TEXT NOT NULL, seq INTEGER NOT NULL, epoch INTEGER NOT NULL, kind TEXT NOT NULL,
       at_ms INTEGER NOT NULL, PRIMARY KEY (subscription_id, seq)) WITHOUT ROWID`,
  ],
  // Behind the body, and so read only where the body is: no row that is there already has to be written anew.
  [`ALTER TABLE event ADD COLUMN invalid INTEGER NOT NULL DEFAULT 0`],
  [
    `ALTER TABLE event ADD COLUMN cloud_event TEXT`,
    `ALTER TABLE event ADD COLUMN hops INTEGER NOT NULL DEFAULT 0`,
    // The bucket of the subscription's rate limit: a row that is written with each call anyway.
    `ALTER TABLE slot ADD COLUMN tokens REAL`,
    `ALTER TABLE slot ADD COLUMN tokens_ms INTEGER`,
  ],
  // What was the whole log becomes its first segment.
  [`ALTER TABLE event RENAME TO event_1`],
  [
    `ALTER TABLE subscription ADD COLUMN failing_since_ms INTEGER`,
    `ALTER TABLE subscription ADD COLUMN circuit_opens INTEGER NOT NULL DEFAULT 0`,
    `ALTER TABLE subscription ADD COLUMN circuit_until_ms INTEGER NOT NULL DEFAULT 0`,
  ],
  // The delivery log lies in other tables, in an order in which it can be read; nobody could read it before.
  (sql) => tablesLike(sql, "outcome_*").map((table) => `DROP TABLE ${table}`),
  [
    `CREATE TABLE successor (shard INTEGER PRIMARY KEY, seal_seq INTEGER NOT NULL)`,
    `CREATE TABLE inheritance (one INTEGER PRIMARY KEY CHECK (one = 1), at_ms INTEGER NOT NULL)`,
    `ALTER TABLE subscription ADD COLUMN gated INTEGER NOT NULL DEFAULT 0`,
  ],
  [
    // A number is never given twice: it names the notice. `dead_of`: the subscription whose dead events are still added to it.
    `CREATE TABLE notice (
       n INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, news TEXT NOT NULL, taken INTEGER NOT NULL,
       dead_of TEXT)`,
    `CREATE UNIQUE INDEX notice_dead_of ON notice (dead_of) WHERE dead_of IS NOT NULL`,
    `CREATE TABLE told (
       subject TEXT NOT NULL, what TEXT NOT NULL, at_ms INTEGER NOT NULL, PRIMARY KEY (subject, what)) WITHOUT ROWID`,
  ],
  (sql) => tablesLike(sql, "event_*").map((table) => `ALTER TABLE ${table} ADD COLUMN tracestate TEXT`),
  [`CREATE TABLE caught_up (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL, behind TEXT NOT NULL)`],
  [`CREATE TABLE hub (name TEXT PRIMARY KEY) WITHOUT ROWID`],
  (sql) => tablesLike(sql, "attempts_*").map((table) => `ALTER TABLE ${table} ADD COLUMN backlog INTEGER`),
  // What is summed up as it is written need not be counted to be read.
  (sql) =>
    tablesLike(sql, "attempts_*").flatMap((table) => [
      `ALTER TABLE ${table} ADD COLUMN attempts_by_then INTEGER`,
      `ALTER TABLE ${table} ADD COLUMN failures_by_then INTEGER`,
    ]),
  [
    `ALTER TABLE slot ADD COLUMN delivered INTEGER NOT NULL DEFAULT 0`,
    `ALTER TABLE slot ADD COLUMN failed INTEGER NOT NULL DEFAULT 0`,
    `ALTER TABLE slot ADD COLUMN attempts_ms INTEGER NOT NULL DEFAULT 0`,
  ],
];

/** Brings the log's tables to this version of the code. A log of a newer version is left alone and refused. */
export function migrateLog(sql: Sql): void {
  sql.run("CREATE TABLE IF NOT EXISTS log_schema (one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL)");
  const version = sql.all<{ version: number }>("SELECT version FROM log_schema")[0]?.version ?? 0;
  if (version > STEPS.length) throw new Error(`this log has schema ${version}, this code knows ${STEPS.length}`);
  if (version === STEPS.length) return;
  for (const step of STEPS.slice(version)) {
    for (const statement of typeof step === "function" ? step(sql) : step) sql.run(statement);
  }
  sql.run(
    "INSERT INTO log_schema (one, version) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET version = excluded.version",
    STEPS.length,
  );
}

const tablesLike = (sql: Sql, glob: string): string[] =>
  sql
    .all<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB ?", glob)
    .map(({ name }) => name);
