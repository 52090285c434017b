import { getRouteApi, Link } from "@tanstack/react-router";
import { Radio } from "lucide-react";
import type { ReactNode } from "react";
import type { Row } from "../../api/answer.ts";
import { api } from "../../api/client.ts";
import { PAGED } from "../../api/pages.ts";
import { useMay } from "../../api/role.ts";
import { LinkButton } from "../../parts/button.tsx";
import { Empty } from "../../parts/note.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Paged } from "../../parts/paged.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { AccessBadge, VisibilityBadge } from "./api-badges.tsx";

const route = getRouteApi("/o/$organizationId");

type Api = Row<"/v1/apis">;

/** What the organization publishes. */
export function ApiListPage() {
  const params = route.useParams();
  const mayChange = useMay("developer");
  const query = api.useInfiniteQuery("get", "/v1/apis", {}, PAGED);
  const register = mayChange && (
    <LinkButton tone="primary" to="/o/$organizationId/apis/new" params={params}>
      Register an API
    </LinkButton>
  );
  return (
    <Page
      title="APIs"
      lead="What your organization publishes: each with its document, its channels, and who may see it."
      actions={register}
    >
      <Section isFlush>
        <Paged query={query} what="your APIs" empty={<NoApis actions={register} />}>
          {(rows) => <Table caption="APIs" columns={columnsFor(params)} rows={rows} keyOf={({ id }) => id} />}
        </Paged>
      </Section>
    </Page>
  );
}

const NoApis = ({ actions }: { actions: ReactNode }) => (
  <Empty icon={Radio} title="No APIs yet" actions={actions}>
    An API is a set of channels that you publish events to. Describe it in an AsyncAPI document, register that, and
    publish your first event from here.
  </Empty>
);

const columnsFor = (params: { organizationId: string }): Column<Api>[] => [
  {
    label: "API",
    cell: ({ id, title }) => (
      <Link to="/o/$organizationId/apis/$apiId" params={{ ...params, apiId: id }}>
        {title}
      </Link>
    ),
  },
  { label: "Version", cell: ({ version }) => version },
  { label: "Channels", cell: ({ channels }) => channels.length },
  { label: "Visible to", cell: ({ visibility }) => <VisibilityBadge visibility={visibility} /> },
  { label: "Subscribers get", cell: ({ access }) => <AccessBadge access={access} /> },
  { label: "Changed", cell: ({ updatedAt }) => <Time at={updatedAt} /> },
];
