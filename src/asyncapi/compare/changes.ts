import { CHANGE_VALUE_CHARS_MAX, CHANGES_PER_KIND_MAX } from "./limits.ts";

/** Keys and indexes from a schema, or from a document, to what is within. */
export type Path = (string | number)[];

/** What a change is for subscribers: `unclassified` where no program can tell. */
export type ChangeKind = "breaking" | "non-breaking" | "unclassified";

/** `path` leads to what changed: in the new version, or in the old one where it is gone. */
export type SchemaChange = { path: Path; kind: ChangeKind; message: string };

/** Why a wider promise breaks: of those who know the old version. */
export const WIDER = "subscribers may get what the old version ruled out";

/** Why a narrower one breaks too: of those who know the new version. */
export const NARROWER = "events of the old version may not fit it, and they can still be delivered";

/** Collects what changed, each kind up to its bound. */
export class Changes {
  readonly #listed: SchemaChange[] = [];
  readonly #counts: Record<ChangeKind, number> = { breaking: 0, "non-breaking": 0, unclassified: 0 };

  add(kind: ChangeKind, path: Path, message: string): void {
    this.#counts[kind] += 1;
    if (this.#counts[kind] <= CHANGES_PER_KIND_MAX) this.#listed.push({ path, kind, message });
  }

  /** As they were found, and one more of each kind that has too many. */
  list(): SchemaChange[] {
    const kinds: ChangeKind[] = ["breaking", "non-breaking", "unclassified"];
    const unlisted = kinds.flatMap((kind): SchemaChange[] => {
      const count = this.#counts[kind] - CHANGES_PER_KIND_MAX;
      return count > 0 ? [{ path: [], kind, message: `${count} more ${kind} changes are not listed.` }] : [];
    });
    return [...this.#listed, ...unlisted];
  }
}

/** A value as a message shows it: short, on one line. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length <= CHANGE_VALUE_CHARS_MAX ? text : `${text.slice(0, CHANGE_VALUE_CHARS_MAX - 1)}…`;
}
