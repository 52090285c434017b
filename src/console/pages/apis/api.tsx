import { Link, Outlet } from "@tanstack/react-router";
import { LoadedPage } from "../../frame/loaded-page.tsx";
import { Badge } from "../../parts/badge.tsx";
import { LinkButton } from "../../parts/button.tsx";
import { summaryOf } from "../../parts/markdown.tsx";
import { Page } from "../../parts/page.tsx";
import { Tab, Tabs } from "../../parts/tabs.tsx";
import { AccessBadge, VisibilityBadge } from "./api-badges.tsx";
import type { Api } from "./api-types.ts";
import { useApi, useApiParams } from "./the-api.tsx";

/** One API of the organization's own; its parts have an address each. */
export function ApiPage() {
  const { apiId } = useApiParams();
  return (
    <LoadedPage query={useApi(apiId)} title="API" what="the API">
      {(api) => <OneApi api={api} />}
    </LoadedPage>
  );
}

function OneApi({ api }: { api: Api }) {
  const params = useApiParams();
  return (
    <Page
      title={api.title}
      beside={<Badges api={api} />}
      lead={api.description && summaryOf(api.description, LEAD_CHARS_MAX)}
      crumbs={
        <Link to="/o/$organizationId/apis" params={params}>
          APIs
        </Link>
      }
      actions={
        api.visibility === "public" && (
          <LinkButton to="/o/$organizationId/directory/$apiId" params={params}>
            See it in the directory
          </LinkButton>
        )
      }
    >
      <Tabs label="Parts of this API">
        <Tab to="/o/$organizationId/apis/$apiId" params={params} activeOptions={{ exact: true, includeSearch: false }}>
          Channels
        </Tab>
        <Tab to="/o/$organizationId/apis/$apiId/events" params={params} activeOptions={{ includeSearch: false }}>
          Events
        </Tab>
        <Tab to="/o/$organizationId/apis/$apiId/subscribers" params={params}>
          Subscribers
        </Tab>
        <Tab to="/o/$organizationId/apis/$apiId/credentials" params={params}>
          Credentials
        </Tab>
        <Tab to="/o/$organizationId/apis/$apiId/versions" params={params}>
          Versions
        </Tab>
        <Tab to="/o/$organizationId/apis/$apiId/settings" params={params}>
          Settings
        </Tab>
      </Tabs>
      <Outlet />
    </Page>
  );
}

const Badges = ({ api }: { api: Api }) => (
  <>
    <Badge>{api.version}</Badge>
    <VisibilityBadge visibility={api.visibility} />
    {api.access === "consent" && <AccessBadge access={api.access} />}
  </>
);

/** A description is Markdown of any length; its first paragraph introduces the page well. */
const LEAD_CHARS_MAX = 400;
