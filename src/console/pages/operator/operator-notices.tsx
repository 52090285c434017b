import { BellOff } from "lucide-react";
import { api } from "../../api/client.ts";
import { PAGED } from "../../api/pages.ts";
import { Below } from "../../parts/below.tsx";
import { Id } from "../../parts/code.tsx";
import { Empty } from "../../parts/note.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Paged } from "../../parts/paged.tsx";
import { NoticeList } from "../notices/notice-list.tsx";
import { type Names, sayNotice } from "../notices/notice-words.ts";
import { useOrganizationNames } from "./use-organization-names.ts";

/** What an organization calls its subscriptions is its own: the operator sees whose they are. */
const NO_NAMES: Names = new Map();

/** What the relay told anybody. */
export function OperatorNoticesPage() {
  const organizations = useOrganizationNames();
  const query = api.useInfiniteQuery("get", "/v1/notices", {}, PAGED);
  return (
    <Page
      title="Notices"
      lead="What the relay told organizations of its own accord: the same that they see themselves."
    >
      <Section isFlush>
        <Paged
          query={query}
          what="notices"
          empty={
            <Empty icon={BellOff} title="All is quiet">
              When an endpoint keeps failing or a channel fills up, its organization is told, and you see it here.
            </Empty>
          }
        >
          {(notices) => (
            <NoticeList notices={notices} say={(notice) => sayNotice(notice, NO_NAMES)}>
              {({ organizationId, data }, { text }) => (
                <>
                  “{text}”
                  <Below>
                    To {organizationId && (organizations.get(organizationId) ?? <Id id={organizationId} />)}
                    {" · "}
                    <About data={data} />
                  </Below>
                </>
              )}
            </NoticeList>
          )}
        </Paged>
      </Section>
    </Page>
  );
}

/** What a notice is about, by its id. */
const About = ({ data: { subscriptionId, apiId } }: { data: Record<string, unknown> }) =>
  typeof subscriptionId === "string" ? (
    <>
      subscription <Id id={subscriptionId} />
    </>
  ) : (
    typeof apiId === "string" && (
      <>
        API <Id id={apiId} />
      </>
    )
  );
