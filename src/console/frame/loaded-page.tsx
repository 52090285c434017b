import type { ReactNode } from "react";
import { ApiProblem } from "../api/problem.ts";
import { type Asked, Loaded } from "../parts/loaded.tsx";
import { Page } from "../parts/page.tsx";
import { NoSuchPage } from "./failures.tsx";

type Props<T> = {
  query: Asked<T>;
  /** The page's, until what it is about is read. */
  title: string;
  what: string;
  crumbs?: ReactNode;
  children: (data: T) => ReactNode;
};

/** A page about one thing. Where there is no such thing, or not any more, no page has this address. */
export function LoadedPage<T>({ query, title, what, crumbs, children }: Props<T>) {
  if (query.error instanceof ApiProblem && query.error.status === 404) return <NoSuchPage />;
  if (query.data !== undefined) return children(query.data);
  return (
    <Page title={title} crumbs={crumbs}>
      <Loaded query={query} what={what}>
        {() => null}
      </Loaded>
    </Page>
  );
}
