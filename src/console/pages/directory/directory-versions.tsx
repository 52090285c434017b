import { getRouteApi } from "@tanstack/react-router";
import type { Row } from "../../api/answer.ts";
import { api } from "../../api/client.ts";
import { PAGED, rowsOf } from "../../api/pages.ts";
import { Badge, type Tone } from "../../parts/badge.tsx";
import { Loading, ProblemNote } from "../../parts/note.tsx";
import { Section } from "../../parts/page.tsx";
import { More } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import styles from "./directory.module.css";

const route = getRouteApi("/o/$organizationId/directory/$apiId");
const PAGE_SIZE = 20;

type Version = Row<"/v1/directory/{apiId}/versions">;
type Change = Version["changes"][number];

/** What each version has changed for those who subscribe, the newest first. */
export function DirectoryVersions() {
  const { apiId } = route.useParams();
  const found = api.useInfiniteQuery(
    "get",
    "/v1/directory/{apiId}/versions",
    { params: { path: { apiId }, query: { limit: PAGE_SIZE } } },
    PAGED,
  );
  const versions = found.data ? rowsOf(found.data) : [];
  return (
    <Section title="Versions" lead="What each has changed for its subscribers." isFlush>
      {found.isPending && <Loading what="versions" />}
      {found.error && <ProblemNote error={found.error} onRetry={() => void found.refetch()} />}
      <ol className={styles.versions}>
        {versions.map((version, n) => (
          <VersionEntry key={version.id} version={version} isFirst={n === versions.length - 1 && !found.hasNextPage} />
        ))}
      </ol>
      <More query={found} />
    </Section>
  );
}

function VersionEntry({ version, isFirst }: { version: Version; isFirst: boolean }) {
  const breaking = version.changes.filter(({ kind }) => kind === "breaking").length;
  return (
    <li className={styles.version}>
      <div className={styles.entryTitle}>
        <h3>{version.version}</h3>
        {breaking > 0 && (
          <Badge tone="bad">{breaking === 1 ? "1 breaking change" : `${breaking} breaking changes`}</Badge>
        )}
        <span className={styles.soft}>
          <Time at={version.createdAt} /> · AsyncAPI {version.specVersion}
        </span>
      </div>
      {version.changes.length === 0 ? (
        <p className={styles.soft}>{isFirst ? "The first version." : "Nothing that subscribers can notice."}</p>
      ) : (
        <ul className={styles.changes}>
          {version.changes.map((change) => (
            <ChangeLine key={`${change.path} ${change.message}`} change={change} />
          ))}
        </ul>
      )}
    </li>
  );
}

const KINDS: Record<Change["kind"], { word: string; tone: Tone }> = {
  breaking: { word: "breaking", tone: "bad" },
  "non-breaking": { word: "compatible", tone: "good" },
  unclassified: { word: "to be read", tone: "warn" },
};

const ChangeLine = ({ change: { kind, message, path } }: { change: Change }) => (
  <li>
    <Badge tone={KINDS[kind].tone}>{KINDS[kind].word}</Badge>
    <span>
      {message} <code>{path}</code>
    </span>
  </li>
);
