import { getRouteApi, Link } from "@tanstack/react-router";
import { AppWindow } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { Row } from "../../api/answer.ts";
import { api } from "../../api/client.ts";
import { PAGED } from "../../api/pages.ts";
import { useMay } from "../../api/role.ts";
import { Button } from "../../parts/button.tsx";
import { Empty } from "../../parts/note.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Paged } from "../../parts/paged.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { NewAppDialog } from "./new-app-dialog.tsx";

const route = getRouteApi("/o/$organizationId/apps");

type App = Row<"/v1/apps">;

/** Every program of the organization's that gets events. */
export function AppListPage() {
  const { organizationId } = route.useParams();
  const navigate = route.useNavigate();
  const { portal } = getRouteApi("/o/$organizationId").useRouteContext();
  const mayWrite = useMay("developer") && !portal;
  const [isNew, setNew] = useState(false);
  const query = api.useInfiniteQuery("get", "/v1/apps", {}, PAGED);
  const create = mayWrite && (
    <Button tone="primary" onClick={() => setNew(true)}>
      New app
    </Button>
  );
  return (
    <Page title="Apps" lead="An app stands for one program of yours that gets events." actions={create}>
      <Section isFlush>
        <Paged query={query} what="apps" empty={<NoApp create={create} />}>
          {(rows) => <Table caption="Apps" columns={columnsFor(organizationId)} rows={rows} keyOf={({ id }) => id} />}
        </Paged>
      </Section>
      <NewAppDialog
        isOpen={isNew}
        onClose={() => setNew(false)}
        onMade={({ id }) =>
          void navigate({ to: "/o/$organizationId/apps/$appId", params: { organizationId, appId: id } })
        }
      />
    </Page>
  );
}

const NoApp = ({ create }: { create: ReactNode }) => (
  <Empty icon={AppWindow} title="No app yet" actions={create}>
    Make one for each program that is to get events. It then subscribes to APIs of the directory, and has credentials of
    its own to listen live.
  </Empty>
);

const columnsFor = (organizationId: string): Column<App>[] => [
  {
    label: "Name",
    cell: ({ id, name }) => (
      <Link to="/o/$organizationId/apps/$appId" params={{ organizationId, appId: id }}>
        {name}
      </Link>
    ),
  },
  { label: "Description", cell: ({ description }) => description },
  { label: "Made", cell: ({ createdAt }) => <Time at={createdAt} /> },
];
