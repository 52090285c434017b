import { getRouteApi } from "@tanstack/react-router";
import { api } from "../../api/client.ts";
import { PAGED } from "../../api/pages.ts";
import { Section } from "../../parts/page.tsx";
import { Paged } from "../../parts/paged.tsx";
import { VersionList } from "../versions/version-list.tsx";

const route = getRouteApi("/o/$organizationId/directory/$apiId");
const PAGE_SIZE = 20;

/** What each version has changed for those who subscribe, the newest first. */
export function DirectoryVersions() {
  const { apiId } = route.useParams();
  const init = { params: { path: { apiId }, query: { limit: PAGE_SIZE } } };
  const query = api.useInfiniteQuery("get", "/v1/directory/{apiId}/versions", init, PAGED);
  return (
    <Section title="Versions" lead="What each has changed for its subscribers." isFlush>
      <Paged query={query} what="versions">
        {(versions) => (
          <VersionList versions={versions} isWhole={!query.hasNextPage} titleOf={({ version }) => version} />
        )}
      </Paged>
    </Section>
  );
}
