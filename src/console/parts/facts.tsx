import type { ReactNode } from "react";
import styles from "./facts.module.css";

export const Facts = ({ children }: { children: ReactNode }) => <dl className={styles.facts}>{children}</dl>;

/** A name and what it is; `isFigure` where that is a number to see from afar. */
export const Fact = ({
  label,
  isFigure = false,
  children,
}: {
  label: string;
  isFigure?: boolean;
  children: ReactNode;
}) => (
  <div>
    <dt>{label}</dt>
    <dd className={isFigure ? styles.figure : undefined}>{children}</dd>
  </div>
);
