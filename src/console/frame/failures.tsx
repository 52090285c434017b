import { LinkButton } from "../parts/button.tsx";
import { ProblemNote } from "../parts/note.tsx";
import { Page } from "../parts/page.tsx";

/** No page has this address. */
export const NoSuchPage = () => (
  <Page
    title="No page has this address"
    lead="What you look for may have been deleted, or belongs to an organization that you are not signed in to."
    isNarrow
  >
    <div>
      <LinkButton to="/">To the start</LinkButton>
    </div>
  </Page>
);

/** The same, where not even a frame is around it. */
export const NothingAtAll = () => (
  <main>
    <NoSuchPage />
  </main>
);

/** What a page could not do without has failed. */
export const FailedPage = ({ error, reset }: { error: unknown; reset(): void }) => (
  <Page title="This page could not be shown" isNarrow>
    <ProblemNote error={error} onRetry={reset} />
  </Page>
);
