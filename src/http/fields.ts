import { z } from "zod";
import { normalizeAddress } from "../domain/channel-address.ts";
import { CHANNEL_CHARS_MAX, CHANNELS_PER_API_MAX } from "../kernel/limits.ts";

const NAME_CHARS_MAX = 200;
export const TEXT_CHARS_MAX = 4_000;

// biome-ignore lint/suspicious/noControlCharactersInRegex: refusing them is what this is for.
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above, but line breaks and tabs belong into a text.
const CONTROL_IN_TEXT = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

/** One line of text: no control characters, and no half of a surrogate pair, which no database keeps. */
export const Line = (charsMax: number) =>
  z
    .string()
    .max(charsMax)
    .refine((text) => !CONTROL.test(text) && text.isWellFormed(), "must not contain control characters");

export const Name = Line(NAME_CHARS_MAX).refine((text) => text.trim() !== "", "must not be empty");

export const Text = z
  .string()
  .max(TEXT_CHARS_MAX)
  .refine((text) => !CONTROL_IN_TEXT.test(text) && text.isWellFormed(), "must not contain control characters");

export const Id = z
  .guid("must be a UUID")
  .transform((id) => id.toLowerCase())
  .meta({ type: "string", format: "uuid" });

/** An RFC 3339 time as ms since the epoch. */
export const Time = z.iso
  .datetime({ offset: true, error: "must be an RFC 3339 time" })
  .transform((text) => Date.parse(text))
  .meta({ type: "string", format: "date-time" });

/** Addresses of an API's channels; whether it has them is checked against the registry. */
export const Channels = z
  .array(z.string().min(1).max(CHANNEL_CHARS_MAX).transform(normalizeAddress))
  .min(1)
  .max(CHANNELS_PER_API_MAX)
  .transform((addresses) => [...new Set(addresses)])
  .meta({ type: "array", items: { type: "string" } });

/** In format `fortellis`: what stands between the endpoint and the channel. */
export const EventPath = z
  .literal("event")
  .nullable()
  .meta({ type: ["string", "null"], enum: ["event", null] });

/** Times go out as RFC 3339. */
export const toTime = (ms: number): string => new Date(ms).toISOString();

export const toTimeOrNull = (ms: number | null): string | null => (ms === null ? null : toTime(ms));
