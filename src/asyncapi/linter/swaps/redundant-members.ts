/** Stands in for `getRedundantProps` of the parser, which looks through all names for each member. */
export function getRedundantProps(names: string[] = [], object: object = {}): string[] {
  const known = new Set(names);
  return Object.keys(object).filter((key) => !known.has(key));
}
