import { getRouteApi, Link } from "@tanstack/react-router";
import { AppWindow } from "lucide-react";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { PAGED, rowsOf } from "../../api/pages.ts";
import { useMay } from "../../api/role.ts";
import { Button } from "../../parts/button.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Empty } from "../../parts/note.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { type Column, More, Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { NewAppDialog } from "./new-app-dialog.tsx";

const route = getRouteApi("/o/$organizationId/apps");

type App = { id: string; name: string; description: string | null; createdAt: string };

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
        <Loaded query={query} what="apps">
          {(list) => <AppTable organizationId={organizationId} apps={rowsOf(list)} create={create} />}
        </Loaded>
        <More query={query} />
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

function AppTable({ organizationId, apps, create }: { organizationId: string; apps: App[]; create: React.ReactNode }) {
  const columns: Column<App>[] = [
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
  if (apps.length > 0) return <Table caption="Apps" columns={columns} rows={apps} keyOf={({ id }) => id} />;
  return (
    <Empty icon={AppWindow} title="No app yet" actions={create}>
      Make one for each program that is to get events. It then subscribes to APIs of the directory, and has credentials
      of its own to listen live.
    </Empty>
  );
}
