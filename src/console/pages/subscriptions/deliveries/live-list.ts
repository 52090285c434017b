import type { Delivery } from "../subscription-types.ts";

type Row = Pick<Delivery, "id" | "acceptedAt">;
export type ListPage<R extends Row> = { data: R[]; nextCursor: string | null };

/** A list, newest first, that goes on at both ends: on top by itself, at its foot when somebody asks. */
export type LiveList<R extends Row> = {
  rows: R[];
  /** Where older ones go on; null: there are none. */
  olderCursor: string | null;
  /** The newest page, as far as it is not among the rows yet. */
  waiting: ListPage<R> | null;
};

export const startList = <R extends Row>(page: ListPage<R>): LiveList<R> => ({
  rows: page.data,
  olderCursor: page.nextCursor,
  waiting: null,
});

/** The newest page was asked again. While somebody reads the list, rows change where they stand, and none moves. */
export function takeNewest<R extends Row>(list: LiveList<R>, page: ListPage<R>, isReading: boolean): LiveList<R> {
  if (!isReading) return merge(list, page);
  const byId = new Map(page.data.map((row) => [row.id, row]));
  const rows = list.rows.map((row) => byId.get(row.id) ?? row);
  return { ...list, rows, waiting: page };
}

/** How many rows wait to be shown. */
export function countWaiting<R extends Row>({ rows, waiting }: LiveList<R>): number {
  const shown = new Set(rows.map(({ id }) => id));
  const newestAt = rows[0]?.acceptedAt ?? "";
  return waiting?.data.filter(({ id, acceptedAt }) => !shown.has(id) && acceptedAt >= newestAt).length ?? 0;
}

export const showWaiting = <R extends Row>(list: LiveList<R>): LiveList<R> =>
  list.waiting ? merge(list, list.waiting) : list;

export function addOlder<R extends Row>(list: LiveList<R>, page: ListPage<R>): LiveList<R> {
  const shown = new Set(list.rows.map(({ id }) => id));
  const rows = [...list.rows, ...page.data.filter(({ id }) => !shown.has(id))];
  return { ...list, rows, olderCursor: page.nextCursor };
}

/** What the page covers is as it says; what is older stays. */
function merge<R extends Row>(list: LiveList<R>, page: ListPage<R>): LiveList<R> {
  const last = page.data.at(-1);
  const shown = new Set(list.rows.map(({ id }) => id));
  // More has come than a page holds: what is between the page and the rows was never seen.
  const hasGap = page.nextCursor !== null && !page.data.some(({ id }) => shown.has(id));
  if (!last || page.nextCursor === null || hasGap) return startList(page);
  const inPage = new Set(page.data.map(({ id }) => id));
  const older = list.rows.filter(({ id, acceptedAt }) => !inPage.has(id) && acceptedAt <= last.acceptedAt);
  const rows = [...page.data, ...older];
  return { rows, olderCursor: older.length > 0 ? list.olderCursor : page.nextCursor, waiting: null };
}
