import { CircleAlert, CircleCheck, Info, type LucideIcon, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { ApiProblem, sayProblem } from "../api/problem.ts";
import { Button } from "./button.tsx";
import styles from "./note.module.css";

const ICONS: Record<"info" | "good" | "warn" | "bad", LucideIcon> = {
  info: Info,
  good: CircleCheck,
  warn: TriangleAlert,
  bad: CircleAlert,
};

/** Something to know before going on. */
export function Note({ tone = "info", children }: { tone?: keyof typeof ICONS; children: ReactNode }) {
  const Icon = ICONS[tone];
  return (
    <div
      className={tone === "info" ? styles.note : `${styles.note} ${styles[tone]}`}
      role={tone === "bad" ? "alert" : undefined}
    >
      <Icon aria-hidden="true" />
      <div>{children}</div>
    </div>
  );
}

type ProblemProps = {
  error: unknown;
  /** Where the page says it better than the relay does. */
  title?: string;
  onRetry?: () => void;
};

/** What a call was refused with, and what is to be done about it. */
export function ProblemNote({ error, title = sayProblem(error), onRetry }: ProblemProps) {
  const errors = error instanceof ApiProblem ? error.errors : [];
  return (
    <Note tone="bad">
      <p>{title}</p>
      {errors.length > 0 && (
        <ul>
          {errors.map(({ path, message }) => (
            <li key={`${path} ${message}`}>
              {path !== "" && <code>{path}</code>} {message}
            </li>
          ))}
        </ul>
      )}
      {onRetry && (
        <p>
          <Button size="small" onClick={onRetry}>
            Try again
          </Button>
        </p>
      )}
    </Note>
  );
}

/** Where nothing is yet: what would stand here, and the first step to it. */
export function Empty({
  icon: Icon,
  title,
  children,
  actions,
}: {
  icon: LucideIcon;
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <div className={styles.empty}>
      <Icon aria-hidden="true" />
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {actions && <div className={styles.emptyActions}>{actions}</div>}
    </div>
  );
}

export const Loading = ({ what }: { what: string }) => (
  <div className={styles.loading} role="status" aria-label={`Loading ${what}`}>
    <span className={styles.line} />
    <span className={styles.line} />
    <span className={styles.line} />
  </div>
);
