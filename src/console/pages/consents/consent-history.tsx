import { api } from "../../api/client.ts";
import { Loaded } from "../../parts/loaded.tsx";
import { Section } from "../../parts/page.tsx";
import { useActorNames } from "../audit/actor-names.ts";
import { AuditTable } from "../audit/audit-table.tsx";

/** What was decided about a consent, newest first. `names` are those of the other organizations. */
export function ConsentHistory({
  consentId,
  organizationId,
  names,
}: {
  consentId: string;
  organizationId: string;
  names: ReadonlyMap<string, string>;
}) {
  const query = api.useQuery("get", "/v1/audit", { params: { query: { subject: consentId, limit: 100 } } });
  const own = useActorNames(organizationId);
  return (
    <Section title="History" isFlush>
      <Loaded query={query} what="the history">
        {({ data }) => <AuditTable entries={data} isLinked={false} names={new Map([...own, ...names])} />}
      </Loaded>
    </Section>
  );
}
