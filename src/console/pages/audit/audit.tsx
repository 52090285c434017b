import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { FileClock } from "lucide-react";
import { api } from "../../api/client.ts";
import { PAGED } from "../../api/pages.ts";
import { Empty } from "../../parts/note.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Paged } from "../../parts/paged.tsx";
import { useActorNames } from "./actor-names.ts";
import { AuditFilters } from "./audit-filters.tsx";
import { isNarrowed, toQuery } from "./audit-search.ts";
import { AuditTable } from "./audit-table.tsx";

const route = getRouteApi("/o/$organizationId/audit");

/** Who changed what in this organization, or did something to it. */
export function AuditPage() {
  const { organizationId } = route.useParams();
  const search = route.useSearch();
  const navigate = useNavigate();
  const names = useActorNames(organizationId);
  const query = api.useInfiniteQuery("get", "/v1/audit", { params: { query: toQuery(search) } }, PAGED);
  return (
    <Page title="Audit" lead="Who changed what, and when. Nobody can change or delete what stands here.">
      <Section isFlush>
        <AuditFilters
          key={search.subject}
          search={search}
          onSearch={(next) =>
            void navigate({ to: "/o/$organizationId/audit", params: { organizationId }, search: next, replace: true })
          }
        />
        <Paged
          query={query}
          what="the audit"
          empty={
            <Empty icon={FileClock} title="Nothing was changed">
              {isNarrowed(search)
                ? "No entry is like that. Widen the filter."
                : "Whatever changes in this organization is written down here."}
            </Empty>
          }
        >
          {(entries) => <AuditTable entries={entries} names={names} />}
        </Paged>
      </Section>
    </Page>
  );
}
