import { z } from "zod";
import type { Quota } from "../../domain/publish-limit.ts";
import { RateLimit } from "../../domain/subscription.ts";
import { logLine } from "../../kernel/log.ts";

/** `50/100`: fifty events a second, a hundred at once. */
const Setting = z
  .string()
  .regex(/^\d+(\.\d+)?\/\d+$/, 'is not like "50/100": events a second, and at once')
  .transform((text) => {
    const [perSecond, burst] = text.split("/").map(Number);
    return { perSecond, burst };
  })
  .pipe(RateLimit);

let known: { setting: string; rate: RateLimit | null } | null = null;

/** How fast one publisher may publish to one log; null: as fast as it can. A setting that cannot be read limits nobody, and says so once an isolate. */
export function publishRate({ PUBLISH_RATE_LIMIT: setting = "" }: Partial<Env>): RateLimit | null {
  if (known?.setting !== setting) known = { setting, rate: readRate(setting) };
  return known.rate;
}

function readRate(setting: string): RateLimit | null {
  if (setting === "") return null;
  const read = Setting.safeParse(setting);
  if (read.success) return read.data;
  logLine("setting_invalid", { name: "PUBLISH_RATE_LIMIT", error: z.prettifyError(read.error) });
  return null;
}

const POLICY = '"publish"';

/** `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10): a full bucket, and the seconds that fill it. */
export function rateHeaders({ perSecond, burst }: RateLimit, { remaining, resetSeconds }: Quota): [string, string][] {
  return [
    ["RateLimit-Policy", `${POLICY};q=${burst};w=${Math.ceil(burst / perSecond)}`],
    ["RateLimit", `${POLICY};r=${remaining};t=${resetSeconds}`],
  ];
}
