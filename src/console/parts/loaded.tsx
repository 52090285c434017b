import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Loading, ProblemNote } from "./note.tsx";

export type Asked<T> = Pick<UseQueryResult<T, unknown>, "data" | "error" | "refetch">;

/** What a query has found; until then that it is asked, and where it fails why. What was found stays while it is asked again. */
export function Loaded<T>({
  query,
  what,
  children,
}: {
  query: Asked<T>;
  what: string;
  children: (data: T) => ReactNode;
}) {
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <ProblemNote error={query.error} onRetry={() => void query.refetch()} />;
  return <Loading what={what} />;
}
