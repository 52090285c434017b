import { countOf, formatCount } from "../../../parts/words.ts";
import type { Subscription } from "../subscription-types.ts";

type Doing = Pick<
  Subscription,
  "status" | "endpoint" | "backlog" | "backlogIsExact" | "blockedKeys" | "dead" | "circuit" | "successRateDay"
>;

export type Verdict = { tone: "neutral" | "good" | "warn" | "bad"; words: string };

/** Of all that can be said of a subscription, what matters most. */
export function judgeHealth(doing: Doing): Verdict {
  const { status, endpoint, backlog, blockedKeys, dead, circuit, successRateDay } = doing;
  if (backlog === null) return { tone: "neutral", words: "not known now" };
  if (status === "active" && circuit?.state === "open") return { tone: "bad", words: "endpoint down" };
  if (status === "active" && (blockedKeys ?? 0) > 0)
    return { tone: "warn", words: `${countOf(blockedKeys ?? 0, "key")} blocked` };
  if ((dead ?? 0) > 0) return { tone: "bad", words: `${formatCount(dead ?? 0)} dead` };
  if (backlog > 0 && (status !== "active" || endpoint === null))
    return { tone: "neutral", words: `${sayBacklog(doing)} waiting` };
  if (backlog > 0) return { tone: "good", words: `${sayBacklog(doing)} on the way` };
  // Where nothing was attempted lately there is nothing to be glad of.
  if (successRateDay === null) return { tone: "neutral", words: "nothing outstanding" };
  return { tone: "good", words: "all delivered" };
}

/** A count that stopped at its bound says so. */
export const sayBacklog = ({ backlog, backlogIsExact }: Pick<Doing, "backlog" | "backlogIsExact">): string =>
  backlog === null ? "unknown" : `${formatCount(backlog)}${backlogIsExact === false ? "+" : ""}`;

/** 0.9987 as "99.87 %"; what is not quite all is never rounded up to all. */
export function sayShare(share: number | null): string {
  if (share === null) return "–";
  const percent = share * 100;
  const digits = percent > 99 && percent < 100 ? 2 : percent > 90 && percent < 100 ? 1 : 0;
  const factor = 10 ** digits;
  return `${(Math.floor(percent * factor + 1e-9) / factor).toFixed(digits).replace(/\.0+$/, "")} %`;
}
