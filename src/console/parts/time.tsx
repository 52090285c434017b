import { useEffect, useState } from "react";

const TICK_MS = 15_000;
const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
];

const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "short" });
const local = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

/** In a week's time or more, a date says more than a count of days. */
function sayRelative(atMs: number, nowMs: number): string {
  const distanceMs = atMs - nowMs;
  if (Math.abs(distanceMs) > 7 * 86_400_000) return day.format(atMs);
  if (Math.abs(distanceMs) < 1000) return "just now";
  const [unit, unitMs] = STEPS.find(([, ms]) => Math.abs(distanceMs) >= ms) ?? ["second", 1000];
  return relative.format(Math.round(distanceMs / unitMs), unit);
}

/** A moment as people say it; on hover, and to machines, exactly, in UTC. */
export function Time({ at, isExact = false }: { at: string; isExact?: boolean }) {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    if (isExact) return;
    const timer = setInterval(() => setNowMs(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, [isExact]);
  const atMs = Date.parse(at);
  return (
    <time dateTime={at} title={`${local.format(atMs)} · ${new Date(atMs).toISOString()} (UTC)`}>
      {isExact ? local.format(atMs) : sayRelative(atMs, nowMs)}
    </time>
  );
}
