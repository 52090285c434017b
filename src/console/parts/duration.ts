const UNITS: [string, number][] = [
  ["d", 86_400],
  ["h", 3600],
  ["min", 60],
  ["s", 1],
];

/** A span of time in its two largest units: "45 s", "5 min", "1 h 30 min". */
export function sayDuration(seconds: number): string {
  if (seconds < 1) return seconds <= 0 ? "0 s" : `${Math.round(seconds * 1000)} ms`;
  let rest = Math.round(seconds);
  const words: string[] = [];
  for (const [unit, length] of UNITS) {
    const count = Math.floor(rest / length);
    if (count > 0) words.push(`${count} ${unit}`);
    // What is smaller than the second unit says nothing beside the first.
    else if (words.length > 0) break;
    rest -= count * length;
    if (words.length === 2) break;
  }
  return words.join(" ");
}

/** How long an answer took: in ms while that is readable. */
export const sayMs = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);
