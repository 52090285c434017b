import { hashKey, type InfiniteData, type QueryKey } from "@tanstack/react-query";

/** How the relay's lists go on: `api.useInfiniteQuery("get", "/v1/consents", {…}, PAGED)`. */
export const PAGED = {
  pageParamName: "cursor",
  // Not undefined: the client would ask for page 0 then.
  initialPageParam: null,
  getNextPageParam: (last: { nextCursor: string | null }) => last.nextCursor ?? undefined,
  // Another page may ask for the same without going on: what is kept of that has another shape.
  queryKeyHashFn: (key: QueryKey) => hashKey(["pages", ...key]),
};

/** The rows of all pages that were asked for so far. */
export const rowsOf = <Row>({ pages }: InfiniteData<{ data: Row[] }>): Row[] => pages.flatMap(({ data }) => data);
