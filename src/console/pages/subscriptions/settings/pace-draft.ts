import { err, ok, type Result } from "../../../../kernel/result.ts";
import type { Subscription } from "../subscription-types.ts";

type Pace = Pick<Subscription, "timeoutSeconds" | "maxInFlight" | "rateLimit">;

/** How fast attempts may go, while somebody writes it. Empty: no limit. */
export type PaceDraft = Record<"timeoutSeconds" | "maxInFlight" | "perSecond" | "burst", string>;

export const toPaceDraft = ({ timeoutSeconds, maxInFlight, rateLimit }: Pace): PaceDraft => ({
  timeoutSeconds: String(timeoutSeconds),
  maxInFlight: maxInFlight === null ? "" : String(maxInFlight),
  perSecond: rateLimit === null ? "" : String(rateLimit.perSecond),
  burst: rateLimit === null ? "" : String(rateLimit.burst),
});

const isWhole = (value: number): boolean => Number.isInteger(value) && value >= 1;

/** What is no number at all is said here; how large one may be, the relay says. */
export function readPace(draft: PaceDraft): Result<Pace, Partial<PaceDraft>> {
  const errors: Partial<PaceDraft> = {};
  const readWhole = (field: "timeoutSeconds" | "maxInFlight" | "burst"): number => {
    const value = Number(draft[field]);
    if (!isWhole(value)) errors[field] = "A whole number from 1.";
    return value;
  };
  const timeoutSeconds = readWhole("timeoutSeconds");
  const maxInFlight = draft.maxInFlight.trim() === "" ? null : readWhole("maxInFlight");
  const perSecond = Number(draft.perSecond);
  const isLimited = draft.perSecond.trim() !== "";
  if (isLimited && !(perSecond > 0)) errors.perSecond = "A number above 0.";
  // As the relay fills it in where nobody says it.
  const burst = draft.burst.trim() === "" ? Math.max(1, Math.floor(perSecond)) : isLimited ? readWhole("burst") : 1;
  if (Object.keys(errors).length > 0) return err(errors);
  return ok({ timeoutSeconds, maxInFlight, rateLimit: isLimited ? { perSecond, burst } : null });
}
