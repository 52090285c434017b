import type { Format } from "../subscription-types.ts";

/** A form that events arrive in, with what only goes with one format. */
export type FormatDraft = { format: Format; structured: boolean; eventPath: "event" | null };
