import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";

/** `unique_taken`: another row has this value; `constraint` names the columns as SQLite does (`api.organization_id, api.title`). */
export type CommitError = { reason: "unique_taken"; constraint: string } | { reason: "row_changed" };

const UNIQUE = /UNIQUE constraint failed: ([\w., ]+)/;
const REVISION = /NOT NULL constraint failed: \w+\.revision/;
const PARENT_GONE = /FOREIGN KEY constraint failed/;

/**
 * Writes everything that belongs to one change, or nothing. `row_changed` says that what the change was decided on is not so
 * any more (a newer revision, a parent row that went away): decide again.
 */
export async function commit(db: D1Database, writes: D1PreparedStatement[]): Promise<Result<null, CommitError>> {
  if (writes.length === 0) return ok(null);
  try {
    await db.batch(writes);
    return ok(null);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const constraint = UNIQUE.exec(message)?.[1];
    if (constraint !== undefined) return err({ reason: "unique_taken", constraint });
    if (REVISION.test(message) || PARENT_GONE.test(message)) return err({ reason: "row_changed" });
    throw error;
  }
}
