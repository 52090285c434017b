import { Link, linkOptions, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Below } from "../../parts/below.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import styles from "./audit.module.css";
import { type AuditEntry, pageOf, type SubjectPage, sayAction, sayActor } from "./audit-words.ts";

type Props = {
  entries: AuditEntry[];
  /** By actor: `token:…`, `member:…`, `organization:…`. */
  names: ReadonlyMap<string, string>;
  /** False on the page of the one thing that all of them are about. */
  isLinked?: boolean;
  /** What stands between who did it and when. */
  between?: Column<AuditEntry>[];
};

/** Who did what, in a sentence a row. */
export const AuditTable = ({ entries, names, isLinked = true, between = [] }: Props) => (
  <Table
    caption="What was changed"
    columns={[
      {
        label: "What",
        cell: (entry) => (
          <span className={styles.sentence}>
            <strong className={styles.actor}>{sayActor(entry.actor, names)}</strong>{" "}
            {isLinked ? <Deed entry={entry} /> : sayAction(entry.action)}
            <Below>
              <code>{entry.action}</code>
              {entry.address !== null && <> · from {entry.address}</>}
            </Below>
          </span>
        ),
      },
      ...between,
      { label: "When", cell: ({ at }) => <Time at={at} />, isEnd: true },
    ]}
    rows={entries}
    keyOf={({ id }) => id}
  />
);

/** The deed, which leads to what it was done to where a page shows that. */
function Deed({ entry }: { entry: AuditEntry }): ReactNode {
  const { organizationId } = useParams({ strict: false });
  const page = pageOf(entry);
  const words = sayAction(entry.action);
  if (organizationId === undefined || page === null) return words;
  return (
    <Link className={styles.deed} {...linkTo(page, organizationId, entry.subject)}>
      {words}
    </Link>
  );
}

function linkTo(page: SubjectPage, organizationId: string, id: string) {
  switch (page) {
    case "api":
      return linkOptions({ to: "/o/$organizationId/apis/$apiId", params: { organizationId, apiId: id } });
    case "app":
      return linkOptions({ to: "/o/$organizationId/apps/$appId", params: { organizationId, appId: id } });
    case "subscription":
      return linkOptions({
        to: "/o/$organizationId/subscriptions/$subscriptionId",
        params: { organizationId, subscriptionId: id },
      });
    case "consent":
      return linkOptions({ to: "/o/$organizationId/consents/$consentId", params: { organizationId, consentId: id } });
    case "organization":
      return linkOptions({ to: "/o/$organizationId/organization", params: { organizationId } });
  }
}
