/** What was done for live listeners. Rows and readings are of logs alone. */
export type LiveCounts = {
  /** Hubs that were told of something to read. */
  hubs: number;
  pokes: number;
  reads: number;
  readingMs: number;
  rowsRead: number;
  rowsWritten: number;
};

export const noLiveCounts = (): LiveCounts => ({
  hubs: 0,
  pokes: 0,
  reads: 0,
  readingMs: 0,
  rowsRead: 0,
  rowsWritten: 0,
});
