import type { AttemptError, AttemptReport } from "../../domain/delivery.ts";
import type { LoggedAttempt } from "../../domain/delivery-log.ts";

/** One attempt as it is kept: [seq, atMs, delivered, status, ms, error, excerpt of a failure's answer]. */
export type KeptAttempt = [number, number, 0 | 1, number, number, AttemptError | null, string];

const BATCHES_PER_MS_MAX = 1024;

/** The number of the first row that may be written at a time: they grow with it. */
export const firstNAt = (atMs: number): number => atMs * BATCHES_PER_MS_MAX;

/** When a row was written. */
export const atMsOf = (n: number): number => Math.floor(n / BATCHES_PER_MS_MAX);

export const toKept = (a: AttemptReport): KeptAttempt => [
  a.seq,
  a.atMs,
  a.delivered ? 1 : 0,
  a.status,
  a.ms,
  a.error,
  a.delivered ? "" : a.excerpt,
];

export const toLogged = ([, atMs, delivered, status, ms, error, excerpt]: KeptAttempt): LoggedAttempt => ({
  atMs,
  delivered: delivered === 1,
  status,
  ms,
  error,
  excerpt,
});
