import { z } from "zod";
import type { LogPlace } from "../../domain/event.ts";
import { fromBase64Url, toBase64Url, utf8Bytes } from "../../kernel/encoding.ts";
import { PAGE_ROWS_MAX } from "../../kernel/limits.ts";
import { ok, type Result } from "../../kernel/result.ts";
import { forEachBounded } from "../bounded.ts";
import { LOG_SILENT, type Problem } from "../problem.ts";

const PAGE_ROWS_DEFAULT = 50;
const CURSOR_CHARS_MAX = 200;

/** A place in a list that several logs make up, the newest first; of what was accepted in the same ms, by the log's name. */
export type Place = LogPlace & { log: string };

const PlaceText = z.tuple([z.number(), z.string().max(100), z.number()]);

const Cursor = z
  .string()
  .max(CURSOR_CHARS_MAX)
  .transform((cursor, context): Place => {
    const place = readPlace(cursor);
    if (place === null) context.addIssue({ code: "custom", message: "is not a cursor of this list" });
    return place ?? { acceptedMs: 0, log: "", seq: 0 };
  })
  .meta({ type: "string" });

export const LogPageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(PAGE_ROWS_MAX).default(PAGE_ROWS_DEFAULT),
  cursor: Cursor.optional(),
});

/** What one log is asked for. */
export type LogRange = { toMs: number | null; beforeSeq: number | null; limit: number };

type LogRows<T> = { rows: T[]; more: LogPlace | null };

type Ask<T> = (log: string, range: LogRange) => Promise<Result<LogRows<T> | null, unknown>>;

/** One page of what all these logs have, newest first. A log that knows nothing of it answers null. */
export async function readNewestFirst<T extends LogPlace>(
  logs: string[],
  { limit, cursor, toMs }: { limit: number; cursor?: Place | undefined; toMs: number | null },
  ask: Ask<T>,
): Promise<Result<{ rows: (T & { log: string })[]; nextCursor: string | null }, Problem>> {
  let rows: (T & { log: string })[] = [];
  const ends: Place[] = [];
  let isSilent = false;
  await forEachBounded(logs, async (log) => {
    const answer = await ask(log, { ...rangeBehind(cursor, log, toMs), limit });
    if (!answer.ok) isSilent = true;
    else if (answer.value) {
      rows.push(...answer.value.rows.map((row) => ({ ...row, log })));
      // Hundreds of logs may answer, each with a page: no more is kept than this page needs, and to know of a next one.
      rows = rows.sort(newestFirst).slice(0, limit + 1);
      if (answer.value.more) ends.push({ ...answer.value.more, log });
    }
  });
  if (isSilent) return LOG_SILENT;
  // Of what stands behind the place up to which a log was looked through, there may be more in that log.
  const end = ends.sort(newestFirst)[0];
  const known = rows.filter((row) => !end || newestFirst(row, end) <= 0);
  const page = known.slice(0, limit);
  const last = known.length > limit ? page.at(-1) : end;
  return ok({ rows: page, nextCursor: last ? writePlace(last) : null });
}

const newestFirst = (a: Place, b: Place): number =>
  b.acceptedMs - a.acceptedMs || (a.log < b.log ? -1 : a.log > b.log ? 1 : b.seq - a.seq);

/** What of a log stands behind a place. */
function rangeBehind(place: Place | undefined, log: string, toMs: number | null): Omit<LogRange, "limit"> {
  if (!place) return { toMs, beforeSeq: null };
  if (log === place.log) return { toMs, beforeSeq: place.seq };
  const endMs = log > place.log ? place.acceptedMs + 1 : place.acceptedMs;
  return { toMs: Math.min(toMs ?? endMs, endMs), beforeSeq: null };
}

const writePlace = ({ acceptedMs, log, seq }: Place): string =>
  toBase64Url(utf8Bytes(JSON.stringify([acceptedMs, log, seq])));

function readPlace(cursor: string): Place | null {
  try {
    const [acceptedMs, log, seq] = PlaceText.parse(JSON.parse(new TextDecoder().decode(fromBase64Url(cursor))));
    return { acceptedMs, log, seq };
  } catch {
    return null;
  }
}
