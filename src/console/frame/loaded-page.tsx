import type { ReactNode } from "react";
import { ApiProblem } from "../api/problem.ts";
import { type Asked, Loaded } from "../parts/loaded.tsx";
import { Page } from "../parts/page.tsx";
import { NoSuchPage } from "./failures.tsx";

type Props<T> = {
  query: Asked<T>;
  /** Of the page, until it is known what it is about. */
  title: string;
  what: string;
  crumbs?: ReactNode;
  children: (data: T) => ReactNode;
};

/** A page about one thing: until that is read it says so, and where there is no such thing, that. */
export function LoadedPage<T>({ query, title, what, crumbs, children }: Props<T>) {
  // Also where it was there a moment ago.
  if (query.error instanceof ApiProblem && query.error.status === 404) return <NoSuchPage />;
  if (query.data !== undefined) return children(query.data);
  return (
    <Page title={title} crumbs={crumbs}>
      <Loaded query={query} what={what}>
        {children}
      </Loaded>
    </Page>
  );
}
