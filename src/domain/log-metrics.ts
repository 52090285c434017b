/** What a topic's log counts of its own work. */
export const LOG_COUNTS = [
  /** Transactions of the group commit, the publish calls in them, and those of them that had been made before. */
  "batches",
  "appendCalls",
  "appendRetries",
  /** Of accepted events: how many do not have the form of their channel's messages, and the bytes of all. */
  "invalid",
  "bodyBytes",
  /** Leases given, settled in time, settled late, and taken back from consumers that never came again. */
  "leases",
  "settles",
  "lateSettles",
  "expiredLeases",
  /** Attempts by what became of them, and how long all took. What a log says of them is of all ever: they are stored. */
  "delivered",
  "failed",
  "attemptMs",
  /** Deliveries that were given up. */
  "dead",
  /** Wakes by their queue, and those that no queue took. */
  "freshWakes",
  "retryWakes",
  "unsentWakes",
  "pokes",
  "alarmRuns",
  "alarmFailures",
] as const;
export type LogCount = (typeof LOG_COUNTS)[number];
export type LogCounts = Record<LogCount, number>;

/** How a log stands. */
export type LogGauges = {
  /** Of the last event: the number of all that were ever stored. */
  lastSeq: number;
  storageBytes: number;
  subscriptions: number;
  /** Those that something is delivered for: active, with an endpoint. */
  delivering: number;
  /** Those that wait until the shard before this one is through with their keys. */
  gated: number;
  openCircuits: number;
  liveLeases: number;
  /** Keys with something outstanding behind a cursor, and those of them whose head has failed; at most `STATUS_ROWS_MAX`. */
  lanes: number;
  retryingLanes: number;
  /** Deliveries that were given up and that nobody has brought back, among `STATUS_ROWS_MAX` of what was given up or skipped. */
  deadEvents: number;
  /** How far the slowest cursor is behind the last event: nothing more is waiting, filters and consents may leave less. */
  cursorLag: number;
  /** How long the oldest event has waited that may still be owed to somebody; 0: nothing waits. */
  oldestWaitingMs: number;
};

/**
 * What a log says of itself. Counts are of one instance, from its start on, but for attempts. Plain data that crosses an RPC: a log of another
 * version may leave some of it out.
 */
export type LogMetrics = {
  startedMs: number;
  /** Events by what became of them, in the words of the log's own outcomes. */
  outcomes: Partial<Record<string, number>>;
  counts: Partial<LogCounts>;
  gauges: Partial<LogGauges>;
};
