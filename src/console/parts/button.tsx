import { createLink } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, ButtonHTMLAttributes, ReactNode } from "react";
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

/** While it is busy it says so, keeps its place and takes no second press. */
export function Button({ tone, size, isIcon, isBusy = false, disabled, children, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={classOf({ tone, size, isIcon })}
      disabled={disabled || isBusy}
      aria-busy={isBusy || undefined}
    >
      {isBusy && <span className={styles.spinner} aria-hidden="true" />}
      {children}
    </button>
  );
}

type AnchorProps = Look & AnchorHTMLAttributes<HTMLAnchorElement>;

/** A link that looks like a button, to somewhere outside of the console. */
export const AnchorButton = ({ tone, size, isIcon, children, ...rest }: AnchorProps) => (
  <a {...rest} className={classOf({ tone, size, isIcon })}>
    {children}
  </a>
);

/** The same, to a page of the console. */
export const LinkButton = createLink(AnchorButton);
