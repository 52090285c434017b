import { Link } from "@tanstack/react-router";
import type { Row } from "../../api/answer.ts";
import { api as relay } from "../../api/client.ts";
import { PAGED, rowsOf } from "../../api/pages.ts";
import { useMay } from "../../api/role.ts";
import { Badge } from "../../parts/badge.tsx";
import { LinkButton } from "../../parts/button.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Section } from "../../parts/page.tsx";
import { More } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import styles from "./api-versions.module.css";
import { ChangeList } from "./change-list.tsx";
import { countBreaking, sayChanges } from "./changes.ts";
import { useApiParams } from "./the-api.tsx";

type Version = Row<"/v1/apis/{id}/versions">;

/** All documents that the API has had, and what each changed. */
export function ApiVersions() {
  const params = useApiParams();
  const mayChange = useMay("developer");
  const query = relay.useInfiniteQuery(
    "get",
    "/v1/apis/{id}/versions",
    { params: { path: { id: params.apiId } } },
    PAGED,
  );
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
      <Loaded query={query} what="the versions">
        {(data) => (
          <>
            <ol className={styles.versions}>
              {rowsOf(data).map((version, n, all) => (
                <VersionRow
                  key={version.id}
                  version={version}
                  isCurrent={n === 0}
                  isFirst={n === all.length - 1 && !query.hasNextPage}
                />
              ))}
            </ol>
            <More query={query} />
          </>
        )}
      </Loaded>
    </Section>
  );
}

type RowProps = { version: Version; isCurrent: boolean /** Nothing was there before. */; isFirst: boolean };

function VersionRow({ version: { id, version, createdAt, changes }, isCurrent, isFirst }: RowProps) {
  const params = useApiParams();
  const breaking = countBreaking(changes);
  return (
    <li className={styles.version}>
      <div className={styles.head}>
        <h3>
          <Link to="/o/$organizationId/apis/$apiId/versions/$versionId" params={{ ...params, versionId: id }}>
            {version}
          </Link>
        </h3>
        {isCurrent && <Badge tone="good">current</Badge>}
        {breaking > 0 && <Badge tone="bad">{breaking} breaking</Badge>}
        <span className={styles.when}>
          <Time at={createdAt} />
        </span>
      </div>
      {isFirst ? <p className={styles.quiet}>The first version.</p> : <Changes changes={changes} />}
    </li>
  );
}

const OPEN_MAX = 5; // a list of so many is read at a glance

function Changes({ changes }: Pick<Version, "changes">) {
  if (changes.length === 0) return <p className={styles.quiet}>Nothing that subscribers see has changed.</p>;
  if (changes.length <= OPEN_MAX) return <ChangeList changes={changes} />;
  return (
    <details>
      <summary>{sayChanges(changes)}</summary>
      <ChangeList changes={changes} />
    </details>
  );
}
