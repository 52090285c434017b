import { keep, readKept } from "../api/kept.ts";

export type Scheme = "system" | "light" | "dark";

const KEY = "scheme";

export const readScheme = (): Scheme => {
  const kept = readKept("localStorage", KEY);
  return kept === "light" || kept === "dark" ? kept : "system";
};

/** Shows the console in this scheme from now on, in this browser. */
export function keepScheme(scheme: Scheme): void {
  keep("localStorage", KEY, scheme === "system" ? null : scheme);
  showScheme(scheme);
}

export function showScheme(scheme: Scheme = readScheme()): void {
  if (scheme === "system") delete document.documentElement.dataset.scheme;
  else document.documentElement.dataset.scheme = scheme;
}
