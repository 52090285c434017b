import {
  CHANGE_PATH_CHARS_MAX,
  CHANGE_VALUE_CHARS_MAX,
  CHANGES_CHARS_PER_KIND_MAX,
  CHANGES_PER_KIND_MAX,
} from "./limits.ts";

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

/** What was found of a kind, and what of that is listed. */
class Tally {
  #found = 0;
  #listed = 0;
  #chars = 0;

  get unlisted(): number {
    return this.#found - this.#listed;
  }

  /** False where there is no room for a change, nor for any that comes after it. */
  takes(path: Path, message: string): boolean {
    this.#found += 1;
    const pathChars = path.reduce<number>((sum, key) => sum + 1 + String(key).length, 0);
    this.#chars += Math.min(pathChars, CHANGE_PATH_CHARS_MAX) + message.length;
    if (this.#listed === CHANGES_PER_KIND_MAX || this.#chars > CHANGES_CHARS_PER_KIND_MAX) return false;
    this.#listed += 1;
    return true;
  }
}

/** Collects what changed, each kind up to its bounds. */
export class Changes {
  readonly #listed: SchemaChange[] = [];
  readonly #tallies = { breaking: new Tally(), "non-breaking": new Tally(), unclassified: new Tally() };

  add(kind: ChangeKind, path: Path, message: string): void {
    if (this.#tallies[kind].takes(path, message)) this.#listed.push({ path, kind, message });
  }

  /** As they were found, and one more of each kind that has too many. */
  list(): SchemaChange[] {
    const kinds: ChangeKind[] = ["breaking", "non-breaking", "unclassified"];
    const unlisted = kinds.flatMap((kind): SchemaChange[] => {
      const count = this.#tallies[kind].unlisted;
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
