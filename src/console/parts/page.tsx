import { type ReactNode, useEffect, useId } from "react";
import styles from "./page.module.css";

type PageProps = {
  title: string;
  /** Behind the title: a state, a version. */
  beside?: ReactNode;
  /** One sentence on what this page is for. */
  lead?: ReactNode;
  /** Links to what this belongs to. */
  crumbs?: ReactNode;
  actions?: ReactNode;
  isNarrow?: boolean;
  children: ReactNode;
};

/** A page of the console: its title is also the window's. */
export function Page({ title, beside, lead, crumbs, actions, isNarrow = false, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Event Relay`;
  }, [title]);
  return (
    <div className={isNarrow ? `${styles.page} ${styles.narrow}` : styles.page}>
      <header className={styles.head}>
        <div className={styles.words}>
          {crumbs && (
            <nav className={styles.crumbs} aria-label="Above this page">
              {crumbs}
            </nav>
          )}
          <div className={styles.title}>
            <h1>{title}</h1>
            {beside}
          </div>
          {lead && <p className={styles.lead}>{lead}</p>}
        </div>
        {actions && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

type SectionProps = {
  title?: string;
  lead?: ReactNode;
  actions?: ReactNode;
  /** True for tables and lists, which reach the section's edges. */
  isFlush?: boolean;
  children: ReactNode;
};

/** One matter of a page, on a sheet of its own. */
export function Section({ title, lead, actions, isFlush = false, children }: SectionProps) {
  const id = useId();
  return (
    <section className={styles.section} aria-labelledby={title ? id : undefined}>
      {title && (
        <header className={styles.sectionHead}>
          <div>
            <h2 id={id}>{title}</h2>
            {lead && <p>{lead}</p>}
          </div>
          {actions && <div className={styles.actions}>{actions}</div>}
        </header>
      )}
      <div className={isFlush ? `${styles.sectionBody} ${styles.flush}` : styles.sectionBody}>{children}</div>
    </section>
  );
}
