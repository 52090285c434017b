/** What the platform bills, as far as it can be counted here; CPU time is not. */
export type Operations = {
  workerRequests: number;
  objectRequests: number;
  rowsWritten: number;
  /** Write, read and delete: 3 a message, +1 a retry. */
  queueOperations: number;
};

/** Apart for what an event costs once and what a delivery costs for each subscriber. `setAlarm` is a row. */
export type BilledOperations = { event: Operations; delivery: Operations; databaseQueries: number };

const KINDS = ["workerRequests", "objectRequests", "rowsWritten", "queueOperations"] as const;

/** Dollars a million (Cloudflare's price list; beyond what a plan includes). */
const DOLLARS_PER_MILLION: Operations = {
  workerRequests: 0.3,
  objectRequests: 0.15,
  rowsWritten: 1,
  queueOperations: 0.4,
};

const none = (): Operations => ({ workerRequests: 0, objectRequests: 0, rowsWritten: 0, queueOperations: 0 });

export const noOperations = (): BilledOperations => ({ event: none(), delivery: none(), databaseQueries: 0 });

/** What was done between two counts, for each of `count` events or deliveries. */
export function operationsEach(before: Operations, after: Operations, count: number): Operations {
  const each = none();
  for (const kind of KINDS) each[kind] = (after[kind] - before[kind]) / count;
  return each;
}

/** What a million of something cost that takes these operations each. */
export const dollarsPerMillion = (each: Operations): number =>
  KINDS.reduce((sum, kind) => sum + each[kind] * DOLLARS_PER_MILLION[kind], 0);
