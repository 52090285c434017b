import { z } from "zod";
import { toBase64Url, utf8Bytes } from "../../kernel/encoding.ts";
import { PAGE_ROWS_MAX } from "../../kernel/limits.ts";
import { NEWEST, type Page, type PageRequest } from "../../registry/rows.ts";

const PAGE_ROWS_DEFAULT = 50;

/** An opaque place in a list. */
const Cursor = z
  .string()
  .max(32)
  .transform((cursor, context) => {
    const place = readPlace(cursor);
    if (place === null) context.addIssue({ code: "custom", message: "is not a cursor of this relay" });
    return place ?? NEWEST;
  })
  .meta({ type: "string" });

export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(PAGE_ROWS_MAX).default(PAGE_ROWS_DEFAULT),
  cursor: Cursor.optional(),
});

export const toPageRequest = (query: z.output<typeof PageQuery>): PageRequest => ({
  limit: query.limit,
  before: query.cursor ?? NEWEST,
});

/** `{data, nextCursor}` of a schema. */
export const PageOf = <T extends z.ZodType>(schema: T) =>
  z.object({ data: z.array(schema), nextCursor: z.string().nullable() });

export function toPage<T, U>(page: Page<T>, show: (row: T) => U): { data: U[]; nextCursor: string | null } {
  return { data: page.rows.map(show), nextCursor: page.next === null ? null : writePlace(page.next) };
}

const writePlace = (place: number): string => toBase64Url(utf8Bytes(`before ${place}`));

function readPlace(cursor: string): number | null {
  if (!/^[\w-]+$/.test(cursor)) return null;
  try {
    const place = /^before (\d{1,15})$/.exec(atob(cursor.replaceAll("-", "+").replaceAll("_", "/")))?.[1];
    return place === undefined ? null : Number(place);
  } catch {
    return null;
  }
}
