import { Link } from "@tanstack/react-router";
import { Unplug } from "lucide-react";
import { PartMissing } from "../parts/load-part.ts";
import { Empty, ProblemNote } from "../parts/note.tsx";
import { Page } from "../parts/page.tsx";

/** No page has this address. */
export const NoSuchPage = () => (
  <Page title="There is nothing here" isNarrow>
    <Empty icon={Unplug} title="No page has this address" actions={<Link to="/">To the start</Link>}>
      What you look for may have been deleted, or belongs to an organization that you are not signed in to.
    </Empty>
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
    <ProblemNote error={error} onRetry={error instanceof PartMissing ? () => location.reload() : reset} />
  </Page>
);

/** The same, where not even a frame is around it. */
export const FailedEntirely = (props: { error: unknown; reset(): void }) => (
  <main>
    <FailedPage {...props} />
  </main>
);
