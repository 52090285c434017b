import type { ReactNode } from "react";
import { Note } from "../../parts/note.tsx";
import { explainStatus } from "./status-words.ts";
import styles from "./subscription.module.css";
import type { ListedSubscription } from "./subscription-types.ts";

/** What the state of a subscription means; `children` is the button that it calls for. */
export function StatusNote({ subscription, children }: { subscription: ListedSubscription; children?: ReactNode }) {
  const { tone, title, text } = explainStatus(subscription);
  return (
    // Not an alert: it says how things stand, not that something has just gone wrong.
    <div className={styles.status} role="status">
      <Note tone={tone === "bad" ? "warn" : tone}>
        <strong>{title}.</strong> {text}
        {children && <div className={styles.noteAction}>{children}</div>}
      </Note>
    </div>
  );
}
