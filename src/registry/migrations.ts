import { z } from "zod";

/** A migration file, split into its statements. */
export type Migration = { name: string; statements: string[] };

const AppliedRow = z.object({ name: z.string() });

/** Applies what a local database does not have yet, each migration in one batch, and keeps count in the table that wrangler uses. */
export async function applyMigrations(db: D1Database, migrations: readonly Migration[]): Promise<void> {
  await db
    .prepare(
      `CREATE TABLE IF NOT EXISTS d1_migrations (
         id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)`,
    )
    .run();
  const { results } = await db.prepare("SELECT name FROM d1_migrations").all();
  const applied = new Set(results.map((row) => AppliedRow.parse(row).name));
  for (const { name, statements } of migrations) {
    if (applied.has(name)) continue;
    const note = db.prepare("INSERT INTO d1_migrations (name) VALUES (?)").bind(name);
    await db.batch([...statements.map((statement) => db.prepare(statement)), note]);
  }
}
