import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { rowsOf } from "../api/pages.ts";
import { Button } from "./button.tsx";
import { Loaded } from "./loaded.tsx";
import styles from "./paged.module.css";

type Pages<Row> = InfiniteData<{ data: Row[] }>;
type Asked<Row> = Pick<
  UseInfiniteQueryResult<Pages<Row>, unknown>,
  "data" | "error" | "refetch" | "hasNextPage" | "isFetchingNextPage" | "fetchNextPage"
>;

type PagedProps<Row> = {
  query: Asked<Row>;
  what: string;
  /** What stands there where the list has nothing at all; absent: that cannot be. */
  empty?: ReactNode;
  /** Whether a row is one of those to show; absent: all are. */
  isShown?: (row: Row) => boolean;
  children: (rows: Row[]) => ReactNode;
};

/** The rows of a list, as far as it was asked for, and the way to more of them. */
export const Paged = <Row,>({ query, what, empty = null, isShown = () => true, children }: PagedProps<Row>) => (
  <Loaded query={query} what={what}>
    {(data) => {
      const rows = rowsOf(data).filter(isShown);
      if (rows.length === 0 && !query.hasNextPage) return empty;
      return (
        <>
          {rows.length > 0 && children(rows)}
          <More query={query} isEmpty={!data.pages.at(-1)?.data.some(isShown)} />
        </>
      );
    }}
  </Loaded>
);

type Going = { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage(): unknown };

/** The next page of a list, where there is one. `isEmpty`: the last page had nothing to show, and what follows may have. */
export function More({ query, isEmpty = false }: { query: Going; isEmpty?: boolean }) {
  if (!query.hasNextPage) return null;
  return (
    <div className={styles.more} role={isEmpty ? "status" : undefined}>
      {isEmpty && (
        <span>
          {query.isFetchingNextPage ? "Looking further back…" : "Nothing there, but there is more to look through."}
        </span>
      )}
      <Button size="small" isBusy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
        {isEmpty ? "Look further back" : "Show more"}
      </Button>
    </div>
  );
}
