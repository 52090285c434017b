import { useEffect, useEffectEvent, useState } from "react";

const TYPING_MS = 250;

/** What is typed, and soon after the last key the address. An address that changes otherwise changes what is typed. */
export function useSearchWords(q: string, onSettled: (q: string) => void): [string, (words: string) => void] {
  const [words, setWords] = useState(q);
  const [lastAddress, setLastAddress] = useState(q);
  const settle = useEffectEvent(onSettled);
  if (q !== lastAddress) {
    setLastAddress(q);
    if (q !== words.trim()) setWords(q);
  }
  useEffect(() => {
    const next = words.trim();
    if (next === q) return;
    const timer = setTimeout(() => settle(next), TYPING_MS);
    return () => clearTimeout(timer);
  }, [words, q]);
  return [words, setWords];
}
