const known = new WeakMap<object, number>();

/** How many characters the names and texts of a value have, the value written out: what is in several places counts in each. */
export function writtenSize(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 1;
  const before = known.get(value);
  if (before !== undefined) return before;
  known.set(value, 1); // a circle ends here
  let size = 1;
  for (const [key, member] of Object.entries(value)) size += key.length + writtenSize(member);
  known.set(value, size);
  return size;
}
