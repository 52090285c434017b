import type { LeaseCall } from "../../domain/delivery.ts";
import type { CommitSummary } from "./commit-summary.ts";

/** Where a deployment has an Analytics Engine dataset: what is written there. A deployment without one works the same. */
export type MetricsBinding = { METRICS?: AnalyticsEngineDataset };

/** What is used of a dataset. */
export type DataPoints = Pick<AnalyticsEngineDataset, "writeDataPoint">;

/** Where no dataset is bound. */
export const NO_DATA_POINTS: DataPoints = { writeDataPoint: () => {} };

/**
 * The columns of the dataset, in their order: `double1` is the first of its kind of point. `index1`, by which Analytics Engine
 * samples, is the log's name; `blob1` the kind, `blob2` the publisher's organization, `blob3` the subscription of a settle.
 * Columns are added at the end, and never change: what was written stays for three months.
 */
export const POINT_DOUBLES = {
  append: ["calls", "events", "accepted", "invalid", "bodyBytes", "retries"],
  settle: ["attempts", "delivered", "failed", "dead", "attemptMs", "slowestMs"],
} as const;

type Kind = keyof typeof POINT_DOUBLES;
type Doubles<K extends Kind> = Record<(typeof POINT_DOUBLES)[K][number], number>;

/** Whose point it is. */
export type PointOwner = { log: string; organizationId: string };

/** One group commit: one call of the object, and so far below the points that an invocation may write (25). */
export const appendPoint = (owner: PointOwner, commit: CommitSummary): AnalyticsEngineDataPoint =>
  toPoint("append", owner, "", commit);

/** One settled lease. `dead`: how many of its events were given up with it. */
export function settlePoint(
  owner: PointOwner,
  subscriptionId: string,
  { reports }: NonNullable<LeaseCall["settles"]>,
  dead: number,
): AnalyticsEngineDataPoint {
  const attempts = reports.flatMap((report) => report.attempts);
  const delivered = attempts.filter((attempt) => attempt.delivered).length;
  return toPoint("settle", owner, subscriptionId, {
    attempts: attempts.length,
    delivered,
    failed: attempts.length - delivered,
    dead,
    attemptMs: attempts.reduce((sum, { ms }) => sum + ms, 0),
    slowestMs: attempts.reduce((most, { ms }) => Math.max(most, ms), 0),
  });
}

/** What a pulling consumer has ended with one call. Nobody has timed its attempts. */
export const pulledPoint = (
  owner: PointOwner,
  subscriptionId: string,
  ended: Pick<Doubles<"settle">, "delivered" | "failed" | "dead">,
): AnalyticsEngineDataPoint =>
  toPoint("settle", owner, subscriptionId, {
    ...{ attempts: ended.delivered + ended.failed, attemptMs: 0, slowestMs: 0 },
    ...ended,
  });

function toPoint<K extends Kind>(kind: K, owner: PointOwner, subscriptionId: string, values: Doubles<K>) {
  const names: readonly (typeof POINT_DOUBLES)[K][number][] = POINT_DOUBLES[kind];
  return {
    indexes: [owner.log],
    blobs: [kind, owner.organizationId, subscriptionId],
    doubles: names.map((name) => values[name]),
  };
}
