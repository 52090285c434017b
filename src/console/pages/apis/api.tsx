import { Link, Outlet } from "@tanstack/react-router";
import { ApiProblem } from "../../api/problem.ts";
import { NoSuchPage } from "../../frame/failures.tsx";
import { Badge } from "../../parts/badge.tsx";
import { LinkButton } from "../../parts/button.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { summaryOf } from "../../parts/markdown.tsx";
import { Page } from "../../parts/page.tsx";
import { Tab, Tabs } from "../../parts/tabs.tsx";
import { AccessBadge, VisibilityBadge } from "./api-badges.tsx";
import type { Api } from "./api-types.ts";
import { useApi, useApiParams } from "./the-api.tsx";

/** One API of the organization's own; its parts have an address each. */
export function ApiPage() {
  const params = useApiParams();
  const query = useApi(params.apiId);
  if (query.error instanceof ApiProblem && query.error.status === 404) return <NoSuchPage />;
  if (!query.data)
    return (
      <Page title="API">
        <Loaded query={query} what="the API">
          {() => null}
        </Loaded>
      </Page>
    );
  return (
    <Page
      title={query.data.title}
      beside={<Badges api={query.data} />}
      lead={query.data.description && summaryOf(query.data.description, LEAD_CHARS_MAX)}
      crumbs={
        <Link to="/o/$organizationId/apis" params={params}>
          APIs
        </Link>
      }
      actions={
        query.data.visibility === "public" && (
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
