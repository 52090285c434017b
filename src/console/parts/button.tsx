import { createLink } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, ButtonHTMLAttributes, MouseEvent, ReactNode } from "react";
import styles from "./button.module.css";

type Look = {
  tone?: "primary" | "secondary" | "quiet" | "danger";
  size?: "normal" | "small";
  /** An icon alone: then it needs an `aria-label`. */
  isIcon?: boolean;
};

const classOf = ({ tone = "secondary", size = "normal", isIcon = false }: Look): string =>
  [styles.button, tone !== "secondary" && styles[tone], size === "small" && styles.small, isIcon && styles.icon]
    .filter(Boolean)
    .join(" ");

type ButtonProps = Look & ButtonHTMLAttributes<HTMLButtonElement> & { isBusy?: boolean; children: ReactNode };

/** While it is busy it says so, keeps its place and the focus, and takes no second press. */
export function Button({ tone, size, isIcon, isBusy = false, children, ...rest }: ButtonProps) {
  // A button that is disabled loses the focus, and does not get it back.
  const busy = isBusy && { "aria-busy": true, "aria-disabled": true, onClick: refusePress };
  return (
    <button type="button" {...rest} {...busy} className={classOf({ tone, size, isIcon })}>
      {isBusy && <span className={styles.spinner} aria-hidden="true" />}
      {children}
    </button>
  );
}

/** It sends no form either. */
const refusePress = (event: MouseEvent): void => event.preventDefault();

type AnchorProps = Look & AnchorHTMLAttributes<HTMLAnchorElement>;

/** A link that looks like a button, to somewhere outside of the console. */
export const AnchorButton = ({ tone, size, isIcon, children, ...rest }: AnchorProps) => (
  <a {...rest} className={classOf({ tone, size, isIcon })}>
    {children}
  </a>
);

/** The same, to a page of the console. */
export const LinkButton = createLink(AnchorButton);
