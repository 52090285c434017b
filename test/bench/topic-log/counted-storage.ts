import type { SqlValue } from "../../../src/topic/store/platform.ts";
import type { CountedStorage } from "./stage.ts";

/** Storage of an object, with its rows counted as they are billed. */
export function countedStorage(storage: DurableObjectStorage): CountedStorage {
  const rows = { read: 0, written: 0 };
  const exec = <Row extends Record<string, SqlValue>>(query: string, ...bindings: SqlValue[]): Row[] => {
    const cursor = storage.sql.exec(query, ...bindings);
    const found = cursor.toArray() as unknown as Row[];
    rows.read += cursor.rowsRead;
    rows.written += cursor.rowsWritten;
    return found;
  };
  return {
    sql: { all: exec, run: (query, ...bindings) => void exec(query, ...bindings) },
    transaction: (work) => storage.transactionSync(work),
    rows: () => ({ ...rows }),
  };
}
