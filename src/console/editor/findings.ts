import type { Finding } from "../api/document-calls.ts";
import { countOf } from "../parts/words.ts";

const SEVERITIES = ["error", "warning", "info", "hint"] as const;

/** The gravest first, and of those the first in the text. */
export const sortFindings = (findings: readonly Finding[]): Finding[] =>
  findings.toSorted(
    (a, b) =>
      SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
      a.range.start.line - b.range.start.line ||
      a.range.start.character - b.range.start.character,
  );

/** "2 errors, 1 warning"; what only informs is counted as a hint. */
export function countFindings(findings: readonly Finding[]): string {
  const errors = findings.filter(({ severity }) => severity === "error").length;
  const warnings = findings.filter(({ severity }) => severity === "warning").length;
  const hints = findings.length - errors - warnings;
  const counts = [sayCount(errors, "error"), sayCount(warnings, "warning"), sayCount(hints, "hint")];
  return counts.filter((count) => count !== null).join(", ") || "Nothing to mend";
}

const sayCount = (count: number, what: string): string | null => (count === 0 ? null : countOf(count, what));
