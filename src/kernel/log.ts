import { LOGGED_IDS_MAX } from "./limits.ts";
import type { LogLine } from "./log-lines.ts";

type Field = string | number | boolean | null | undefined;

/**
 * What a secret of the relay looks like, wherever it stands: tokens and those of portal links, client secrets and ids of sessions, signing secrets, JWTs, and what an
 * Authorization header carries.
 */
const SECRETS =
  /\b(?:rk|ps|as|rs|rp)_[\w-]{20,}|\bwhsec_[\w+/=-]{8,}|\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?|\b(Basic|Bearer) +[\w.~+/=-]{8,}/gi;

/** A text without the secrets that stand in it. */
export const redact = (text: string): string =>
  text.replace(SECRETS, (_, scheme?: string) => (scheme ? `${scheme} [redacted]` : "[redacted]"));

/**
 * One wide line for a piece of work; `LOG_LINES` says which there are. Only flat fields, so that no payload slips in; secrets
 * are never passed here, and one that stands in somebody else's error message is taken out.
 */
export function logLine(what: LogLine, fields: Record<string, Field>): void {
  console.log(redact(JSON.stringify({ what, ...fields })));
}

/** Ids for a field of a line: each once, and the first of many; undefined, and so no field at all, where there is none. */
export function listIds(ids: Iterable<string | null>): string | undefined {
  const listed = new Set<string>();
  for (const id of ids) {
    if (listed.size === LOGGED_IDS_MAX) break;
    if (id !== null) listed.add(id);
  }
  return listed.size === 0 ? undefined : [...listed].join(" ");
}

/** How often each word comes, for a field of a line: `503:2 timeout:1`; undefined where there is none. */
export function listCounts(words: string[]): string | undefined {
  const groups = Map.groupBy(words, (word) => word);
  return [...groups].map(([word, { length }]) => `${word}:${length}`).join(" ") || undefined;
}
