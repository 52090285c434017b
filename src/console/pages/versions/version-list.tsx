import type { ReactNode } from "react";
import type { Row } from "../../api/answer.ts";
import { Badge } from "../../parts/badge.tsx";
import { Time } from "../../parts/time.tsx";
import { countOf } from "../../parts/words.ts";
import { ChangeList } from "./change-list.tsx";
import { countBreaking, sayChanges } from "./changes.ts";
import styles from "./version-list.module.css";

export type Version = Row<"/v1/apis/{id}/versions">;

type Props = {
  /** The newest first. */
  versions: Version[];
  /** Whether all of them are here, down to the first. */
  isWhole: boolean;
  titleOf(version: Version): ReactNode;
};

/** The documents that an API has had, and what each changed. */
export const VersionList = ({ versions, isWhole, titleOf }: Props) => (
  <ol className={styles.versions}>
    {versions.map((version, n) => (
      <li key={version.id} className={styles.version}>
        <div className={styles.head}>
          <h3>{titleOf(version)}</h3>
          {n === 0 && <Badge tone="good">current</Badge>}
          <Breaking count={countBreaking(version.changes)} />
          <span className={styles.when}>
            <Time at={version.createdAt} /> · AsyncAPI {version.specVersion}
          </span>
        </div>
        {isWhole && n === versions.length - 1 ? (
          <p className={styles.quiet}>The first version.</p>
        ) : (
          <Changes changes={version.changes} />
        )}
      </li>
    ))}
  </ol>
);

const Breaking = ({ count }: { count: number }) =>
  count > 0 && <Badge tone="bad">{countOf(count, "breaking change")}</Badge>;

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
