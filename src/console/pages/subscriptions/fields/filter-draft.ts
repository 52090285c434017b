import { err, ok, type Result } from "../../../../kernel/result.ts";
import type { Subscription } from "../subscription-types.ts";

type Filter = Subscription["filter"];

/** A filter as text; nothing at all is no filter. Whether it is a good schema, the relay says. */
export function readFilter(text: string): Result<Filter, string> {
  if (text.trim() === "") return ok(null);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return ok(value as Filter);
    return err("A filter is a JSON object: it begins with { and ends with }.");
  } catch (error) {
    return err(`This is no JSON yet: ${error instanceof Error ? error.message : String(error)}`);
  }
}

export const writeFilter = (filter: Filter): string => (filter === null ? "" : JSON.stringify(filter, null, 2));

/** The commonest one, to begin with. */
export const FILTER_EXAMPLE: Filter = {
  properties: { data: { properties: { status: { enum: ["ready", "closed"] } }, required: ["status"] } },
};
