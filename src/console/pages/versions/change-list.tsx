import { CircleX, type LucideIcon, Plus, TriangleAlert } from "lucide-react";
import type { ApiChange } from "../../api/document-calls.ts";
import styles from "./change-list.module.css";
import { gravestFirst } from "./changes.ts";

const KINDS: Record<ApiChange["kind"], { icon: LucideIcon; name: string }> = {
  breaking: { icon: CircleX, name: "Breaks subscribers" },
  unclassified: { icon: TriangleAlert, name: "May matter" },
  "non-breaking": { icon: Plus, name: "Safe" },
};

/** What a version changes, as its subscribers will see it: what breaks them first. */
export const ChangeList = ({ changes }: { changes: readonly ApiChange[] }) => (
  <ul className={styles.changes}>
    {gravestFirst(changes).map((change) => (
      <ChangeRow key={`${change.path} ${change.message}`} change={change} />
    ))}
  </ul>
);

function ChangeRow({ change: { kind, message, path } }: { change: ApiChange }) {
  const { icon: Icon, name } = KINDS[kind];
  return (
    <li className={styles.change}>
      <Icon aria-hidden="true" className={styles[kind]} />
      <span>
        <span className={styles.message}>{message}</span>
        <small>
          {name} · <code>{path}</code>
        </small>
      </span>
    </li>
  );
}
