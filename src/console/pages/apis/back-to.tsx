import { createLink } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import type { AnchorHTMLAttributes } from "react";
import styles from "./back-to.module.css";

/** From one of a list back to all of them. */
export const BackTo = createLink(({ children, ...rest }: AnchorHTMLAttributes<HTMLAnchorElement>) => (
  <a {...rest} className={styles.back}>
    <ArrowLeft aria-hidden="true" />
    {children}
  </a>
));
