import type { ApiChange } from "../../api/document-calls.ts";
import { countOf } from "../../parts/words.ts";

const KINDS: ApiChange["kind"][] = ["breaking", "unclassified", "non-breaking"];

/** What breaks subscribers, what nobody can tell of, what is safe. */
export const gravestFirst = (changes: readonly ApiChange[]): ApiChange[] =>
  changes.toSorted((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind));

export const countBreaking = (changes: readonly ApiChange[]): number =>
  changes.filter(({ kind }) => kind === "breaking").length;

/** "3 changes, 1 of them breaking". */
export function sayChanges(changes: readonly ApiChange[]): string {
  const breaking = countBreaking(changes);
  if (changes.length === 0) return "No changes";
  const all = countOf(changes.length, "change");
  if (breaking === 0) return all;
  return breaking === changes.length ? `${all}, breaking` : `${all}, ${breaking} of them breaking`;
}
