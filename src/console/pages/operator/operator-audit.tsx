import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { FileClock } from "lucide-react";
import { api } from "../../api/client.ts";
import { PAGED } from "../../api/pages.ts";
import { Id } from "../../parts/code.tsx";
import { SelectField } from "../../parts/field.tsx";
import { Empty } from "../../parts/note.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Paged } from "../../parts/paged.tsx";
import { AuditFilters } from "../audit/audit-filters.tsx";
import { toQuery } from "../audit/audit-search.ts";
import { AuditTable } from "../audit/audit-table.tsx";
import type { AuditEntry } from "../audit/audit-words.ts";
import { useOrganizationNames } from "./use-organization-names.ts";

const route = getRouteApi("/operator/audit");

/** Who changed what, on the whole relay. */
export function OperatorAuditPage() {
  const { organizationId, ...search } = route.useSearch();
  const navigate = useNavigate();
  const organizations = useOrganizationNames();
  const init = { params: { query: { ...toQuery(search), organizationId } } };
  const query = api.useInfiniteQuery("get", "/v1/audit", init, PAGED);
  const show = (next: typeof search & { organizationId?: string | undefined }): void =>
    void navigate({ to: "/operator/audit", search: next, replace: true });
  return (
    <Page
      title="Audit"
      lead="Who changed what, and when. What touches several organizations has a row for each of them."
    >
      <Section isFlush>
        <AuditFilters
          key={search.subject}
          search={search}
          onSearch={(next) => show({ ...next, ...(organizationId && { organizationId }) })}
        >
          <SelectField
            label="Organization"
            options={[
              { value: "", label: "All" },
              ...[...withShown(organizations, organizationId)].map(([value, label]) => ({ value, label })),
            ]}
            value={organizationId ?? ""}
            onChange={({ target }) => show({ ...search, ...(target.value && { organizationId: target.value }) })}
          />
        </AuditFilters>
        <Paged
          query={query}
          what="the audit"
          empty={
            <Empty icon={FileClock} title="Nothing was changed">
              Whatever changes on this relay is written down here. Widen the filter, if there is one.
            </Empty>
          }
        >
          {(entries) => (
            <AuditTable
              entries={entries}
              names={namesOf(entries, organizations)}
              between={[
                {
                  label: "Organization",
                  cell: (entry) => organizations.get(entry.organizationId) ?? <Id id={entry.organizationId} />,
                },
              ]}
            />
          )}
        </Paged>
      </Section>
    </Page>
  );
}

/** Of what an organization's token or member did, the operator knows whose that was. */
function namesOf(entries: AuditEntry[], organizations: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const names = new Map([...organizations].map(([id, name]) => [`organization:${id}`, name]));
  for (const { actor, organizationId } of entries) {
    const name = organizations.get(organizationId);
    if (name !== undefined && /^(token|member):/.test(actor)) names.set(actor, name);
  }
  return names;
}

/** One that the address names is there to choose, although it is not among the newest. */
const withShown = (
  organizations: ReadonlyMap<string, string>,
  shown: string | undefined,
): ReadonlyMap<string, string> =>
  shown === undefined || organizations.has(shown) ? organizations : new Map([[shown, shown], ...organizations]);
