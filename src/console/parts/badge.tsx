import type { ReactNode } from "react";
import styles from "./badge.module.css";

export type Tone = "neutral" | "good" | "warn" | "bad" | "accent";

/** A word on something's state; its colour says no more than the word does. */
export function Badge({
  tone = "neutral",
  hasDot = false,
  children,
}: {
  tone?: Tone;
  hasDot?: boolean;
  children: ReactNode;
}) {
  return (
    <span className={[styles.badge, tone !== "neutral" && styles[tone]].filter(Boolean).join(" ")}>
      {hasDot && <span className={styles.dot} aria-hidden="true" />}
      {children}
    </span>
  );
}

const STATES: Record<string, Tone> = {
  active: "good",
  delivered: "good",
  granted: "good",
  pending: "warn",
  unverified: "warn",
  waiting: "accent",
  requested: "warn",
  paused: "neutral",
  blocked: "warn",
  skipped: "neutral",
  denied: "neutral",
  expired: "neutral",
  failing: "bad",
  dead: "bad",
  disabled: "bad",
  rejected: "bad",
  revoked: "bad",
};

/** The state of a subscription, a delivery or a consent, in the API's own word. */
export const StateBadge = ({ state }: { state: string }) => (
  <Badge tone={STATES[state] ?? "neutral"} hasDot>
    {state}
  </Badge>
);
