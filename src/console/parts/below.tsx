import type { ReactNode } from "react";
import styles from "./below.module.css";

/** In a cell or a line, what is to be known besides. */
export const Below = ({ children }: { children: ReactNode }) => <span className={styles.below}>{children}</span>;
