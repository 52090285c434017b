import { z } from "zod";

/** A TEXT column that holds JSON, parsed and checked on the way out. */
export function jsonColumn<T extends z.ZodType>(schema: T) {
  return z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(schema);
}

/** Checks one row; null stays null. A row that does not fit is a bug, so it throws. */
export function nullableRow<T extends z.ZodType>(schema: T, row: unknown): z.output<T> | null {
  return row === null || row === undefined ? null : schema.parse(row);
}

/** Rows older than `before` (a row number), at most `limit` of them. */
export type PageRequest = { before: number; limit: number };

/** `next`: where the page after this one begins; null at the end. */
export type Page<T> = { rows: T[]; next: number | null };

export const NEWEST = Number.MAX_SAFE_INTEGER;

/** Makes a page of `limit + 1` rows: the one too many only says that there is more. */
export function readPage<T>(
  schema: z.ZodType<T & { seq: number }>,
  results: unknown[],
  { limit }: { limit: number },
): Page<T> {
  const rows = results.slice(0, limit).map((row) => schema.parse(row));
  return { rows, next: results.length > limit ? (rows.at(-1)?.seq ?? null) : null };
}
