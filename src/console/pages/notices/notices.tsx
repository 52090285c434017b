import { getRouteApi } from "@tanstack/react-router";
import { BellOff } from "lucide-react";
import { api } from "../../api/client.ts";
import { PAGED } from "../../api/pages.ts";
import { Empty } from "../../parts/note.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Paged } from "../../parts/paged.tsx";
import { NoticeLink } from "./notice-link.tsx";
import { NoticeList } from "./notice-list.tsx";
import { sayNotice } from "./notice-words.ts";
import { useNames } from "./use-names.ts";

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
        <Paged
          query={query}
          what="notices"
          empty={
            <Empty icon={BellOff} title="All is quiet">
              You are told here when an endpoint keeps failing or is well again, when somebody waits for your approval
              or your consent, and when an API that you use breaks with its last version.
            </Empty>
          }
        >
          {(notices) => (
            <NoticeList notices={notices} say={(notice) => sayNotice(notice, names)}>
              {(_, { text, place }) => (
                <NoticeLink place={place} organizationId={organizationId}>
                  {text}
                </NoticeLink>
              )}
            </NoticeList>
          )}
        </Paged>
      </Section>
    </Page>
  );
}
