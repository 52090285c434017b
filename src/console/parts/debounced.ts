import { useEffect, useState } from "react";

const QUIET_MS = 250;

/** What somebody types, once they pause: one question instead of one a letter. */
export function useDebounced<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), QUIET_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
