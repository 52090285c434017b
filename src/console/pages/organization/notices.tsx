import { getRouteApi } from "@tanstack/react-router";
import { BellOff } from "lucide-react";
import { api } from "../../api/client.ts";
import { PAGED, rowsOf } from "../../api/pages.ts";
import { Loaded } from "../../parts/loaded.tsx";
import { Empty } from "../../parts/note.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { More } from "../../parts/table.tsx";
import { NoticeLink } from "../notices/notice-link.tsx";
import { NoticeList } from "../notices/notice-list.tsx";
import { sayNotice } from "../notices/notice-words.ts";
import { useNames } from "../notices/use-names.ts";

const route = getRouteApi("/o/$organizationId/notices");

/** What the relay told this organization of its own accord. */
export function NoticesPage() {
  const { organizationId } = route.useParams();
  const names = useNames();
  const query = api.useInfiniteQuery("get", "/v1/notices", {}, PAGED);
  return (
    <Page
      title="Notices"
      lead="What the relay told you of its own accord. A program can have the same: subscribe to “Event Relay notices” in the directory."
    >
      <Section isFlush>
        <Loaded query={query} what="notices">
          {(data) => {
            const notices = rowsOf(data);
            return (
              <>
                {notices.length === 0 && !query.hasNextPage ? (
                  <Empty icon={BellOff} title="All is quiet">
                    You are told here when an endpoint keeps failing or is well again, when somebody waits for your
                    approval or your consent, and when an API that you use breaks with its last version.
                  </Empty>
                ) : (
                  <NoticeList notices={notices} say={(notice) => sayNotice(notice, names)}>
                    {(_, { text, place }) => (
                      <NoticeLink place={place} organizationId={organizationId}>
                        {text}
                      </NoticeLink>
                    )}
                  </NoticeList>
                )}
                <More query={query} />
              </>
            );
          }}
        </Loaded>
      </Section>
    </Page>
  );
}
