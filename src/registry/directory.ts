import { isUuid } from "../kernel/ids.ts";
import { type Api, ApiRow, MAY_SEE, SELECT_API } from "./apis.ts";
import { type Page, type PageRequest, readPage } from "./rows.ts";
import { toIndexedWords, toKey, toWordsExpression } from "./search-words.ts";

/** What is indexed of an API; of a longer one, the description's end is missing. */
const INDEXED_CHARS_MAX = 128 * 1024;

/** Lets the directory find an API by what it says now. Its place is behind the statements that write the API. */
export function indexApi(db: D1Database, api: Api, addresses: string[]): D1PreparedStatement {
  const text = [api.title, ...api.tags, ...addresses, api.description ?? ""].join("\n").slice(0, INDEXED_CHARS_MAX);
  const keys = [toKey("publisher", api.organizationId), ...api.tags.map((tag) => toKey("tag", tag))];
  return db
    .prepare(
      `INSERT OR REPLACE INTO api_search (rowid, words, publisher, keys)
       SELECT seq, ?2, ?3, ?4 FROM api WHERE id = ?1`,
    )
    .bind(api.id, toIndexedWords(text), toIndexedWords(api.organizationName), keys.join(" "));
}

/** An API has to meet all of it. */
export type DirectoryFilter = {
  /** Each of these words begins a word of the title, a tag, an address, the description or the publisher's name. */
  q: string;
  /** The API has each of these tags. */
  tags: string[];
  /** An organization's id, or words of its name. */
  publisher: string;
};

/** The APIs that an organization may subscribe to; null: what is for everybody. */
export async function listDirectory(
  db: D1Database,
  organizationId: string | null,
  filter: DirectoryFilter,
  page: PageRequest,
): Promise<Page<Api>> {
  const match = toMatch(filter);
  if (match === null) return { rows: [], next: null };
  const { results } = await (match === ""
    ? db
        .prepare(`${SELECT_API} WHERE ${MAY_SEE} AND api.seq < ?2 ORDER BY api.seq DESC LIMIT ?3`)
        .bind(organizationId, page.before, page.limit + 1)
    : // In the order of the index, so that it is read no further than the page needs.
      db
        .prepare(
          `${SELECT_API} JOIN api_search ON api_search.rowid = api.seq
           WHERE ${MAY_SEE} AND api_search MATCH ?4 AND api_search.rowid < ?2 ORDER BY api_search.rowid DESC LIMIT ?3`,
        )
        .bind(organizationId, page.before, page.limit + 1, match)
  ).all();
  return readPage(ApiRow, results, page);
}

/** The FTS5 expression of a filter; empty where it asks for nothing, null where no API can meet it. */
function toMatch({ q, tags, publisher }: DirectoryFilter): string | null {
  const expressions = [
    ...tags.map((tag) => `keys : ${toKey("tag", tag)}`),
    isUuid(publisher) ? `keys : ${toKey("publisher", publisher)}` : toWordsExpression("publisher", publisher),
    toWordsExpression("{words publisher}", q),
  ];
  return expressions.includes(null) ? null : expressions.filter((expression) => expression !== "").join(" AND ");
}
