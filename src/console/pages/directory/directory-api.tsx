import { getRouteApi, Link, Outlet } from "@tanstack/react-router";
import { useMay } from "../../api/role.ts";
import { LoadedPage } from "../../frame/loaded-page.tsx";
import { Badge } from "../../parts/badge.tsx";
import { LinkButton } from "../../parts/button.tsx";
import { Page } from "../../parts/page.tsx";
import { Tab, Tabs } from "../../parts/tabs.tsx";
import { ApiOverview } from "./api-overview.tsx";
import { type DirectoryApi, useDirectoryApi } from "./the-directory-api.ts";

const route = getRouteApi("/o/$organizationId/directory/$apiId");

/** What an API is about, how to subscribe, and below that its documentation, code for it, and its versions. */
export function DirectoryApiPage() {
  const { apiId } = route.useParams();
  return (
    <LoadedPage query={useDirectoryApi(apiId)} title="An API of the directory" what="the API" crumbs={<ToDirectory />}>
      {(api) => <OneApi api={api} />}
    </LoadedPage>
  );
}

function OneApi({ api }: { api: DirectoryApi }) {
  const params = route.useParams();
  return (
    <Page
      title={api.title}
      beside={<Badge>{api.version}</Badge>}
      crumbs={<ToDirectory />}
      actions={<SubscribeLink apiId={api.id} />}
    >
      <ApiOverview api={api} />
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

const ToDirectory = () => (
  <Link to="/o/$organizationId/directory" params={route.useParams()}>
    Directory
  </Link>
);

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
