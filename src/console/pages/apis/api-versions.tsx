import { Link } from "@tanstack/react-router";
import { api as relay } from "../../api/client.ts";
import { PAGED } from "../../api/pages.ts";
import { useMay } from "../../api/role.ts";
import { LinkButton } from "../../parts/button.tsx";
import { Section } from "../../parts/page.tsx";
import { Paged } from "../../parts/paged.tsx";
import { VersionList } from "../versions/version-list.tsx";
import { useApiParams } from "./the-api.tsx";

/** All documents that the API has had; each can be read. */
export function ApiVersions() {
  const params = useApiParams();
  const mayChange = useMay("developer");
  const init = { params: { path: { id: params.apiId } } };
  const query = relay.useInfiniteQuery("get", "/v1/apis/{id}/versions", init, PAGED);
  return (
    <Section
      title="Versions"
      lead="Each is a document that this API has had, the newest first. Subscribers hear of those that break them."
      actions={
        mayChange && (
          <LinkButton tone="primary" to="/o/$organizationId/apis/$apiId/versions/new" params={params}>
            New version
          </LinkButton>
        )
      }
      isFlush
    >
      <Paged query={query} what="the versions">
        {(versions) => (
          <VersionList
            versions={versions}
            isWhole={!query.hasNextPage}
            titleOf={({ id, version }) => (
              <Link to="/o/$organizationId/apis/$apiId/versions/$versionId" params={{ ...params, versionId: id }}>
                {version}
              </Link>
            )}
          />
        )}
      </Paged>
    </Section>
  );
}
