import { getRouteApi, Link } from "@tanstack/react-router";
import type { Row } from "../../api/answer.ts";
import { Badge } from "../../parts/badge.tsx";
import { summaryOf } from "../../parts/markdown.tsx";
import { countOf } from "../../parts/words.ts";
import styles from "./directory.module.css";
import { TagList } from "./tag-list.tsx";

const route = getRouteApi("/o/$organizationId/directory");
const SUMMARY_CHARS_MAX = 260;

/** One API in the list; its title leads to it, its publisher and its tags to what else is theirs. */
export function DirectoryEntry({ entry }: { entry: Row<"/v1/directory"> }) {
  const { organizationId } = route.useParams();
  const summary = entry.description === null ? "" : summaryOf(entry.description, SUMMARY_CHARS_MAX);
  return (
    <li className={styles.entry}>
      <div className={styles.entryTitle}>
        <h2>
          <Link to="/o/$organizationId/directory/$apiId" params={{ organizationId, apiId: entry.id }}>
            {entry.title}
          </Link>
        </h2>
        <Badge>{entry.version}</Badge>
        {entry.visibility === "private" && <Badge>private</Badge>}
        {entry.access === "consent" && <Badge tone="accent">needs consent</Badge>}
        {entry.approval === "manual" && <Badge tone="warn">needs approval</Badge>}
      </div>
      {summary !== "" && <p className={styles.summary}>{summary}</p>}
      <div className={styles.facts}>
        <span>
          by{" "}
          <Link
            to="/o/$organizationId/directory"
            params={{ organizationId }}
            search={(search) => ({ ...search, publisher: entry.publisher.id })}
          >
            {entry.publisher.name}
          </Link>
        </span>
        <span>{countOf(entry.channels.length, "channel")}</span>
        <TagList tags={entry.tags} />
      </div>
    </li>
  );
}
