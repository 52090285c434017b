import { useEffect, useState } from "react";
import { sayDuration } from "./duration.ts";

const TICK_MS = 1_000;

/** How long until something happens, second by second. */
export function Countdown({ to }: { to: string }) {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.ceil((Date.parse(to) - nowMs) / 1000);
  return (
    <time dateTime={to} title={new Date(to).toLocaleString()}>
      {seconds > 0 ? `in ${sayDuration(seconds)}` : "any moment"}
    </time>
  );
}
