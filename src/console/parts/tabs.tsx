import { createLink, useRouterState } from "@tanstack/react-router";
import { type AnchorHTMLAttributes, type ReactNode, useEffect, useRef } from "react";
import styles from "./tabs.module.css";

/** The parts of one thing, each with an address of its own: links, not the buttons of a tab list. */
export function Tabs({ label, children }: { label: string; children: ReactNode }) {
  const nav = useRef<HTMLElement>(null);
  const path = useRouterState({ select: ({ location }) => location.pathname });
  // biome-ignore lint/correctness/useExhaustiveDependencies: with another path, another tab is the current one
  useEffect(() => showCurrent(nav.current), [path]);
  return (
    <nav className={styles.tabs} aria-label={label} ref={nav}>
      {children}
    </nav>
  );
}

/** On a phone they are wider than the window: the one that is open is to be seen. */
function showCurrent(nav: HTMLElement | null): void {
  const current = nav?.querySelector('[aria-current="page"]');
  if (!nav || !current) return;
  const [outer, inner] = [nav.getBoundingClientRect(), current.getBoundingClientRect()];
  nav.scrollLeft += inner.left - outer.left - (outer.width - inner.width) / 2;
}

export const Tab = createLink((props: AnchorHTMLAttributes<HTMLAnchorElement>) => (
  <a {...props} className={styles.tab}>
    {props.children}
  </a>
));
