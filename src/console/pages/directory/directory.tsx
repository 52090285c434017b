import { getRouteApi } from "@tanstack/react-router";
import { BookMarked, SearchX } from "lucide-react";
import { api } from "../../api/client.ts";
import { PAGED, rowsOf } from "../../api/pages.ts";
import { useMay } from "../../api/role.ts";
import { LinkButton } from "../../parts/button.tsx";
import { Empty } from "../../parts/note.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Paged } from "../../parts/paged.tsx";
import { countOf } from "../../parts/words.ts";
import styles from "./directory.module.css";
import { DirectoryEntry } from "./directory-entry.tsx";
import { DirectorySearch } from "./directory-search.tsx";

const route = getRouteApi("/o/$organizationId/directory");
const PAGE_SIZE = 25;

/** The APIs that the organization may subscribe to: its own, public ones, and those shared with it. */
export function DirectoryPage() {
  const { q = "", tag, publisher } = route.useSearch();
  const found = useSearch(q, tag, publisher);
  const entries = found.data ? rowsOf(found.data) : [];
  const isNarrowed = q !== "" || tag !== undefined || publisher !== undefined;
  return (
    <Page title="Directory" lead="Event APIs that you may subscribe to: public ones, and those shared with you.">
      <DirectorySearch publisherName={entries[0]?.publisher.name} />
      <p className={styles.count} role="status">
        {found.data && sayCount(entries.length, found.hasNextPage)}
      </p>
      <Section isFlush>
        <Paged query={found} what="APIs" empty={isNarrowed ? <NothingFound /> : <NothingYet />}>
          {(shown) => (
            <ul className={styles.entries}>
              {shown.map((entry) => (
                <DirectoryEntry key={entry.id} entry={entry} />
              ))}
            </ul>
          )}
        </Paged>
      </Section>
    </Page>
  );
}

/** What has been found stays until the next search is answered, so that nothing flickers while somebody types. */
const useSearch = (q: string, tag: string | undefined, publisher: string | undefined) =>
  api.useInfiniteQuery(
    "get",
    "/v1/directory",
    { params: { query: { q, limit: PAGE_SIZE, ...(tag && { tag: [tag] }), ...(publisher && { publisher }) } } },
    { ...PAGED, placeholderData: (shown) => shown },
  );

const sayCount = (count: number, isMore: boolean): string =>
  isMore ? `The first ${count} APIs` : countOf(count, "API");

function NothingFound() {
  const { organizationId } = route.useParams();
  return (
    <Empty
      icon={SearchX}
      title="No API matches"
      actions={
        <LinkButton to="/o/$organizationId/directory" params={{ organizationId }} search={{}}>
          Show all APIs
        </LinkButton>
      }
    >
      The search looks at titles, descriptions, tags, channels and publishers. Try fewer words, or only how one begins.
    </Empty>
  );
}

function NothingYet() {
  const { organizationId } = route.useParams();
  const { portal } = route.useRouteContext();
  const mayRegister = useMay("developer") && !portal;
  return (
    <Empty
      icon={BookMarked}
      title="There is no API yet that you may subscribe to"
      actions={
        mayRegister && (
          <LinkButton to="/o/$organizationId/apis/new" params={{ organizationId }}>
            Register an API
          </LinkButton>
        )
      }
    >
      An API stands here as soon as its publisher makes it public, or shares it with your organization. What your
      organization publishes itself stands here at once.
    </Empty>
  );
}
