import type { InfiniteData } from "@tanstack/react-query";

/** How the relay's lists go on: `api.useInfiniteQuery("get", "/v1/consents", {…}, PAGED)`. */
export const PAGED = {
  pageParamName: "cursor",
  // Not undefined: the client would ask for page 0 then.
  initialPageParam: null,
  getNextPageParam: (last: { nextCursor: string | null }) => last.nextCursor ?? undefined,
};

/** The rows of all pages that were asked for so far. */
export const rowsOf = <Row>({ pages }: InfiniteData<{ data: Row[] }>): Row[] => pages.flatMap(({ data }) => data);
