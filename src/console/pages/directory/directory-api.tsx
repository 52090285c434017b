import { getRouteApi, Link, Outlet } from "@tanstack/react-router";
import { useMay } from "../../api/role.ts";
import { Badge } from "../../parts/badge.tsx";
import { LinkButton } from "../../parts/button.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Page } from "../../parts/page.tsx";
import { Tab, Tabs } from "../../parts/tabs.tsx";
import { ApiOverview } from "./api-overview.tsx";
import { useDirectoryApi } from "./the-directory-api.ts";

const route = getRouteApi("/o/$organizationId/directory/$apiId");

/** What an API is about, how to subscribe, and below that its documentation, code for it, and its versions. */
export function DirectoryApiPage() {
  const params = route.useParams();
  const found = useDirectoryApi(params.apiId);
  const crumbs = (
    <Link to="/o/$organizationId/directory" params={params}>
      Directory
    </Link>
  );
  if (!found.data)
    return (
      <Page title="An API of the directory" crumbs={crumbs}>
        <Loaded query={found} what="the API">
          {() => null}
        </Loaded>
      </Page>
    );
  return (
    <Page
      title={found.data.title}
      beside={<Badge>{found.data.version}</Badge>}
      crumbs={crumbs}
      actions={<SubscribeLink apiId={params.apiId} />}
    >
      <ApiOverview api={found.data} />
      <Tabs label="Parts of the API">
        <Tab to="/o/$organizationId/directory/$apiId" params={params} activeOptions={{ exact: true }}>
          Documentation
        </Tab>
        <Tab to="/o/$organizationId/directory/$apiId/code" params={params}>
          Code
        </Tab>
        <Tab to="/o/$organizationId/directory/$apiId/versions" params={params}>
          Versions
        </Tab>
      </Tabs>
      <Outlet />
    </Page>
  );
}

/** A viewer could not go through with it. */
function SubscribeLink({ apiId }: { apiId: string }) {
  const { organizationId } = route.useParams();
  if (!useMay("developer")) return null;
  return (
    <LinkButton tone="primary" to="/o/$organizationId/subscriptions/new" params={{ organizationId }} search={{ apiId }}>
      Subscribe
    </LinkButton>
  );
}
