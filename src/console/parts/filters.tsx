import { createLink } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, ReactNode } from "react";
import styles from "./filters.module.css";

/** Which part of a list is shown: each has its own address. */
export const Filters = ({ label, children }: { label: string; children: ReactNode }) => (
  <nav className={styles.filters} aria-label={label}>
    {children}
  </nav>
);

/** `isOn` says whether that part is shown: addresses of one page differ in their search alone. */
export const FilterLink = createLink(
  ({ isOn, children, ...rest }: { isOn: boolean } & AnchorHTMLAttributes<HTMLAnchorElement>) => (
    <a {...rest} className={styles.filter} aria-current={isOn ? "true" : undefined}>
      {children}
    </a>
  ),
);
