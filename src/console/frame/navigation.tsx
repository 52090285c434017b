import { createLink } from "@tanstack/react-router";
import type { LucideIcon } from "lucide-react";
import type { AnchorHTMLAttributes, ReactNode } from "react";
import styles from "./frame.module.css";

/** Pages that belong together. */
export const NavigationGroup = ({ title, children }: { title?: string; children: ReactNode }) => (
  <div className={styles.group}>
    {title && <h2>{title}</h2>}
    {children}
  </div>
);

type LinkProps = { icon: LucideIcon } & AnchorHTMLAttributes<HTMLAnchorElement>;

export const NavigationLink = createLink(({ icon: Icon, children, ...rest }: LinkProps) => (
  <a {...rest} className={styles.link}>
    <Icon aria-hidden="true" />
    {children}
  </a>
));
